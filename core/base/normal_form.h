#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The text in Unicode's normal form C, in which a letter with its accent is one character: a name that was typed and
/// that of a file from a Mac then compare. What is not UTF-8 stays as it is.
std::string composed(std::string_view text);

}  // namespace calotype
