#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// The known name that is most similar to `name`; "" if none is similar enough.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// Whether a path has this ending, in upper or lower case: "A.PNG" has the ending ".png".
bool has_ending(std::string_view path, std::string_view ending);

/// The message: unknown WHAT "NAME"; did you mean "NEAREST"? known: a, b, c. If there are no names: "none is known".
/// `candidates`: names for the suggestion, if these are more than the listed ones (aliases). Of many names the five
/// nearest are listed, followed by `rest`, a command that prints all.
std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known,
                         const std::vector<std::string>& candidates = {}, const std::string& rest = {});

}  // namespace calotype
