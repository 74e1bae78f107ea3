#pragma once
#include <string>
#include <string_view>

namespace calotype::networks {

/// UTF-8 in normal form C and lower case, each character by itself; every byte that is no UTF-8 becomes U+FFFD.
std::string normalized(std::string_view text);

/// Whether the first, or the last, character is one of a word: a letter, a number or _.
bool begins_with_word(std::string_view text);
bool ends_in_word(std::string_view text);

/// The size of the white space that the text begins with, one character, as Python counts it: U+00A0 and U+3000 too. 0:
/// none.
size_t space_before(std::string_view text);
std::string_view without_spaces_around(std::string_view text);

/// A code point as UTF-8.
std::string utf8(char32_t c);

}  // namespace calotype::networks
