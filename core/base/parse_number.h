#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace calotype {

/// Decimal, or 0x and hexadecimal digits. Nothing else is an integer: not 010, 1e3, 1_000 or 3.0.
std::optional<int64_t> parse_integer(std::string_view text);

/// Decimal, with a fraction and an exponent if need be; not nan, inf, 010, or what a double cannot hold.
std::optional<double> parse_number(std::string_view text);

/// The shortest text that reads back as this number; whole numbers below 2^63 without fraction or exponent.
std::string format_number(double number);
/// The same of the number to six digits, as C++ streams print it where nobody has changed their locale.
std::string format_short(double number);
/// The same of the number to four decimals, as messages say sigmas.
std::string format_rounded(double number);

}  // namespace calotype
