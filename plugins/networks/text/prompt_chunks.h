#pragma once
#include <calotype/request.h>

#include <string>
#include <vector>

#include "networks/text/prompt_syntax.h"
#include "networks/text/tokenizer.h"

namespace calotype::networks {

/// As much of a prompt as a text encoder reads at once.
struct Chunk {
  Tokens tokens;                ///< begin, text, end, padding
  std::vector<double> weights;  ///< of each token, 1 for those that are not of the text
};

/// The chunks of a prompt, each of `length` tokens, at least one; `syntax` is not plain.
///
/// a1111: a chunk is filled to its last token, unless a comma stands among the last 20: then what follows it goes into
/// the next one. comfyui: words, which are what stands between spaces, stay whole unless they have 8 tokens or more.
std::vector<Chunk> chunks_of(const Tokenizer& tokenizer, std::string_view prompt, PromptSyntax syntax, size_t length);

/// That of an empty prompt.
Chunk empty_chunk(const Tokenizer& tokenizer, size_t length);

}  // namespace calotype::networks
