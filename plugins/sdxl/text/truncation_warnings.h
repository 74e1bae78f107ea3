#pragma once
#include <string>
#include <vector>

#include "text/sdxl_request.h"
#include "text/tokenizer.h"

namespace calotype::sdxl {

/// What text encoders of `length` tokens do not read of the prompts of prompt_syntax plain, a sentence for each that is
/// cut. `first`: null where a model has the second encoder alone.
std::vector<std::string> truncation_warnings(const SdxlRequest& request, const DenoiserUse& use, const Tokenizer* first,
                                             const Tokenizer& second, size_t length);

}  // namespace calotype::sdxl
