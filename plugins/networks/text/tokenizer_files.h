#pragma once
#include <string>

#include "networks/text/tokenizer.h"

namespace calotype::networks {

/// The tokenizer of a diffusers folder: the rules of merges.txt, or of tokenizer.json where that is missing, and the
/// padding token of tokenizer_config.json or special_tokens_map.json, else `pad_token`. Throws Error (no_input,
/// bad_data).
Vocabulary read_vocabulary(const std::string& folder, const std::string& pad_token);

}  // namespace calotype::networks
