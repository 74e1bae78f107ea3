#include "base/parse_number.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace calotype {
namespace {

size_t digits(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  return n;
}

/// [+-] (digits [. digits] | . digits) [e [+-] digits], without a zero before another digit.
bool is_decimal(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const size_t whole = digits(text);
  if (whole > 1 && text[0] == '0') return false;
  text.remove_prefix(whole);
  size_t fraction = 0;
  if (text.starts_with('.')) {
    fraction = digits(text.substr(1));
    text.remove_prefix(1 + fraction);
  }
  if (whole + fraction == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size();
}

template <class T, class... Base>
std::optional<T> whole(std::string_view text, Base... base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  if (text.starts_with("0x")) {
    if (text.size() > 2 && text[2] == '-') return std::nullopt;
    return whole<int64_t>(text.substr(2), 16);
  }
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const auto unsigned_part = text.substr(text.starts_with('-'));
  if (unsigned_part.size() > 1 && unsigned_part[0] == '0') return std::nullopt;
  return whole<int64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
  if (!is_decimal(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  return whole<double>(text);
}

std::string format_number(double number) {
  if (number == 0x1p63) return std::to_string(std::numeric_limits<int64_t>::max());
  if (number == std::floor(number) && std::abs(number) < 0x1p63) return std::to_string(int64_t(number));
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string format_short(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number, std::chars_format::general, 6).ptr};
}

std::string format_rounded(double number) {
  return format_number(std::round(number * 1e4) / 1e4);
}

}  // namespace calotype
