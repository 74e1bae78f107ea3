#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calotype::networks {

/// A text that a prompt stands for up to a step.
struct ScheduledText {
  int last_step;  ///< from 1
  std::string text;
  bool operator==(const ScheduledText&) const = default;
};

/// A1111's prompts that change over `steps` >= 1 steps: [a:b:8] is a for 8 steps, then b; [a:b:0.4] for 40 % of them,
/// rounded down; either may be empty, and [b:8] is [:b:8]. A number from 1 is a count of steps. [a|b] is a, then b,
/// then a again, a step each. They may stand within each other. Brackets that are neither, or do not match, stay as
/// they are, and so do escaped ones and all of the weights. In order, the last one for `steps`; neighbours may be
/// equal.
///
/// One departure: a bar outside of brackets is text; A1111 then reads no schedule anywhere in the prompt.
/// Throws Error (config) where brackets are more than 1000 deep.
std::vector<ScheduledText> prompt_schedule(std::string_view prompt, int steps);

}  // namespace calotype::networks
