#pragma once
#include "text/sdxl_request.h"

namespace calotype::sdxl {

/// Throws what the parsers of the request's prompt_syntax throw at its prompts: Error (config). Encodes nothing.
void check_prompts(const SdxlRequest& request, const DenoiserUse& use);

}  // namespace calotype::sdxl
