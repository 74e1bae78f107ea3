#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calotype::networks {

/// A part of a prompt whose tokens have one weight.
struct WeightedText {
  std::string text;
  double weight = 1;
  bool is_break = false;  ///< no text: the word BREAK, after which a new chunk begins

  bool operator==(const WeightedText&) const = default;
};

/// A1111's weights: (x) is 1.1 times, (x:1.2) 1.2 times, [x] 1/1.1 times what is around it; \( \) \[ \] \\ are the
/// characters; BREAK is a word in capitals. A bracket that is never closed works to the end, one that was never opened
/// is text, and so is a weight that is no number. Neighbours of one weight are one part. Never empty.
///
/// One departure: a BREAK within brackets breaks too; A1111 would take it for a word.
/// Throws Error (config) where more than 1000 brackets are open.
std::vector<WeightedText> parse_a1111(std::string_view prompt);

/// ComfyUI's weights: (x) is 1.1 times what is around it, (x:1.2) is 1.2 whatever is around it; \( and \) are the
/// characters. Brackets that do not match are text as ComfyUI has it: from where they stand no pair opens at the
/// outermost level. Throws Error (config) where more than 1000 brackets are open.
std::vector<WeightedText> parse_comfyui(std::string_view prompt);

/// A finite decimal number that is all of `text`, spaces around it aside: "1", "+.5", "1e-3".
std::optional<double> decimal(std::string_view text);

/// What every parser of prompts throws where brackets are nested deeper than it will follow.
inline constexpr size_t kMostOpenBrackets = 1000;
[[noreturn]] void fail_too_deep();

}  // namespace calotype::networks
