#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The text in Unicode's normal form C, in which a letter with an accent is one character. So a typed name equals the
/// name of a file from a Mac. Text that is not UTF-8 is unchanged.
std::string composed(std::string_view text);

}  // namespace calotype
