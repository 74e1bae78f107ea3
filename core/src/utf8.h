#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// Where the first byte stands that belongs to no UTF-8 character (overlong forms and surrogates are none); npos: all is
/// well.
size_t find_invalid_utf8(std::string_view text);

/// At most `bytes` of the text, never half a character of valid UTF-8.
std::string_view cut_utf8(std::string_view text, size_t bytes);

/// The text for a message of one line: cut to 60 bytes; control characters, and what is not UTF-8, escaped.
std::string one_line(std::string_view text);

}  // namespace calotype
