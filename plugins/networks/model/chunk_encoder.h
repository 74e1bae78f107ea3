#pragma once
#include "networks/components/text_encoder.h"
#include "networks/text/prompt_chunks.h"

namespace calotype::networks {

/// The chunks of one text, and how many entries of a schedule it stands in.
struct ChunkedText {
  std::vector<Chunk> chunks;
  int times = 1;
};

/// The texts of one schedule through one encoder, each chunk by itself: for each text [1,77*n,C], n the number of its
/// chunks, which is the same for all, and what is pooled from its first.
///
/// a1111: the hidden states of a token times its weight; then all of the same chunk of all texts times one factor,
/// which brings their mean back to what it was. comfyui: the hidden states move away from those of an empty text in the
/// same position, by the weight.
std::vector<TextEncoder::Encoding> encode_chunks(const TextEncoder& encoder, const Tokenizer& tokenizer,
                                                 const std::vector<ChunkedText>& texts, PromptSyntax syntax,
                                                 int clip_skip);

}  // namespace calotype::networks
