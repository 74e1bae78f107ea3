#pragma once
#include <calotype/error.h>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace calotype::cli {

/// All that the program prints goes through these: names of files, what a plugin declares and the texts of an
/// image are someone else's, and may neither steer a terminal nor look like another line.

/// A text of several lines; of these nothing is escaped but control characters within them.
void put(std::FILE* to, std::string_view text);
/// One line: a line feed within it is escaped as well.
void put_line(std::FILE* to, std::string_view line);
/// A line that is a path, for scripts: bytes that are no UTF-8 stay, unless a terminal shows them.
void put_path(const std::string& path);
/// Lines of JSON.
void put_json(std::string_view json);

/// The exit code of `body`, or that of what it throws, which is reported on standard error: an Error by `print`.
int exit_code_of(const std::function<int()>& body, void (*print)(const Error& error));

}  // namespace calotype::cli
