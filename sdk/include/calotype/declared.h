#pragma once
#include <cstdint>
#include <string_view>

/// Errors in a declaration. None of these functions is constexpr, so a call at compile time is a compile error, and the
/// compiler prints the function's name.
namespace calotype::wrong {
inline void a_name_is_of_a_to_z_and_0_to_9_and_underscore_hyphen_dot_at() {}
inline void a_default_is_outside_its_range() {}
inline void a_lowest_value_is_above_the_highest() {}
inline void a_default_is_none_of_the_choices() {}
inline void a_default_of_numbers_is_written_with_commas_between_them() {}
inline void an_integer_is_beyond_2_to_the_53() {}
inline void two_settings_have_the_same_name() {}
}  // namespace calotype::wrong

/// Checks an author's declarations at compile time.
namespace calotype::declared {

constexpr bool is_any_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

/// A name that a config can contain without quotes: a to z, 0 to 9 and _ - . @
consteval void check_name(std::string_view name) {
  bool is_plain = !name.empty() && name != "null";
  for (const char c : name)
    is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || is_any_of(c, "_-.@"));
  if (!is_plain) wrong::a_name_is_of_a_to_z_and_0_to_9_and_underscore_hyphen_dot_at();
}

/// `value` NaN: no default, which is never out of range.
consteval void check_range(double value, double min, double max) {
  if (!(min <= max)) wrong::a_lowest_value_is_above_the_highest();
  if (value < min || value > max) wrong::a_default_is_outside_its_range();
}

consteval void check_exact(int64_t value) {
  constexpr int64_t kLargest = int64_t(1) << 53;
  if (value < -kLargest || value > kLargest) wrong::an_integer_is_beyond_2_to_the_53();
}

/// `choices`: "first|second".
consteval void check_choice(std::string_view value, std::string_view choices) {
  for (;;) {
    const size_t end = choices.find('|');
    if (choices.substr(0, end) == value) return;
    if (end == std::string_view::npos) break;
    choices.remove_prefix(end + 1);
  }
  wrong::a_default_is_none_of_the_choices();
}

/// Takes the digits at the start of `text` and returns how many there were. They extend `value` on the right.
constexpr int take_digits(std::string_view& text, long double& value) {
  int count = 0;
  for (; !text.empty() && is_any_of(text[0], "0123456789"); text.remove_prefix(1), ++count)
    value = value * 10 + (text[0] - '0');
  return count;
}

/// Takes the number at the start of `text`, in the syntax of JSON.
consteval double take_number(std::string_view& text) {
  const auto take = [&](std::string_view any) {
    const bool is_there = !text.empty() && is_any_of(text[0], any);
    if (is_there) text.remove_prefix(1);
    return is_there;
  };
  const bool is_negative = take("-");
  long double value = 0, exponent = 0;
  if (take_digits(text, value) == 0) wrong::a_default_of_numbers_is_written_with_commas_between_them();
  int scale = take(".") ? take_digits(text, value) : 0;
  if (take("eE")) {
    const bool is_small = take("-") || (take("+") && false);
    if (take_digits(text, exponent) == 0 || exponent > 400)
      wrong::a_default_of_numbers_is_written_with_commas_between_them();
    scale -= int(is_small ? -exponent : exponent);
  }
  long double power = 1;
  for (int i = 0; i < (scale < 0 ? -scale : scale); ++i) power *= 10;
  return double((is_negative ? -1 : 1) * (scale < 0 ? value * power : value / power));
}

/// `value`: "1, 2, 3", or "" for an empty list. Each number must lie in [min, max].
consteval void check_numbers(std::string_view value, double min, double max) {
  check_range(min, min, max);
  const auto skip_spaces = [&] {
    while (!value.empty() && value[0] == ' ') value.remove_prefix(1);
  };
  skip_spaces();
  while (!value.empty()) {
    check_range(take_number(value), min, max);
    skip_spaces();
    if (value.empty()) return;
    if (value[0] != ',') wrong::a_default_of_numbers_is_written_with_commas_between_them();
    value.remove_prefix(1);
    skip_spaces();
    if (value.empty()) wrong::a_default_of_numbers_is_written_with_commas_between_them();
  }
}

}  // namespace calotype::declared
