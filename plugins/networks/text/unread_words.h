#pragma once
#include <string>
#include <vector>

#include "networks/text/latent_request.h"

namespace calotype::networks {

/// What stands in the prompts of a request, as they are once they are expanded, and is words to the text encoders while
/// other programs, or another prompt_syntax, do something by it: <lora:x:1>, embedding:x, AND, __x__, and what
/// prompt_syntax: plain leaves as it is. A sentence for each prompt and kind.
std::vector<std::string> unread_words(const LatentRequest& request, const DenoiserUse& use);

}  // namespace calotype::networks
