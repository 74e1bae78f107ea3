#pragma once
#include <string>
#include <vector>

#include "networks/text/latent_request.h"
#include "networks/text/tokenizer.h"

namespace calotype::networks {

/// A text encoder as it reads prompts.
struct PromptReader {
  Tokenizer tokenizer;
  bool is_second;  ///< whether it reads the second texts, where there are any
  size_t length;   ///< tokens of a text, with begin and end
};

/// What the text encoders of a model do not read of the prompts of prompt_syntax plain, a sentence for each that is
/// cut. A text that two encoders read is told of once.
std::vector<std::string> truncation_warnings(const LatentRequest& request, const DenoiserUse& use,
                                             const std::vector<PromptReader>& readers);

}  // namespace calotype::networks
