#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The position of the first byte that belongs to no UTF-8 character; overlong forms and surrogates are not UTF-8.
/// npos: the text is UTF-8.
size_t find_invalid_utf8(std::string_view text);

/// At most `bytes` bytes of the text. Never cuts a valid UTF-8 character.
std::string_view cut_utf8(std::string_view text, size_t bytes);

/// The text in a form that is safe to print. Escapes control characters except tab and line feed (C0, DEL, C1), marks
/// of writing direction, line separators, and bytes that are not UTF-8: \x1b, \u202e.
std::string printable(std::string_view text);
/// As printable, on one line: a line feed becomes \n, a tab \t.
std::string printable_line(std::string_view text);
/// As above, for a path that a program may read: bytes that are not UTF-8 stay.
std::string printable_path(std::string_view path);
/// As above, for a value in a message: cut to 60 bytes.
std::string one_line(std::string_view text);

/// JSON in a form that is safe to print: characters that `printable` escapes become \u202e. Only its strings can
/// contain them.
std::string printable_json(std::string_view json);

}  // namespace calotype
