#pragma once
#include <calotype/info.h>
#include <calotype/value.h>

#include <cmath>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// The values of a run for the request keys that its loader and its pipeline declare: Info::request. The host has
/// checked them. A key that nobody gave has its declared default.
class RequestOptions {
 public:
  /// The value of a number, integer or boolean; NaN if nobody gave it and it has no default.
  double operator[](const Setting& key) const {
    const Value* found = find(key.name);
    if (!found) return key.value;
    if (const auto* b = std::get_if<bool>(found)) return *b;
    const auto* number = std::get_if<double>(found);
    return number ? *number : std::nan("");
  }
  /// The value of an integer.
  int integer(const Setting& key) const { return int((*this)[key]); }
  /// The value of a boolean.
  bool is_on(const Setting& key) const { return (*this)[key] != 0; }
  /// Whether a number, text, choice or list that may be absent is there.
  bool has(const Setting& key) const {
    if (const Value* found = find(key.name)) return !std::holds_alternative<std::monostate>(*found);
    return !key.is_optional;
  }
  /// The value of a text or choice; "" where it is absent.
  std::string_view text(const Setting& key) const {
    const Value* found = find(key.name);
    if (!found) return key.text;
    const auto* text = std::get_if<std::string>(found);
    return text ? std::string_view(*text) : std::string_view();
  }
  /// The value of a list of numbers; empty where it is absent. Valid until the next `set`.
  std::span<const double> numbers(const Setting& key) const {
    const Value* found = find(key.name);
    const auto* numbers = found ? std::get_if<Numbers>(found) : nullptr;
    return numbers ? std::span<const double>(*numbers) : std::span<const double>();
  }

  void set(std::string_view name, Value value) { values_.insert_or_assign(std::string(name), std::move(value)); }
  /// Null where nobody gave it.
  const Value* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  /// All that are given, by name.
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace calotype
