#pragma once
#include <calotype/info.h>

#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

namespace calotype {

/// The values of an entry's declared settings in this run. The host has checked their ranges. Reading a setting that
/// the entry does not declare throws std::logic_error. Valid during the call.
class Settings {
 public:
  explicit Settings(const calotype_settings* raw) : raw_(raw) {}

  /// The value of a number, integer or boolean. NaN if it is declared with kNotGiven and the user gave no value.
  double operator[](const Setting& s) const { return find(s).number; }
  /// The value of an integer.
  int64_t integer(const Setting& s) const { return int64_t(find(s).number); }
  /// The value of a boolean.
  bool is_on(const Setting& s) const { return find(s).number != 0; }
  /// False if a number is declared with kNotGiven and the user gave no value.
  bool has(const Setting& s) const { return !std::isnan(find(s).number); }
  /// The number, or `fallback` if the user gave none.
  double value_or(const Setting& s, double fallback) const { return has(s) ? find(s).number : fallback; }
  /// The value of a text or choice. Valid during the call.
  std::string_view text(const Setting& s) const { return find(s).text; }
  /// The value of numbers. Valid during the call.
  std::span<const double> numbers(const Setting& s) const { return {find(s).numbers, find(s).count}; }

 private:
  const calotype_setting& find(const Setting& s) const {
    for (uint32_t i = 0; i < raw_->count; ++i)
      if (s.name == raw_->values[i]->name) return *raw_->values[i];
    throw std::logic_error("setting \"" + std::string(s.name) + "\" is read but not declared");
  }
  const calotype_settings* raw_;
};

}  // namespace calotype
