#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace calotype {

/// An integer in decimal, or in hexadecimal after 0x. Nothing else is accepted: not 010, 1e3, 1_000 or 3.0.
std::optional<int64_t> parse_integer(std::string_view text);

/// A decimal number, optionally with fraction and exponent. Not accepted: nan, inf, 010, and numbers that a double
/// cannot hold.
std::optional<double> parse_number(std::string_view text);

/// The shortest text that reads back as this number. Whole numbers below 2^63 have no fraction or exponent.
std::string format_number(double number);
/// The number with six digits, as C++ streams print it in the C locale.
std::string format_short(double number);
/// The number with four decimals, as messages write sigmas.
std::string format_rounded(double number);

}  // namespace calotype
