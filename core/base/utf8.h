#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// Where the first byte stands that belongs to no UTF-8 character (overlong forms and surrogates are none); npos: all
/// is well.
size_t find_invalid_utf8(std::string_view text);

/// At most `bytes` of the text, never half a character of valid UTF-8.
std::string_view cut_utf8(std::string_view text, size_t bytes);

/// The text as it may be printed: control characters but tab and line feed (C0, DEL, C1), marks that turn the direction
/// of writing, separators of lines, and bytes that are no UTF-8 are escaped: \x1b, \u202e.
std::string printable(std::string_view text);
/// The same on one line: a line feed is \n, a tab \t.
std::string printable_line(std::string_view text);
/// The same for a path that a program may read: bytes that are no UTF-8 stay.
std::string printable_path(std::string_view path);
/// The same for a value within a message: cut to 60 bytes.
std::string one_line(std::string_view text);

/// JSON as it may be printed: what `printable` escapes is \u202e there too. Only its texts can hold such.
std::string printable_json(std::string_view json);

}  // namespace calotype
