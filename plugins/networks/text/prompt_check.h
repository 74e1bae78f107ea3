#pragma once
#include "networks/text/latent_request.h"

namespace calotype::networks {

/// Throws what the parsers of the request's prompt_syntax throw at its prompts: Error (config). Encodes nothing.
void check_prompts(const LatentRequest& request, const DenoiserUse& use);

}  // namespace calotype::networks
