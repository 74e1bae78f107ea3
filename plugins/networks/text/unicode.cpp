#include "networks/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace calotype::networks {
namespace {

constexpr char32_t kReplacement = 0xFFFD, kDottedI = 0x130, kDotAbove = 0x307;

/// The code point at the front of `text`, which it shortens; U+FFFD for a byte that begins none.
char32_t take(std::string_view& text) {
  utf8proc_int32_t c = 0;
  const auto size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()), &c);
  text.remove_prefix(size > 0 ? size_t(size) : 1);
  return size > 0 ? char32_t(c) : kReplacement;
}

bool is_in_word(char32_t c) {
  const auto category = c == kReplacement ? UTF8PROC_CATEGORY_CN : utf8proc_category(utf8proc_int32_t(c));
  return c == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

std::string composed(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()),
                                 &out, utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, std::free);
  if (size < 0) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(out), size_t(size)};
}

}  // namespace

bool begins_with_word(std::string_view text) {
  return !text.empty() && is_in_word(take(text));
}

size_t space_before(std::string_view text) {
  if (text.empty()) return 0;
  std::string_view rest = text;
  const char32_t c = take(rest);
  const bool is_ascii = c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
  const auto category = utf8proc_category(utf8proc_int32_t(c));
  const bool is_other = c == 0x85 || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
                        category == UTF8PROC_CATEGORY_ZP;
  return is_ascii || is_other ? text.size() - rest.size() : 0;
}

std::string_view without_spaces_around(std::string_view text) {
  while (const size_t space = space_before(text)) text.remove_prefix(space);
  size_t end = text.size();  // of what is no white space
  for (size_t at = 0, last = 0; at < text.size();) {
    const size_t space = space_before(text.substr(at));
    if (!space)
      last = ++at;
    else
      at += space;
    end = last;
  }
  return text.substr(0, end);
}

bool ends_in_word(std::string_view text) {
  constexpr size_t kLongest = 4;
  for (size_t size = std::min(kLongest, text.size()); size > 0; --size) {
    std::string_view last = text.substr(text.size() - size);
    const char32_t c = take(last);
    if (last.empty()) return is_in_word(c);
  }
  return false;
}

std::string utf8(char32_t c) {
  utf8proc_uint8_t bytes[4];
  return {reinterpret_cast<const char*>(bytes), size_t(utf8proc_encode_char(utf8proc_int32_t(c), bytes))};
}

std::string normalized(std::string_view text) {
  std::string valid, lower;
  while (!text.empty()) valid += utf8(take(text));
  const std::string form_c = composed(valid);
  for (std::string_view rest = form_c; !rest.empty();) {
    const char32_t c = take(rest);
    // the one character whose lower case is two
    lower += c == kDottedI ? "i" + utf8(kDotAbove) : utf8(char32_t(utf8proc_tolower(utf8proc_int32_t(c))));
  }
  return lower;
}

}  // namespace calotype::networks
