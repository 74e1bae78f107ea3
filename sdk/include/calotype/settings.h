#pragma once
#include <calotype/info.h>

#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

namespace calotype {

/// The values of an entry's declared settings in this run. Ranges are checked already.
class Settings {
 public:
  explicit Settings(const calotype_settings* raw) : raw_(raw) {}

  /// A number, integer or boolean. NaN where it is declared with kNotGiven and the user gave none.
  double operator[](const Setting& s) const { return find(s).number; }
  int64_t integer(const Setting& s) const { return int64_t(find(s).number); }
  bool is_on(const Setting& s) const { return find(s).number != 0; }
  bool has(const Setting& s) const { return !std::isnan(find(s).number); }
  /// The number, or `fallback` where none was given.
  double value_or(const Setting& s, double fallback) const { return has(s) ? find(s).number : fallback; }
  std::string_view text(const Setting& s) const { return find(s).text; }
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
