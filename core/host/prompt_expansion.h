#pragma once
#include <calotype/host/plan.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// Chooses what prompts leave open: {a|b|c} is one of them, {3::a|b} the first three times as often as the second;
/// __name__ is a line of name.txt in the folder of wildcards, where there is one. Each may stand within the other. \{
/// and \} are the characters, \| is one within braces; braces that do not match are text, and so are bars within square
/// brackets.
///
/// The choice depends on the prompt, the files and the seed, and is the same on every machine: choice n is a number
/// made from (seed, n) alone.
class PromptExpander {
 public:
  /// `wildcards`: a folder, or "" for none: __name__ then is text. Reads nothing yet.
  explicit PromptExpander(std::string wildcards) : folder_(std::move(wildcards)) {}

  /// The prompts of image `image` of a config, as they are to be encoded. All that expand like `prompt` choose alike,
  /// and so do all that expand like `negative_prompt`, otherwise than those. Throws Error: config, `prompt: no file
  /// "w/colr.txt": unknown wildcard "colr"; did you mean "color"? ...`, also for more than 100 braces and wildcards
  /// within each other, 10000 choices or 1 MiB of text; bad_data for a file without lines or that is no UTF-8.
  Prompts operator()(const ResolvedConfig& config, int image);

 private:
  class Choices;
  class Text;
  const std::vector<std::string>& lines(const std::string& name, const Choices& choices);
  std::string path_of(const std::string& name) const;
  std::vector<std::string> known() const;
  std::string folder_;
  std::map<std::string, std::vector<std::string>, std::less<>> files_;
};

}  // namespace calotype
