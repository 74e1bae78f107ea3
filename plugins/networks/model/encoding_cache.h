#pragma once
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <tuple>

#include "networks/model/prompts_over_steps.h"

namespace calotype::networks {

/// What of a request its encoded prompts depend on.
struct PromptKey {
  using Text = std::optional<std::string>;
  std::string prompt;
  Text prompt_2, negative_prompt, negative_prompt_2;
  PromptSyntax syntax;
  int clip_skip;
  bool is_guided;
  int steps;  ///< over which prompts may change; 0 where they do not

  PromptKey(const LatentRequest& r, const DenoiserUse& use)
      : prompt(r.prompt),
        prompt_2(r.prompt_2),
        negative_prompt(r.negative_prompt),
        negative_prompt_2(r.negative_prompt_2),
        syntax(r.prompt_syntax),
        clip_skip(r.clip_skip),
        is_guided(r.takes_negative(use)),
        steps(r.prompt_syntax == PromptSyntax::plain ? 0
              : use.sigmas.empty()                   ? r.steps
                                                     : int(use.sigmas.size()) - 1) {}
  bool operator==(const PromptKey&) const = default;
};

/// The encodings of the last prompts: a run with one of them has no need of the text encoders. Each takes 300 KB in
/// bfloat16.
class EncodingCache {
 public:
  const PromptsOverSteps& get(const LatentRequest& request, const DenoiserUse& use,
                              const std::function<PromptsOverSteps()>& encode) {
    const PromptKey key(request, use);
    for (auto it = last_.begin(); it != last_.end(); ++it)
      if (it->first == key) {
        last_.splice(last_.begin(), last_, it);
        return last_.front().second;
      }
    last_.emplace_front(key, encode());
    if (last_.size() > kMost) last_.pop_back();
    return last_.front().second;
  }

 private:
  static constexpr size_t kMost = 32;
  std::list<std::pair<PromptKey, PromptsOverSteps>> last_;
};

}  // namespace calotype::networks
