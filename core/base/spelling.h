#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// The known name that is most like `name`, or "" where none is near enough to be meant.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// Whether a path ends so, in upper or lower case: "A.PNG" has the ending ".png".
bool has_ending(std::string_view path, std::string_view ending);

/// unknown WHAT "NAME"; did you mean "NEAREST"? known: a, b, c -- or, of none, "none is known".
/// `candidates` is where the nearest is looked for, when more than the listed ones will do (aliases). Of many the five
/// nearest are listed, and `rest`, a command that shows all.
std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known,
                         const std::vector<std::string>& candidates = {}, const std::string& rest = {});

}  // namespace calotype
