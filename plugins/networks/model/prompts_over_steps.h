#pragma once
#include "networks/model/prompt_encoder.h"
#include "networks/text/latent_request.h"

namespace calotype::networks {

/// What the prompts of a request are, step by step.
struct PromptsOverSteps {
  std::vector<PromptEncoder::Encoding> all;  ///< each is another; of batch 1, or with guidance 2: negative, positive
  std::vector<size_t> of_step;               ///< which of them each step takes
};

/// For prompts whose syntax is not plain; each text is encoded once. The shorter of negative and positive is filled up
/// with empty chunks (a1111), or both are repeated to the same length, which attention does not notice (comfyui).
/// zeros_for_empty_prompt: zeros in place of a negative prompt that is not given.
PromptsOverSteps encode_over_steps(const PromptEncoder& encoder, const LatentRequest& request, const DenoiserUse& use,
                                   bool zeros_for_empty_prompt);

}  // namespace calotype::networks
