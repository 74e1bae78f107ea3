#pragma once
#include <calotype/host/resolved_config.h>

#include <string>
#include <string_view>

namespace calotype {

/// The path of an image, as its config gives it. `alone`: the image as a run of its own.
std::string output_path(const ResolvedConfig& config, const std::string& path_template, const Request& alone,
                        int index);

/// "a-2.png" of "a.png" and 2; the path itself for 1. A name that would be longer than `longest` bytes is cut before
/// the number.
std::string numbered(const std::string& path, int number, size_t longest = 255);

/// Writes an output as output.exists has it and returns its path: with `number` the first that is free. With `error`
/// and `skip` a file that is there since the run began is kept: then the bytes are written under a number all the same,
/// and an Error (cannot_create) names it. Temporary files of others stay: a run looks for them once, at its start.
std::string write_output(const std::string& path, std::string_view bytes, IfExists exists);

}  // namespace calotype
