#include "networks/model/chunk_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>

namespace calotype::networks {
namespace {

bool is_weighted(const Chunk& chunk) {
  return std::any_of(chunk.weights.begin(), chunk.weights.end(), [](double weight) { return weight != 1; });
}

/// [1,T,1] float32
at::Tensor weights_of(const Chunk& chunk, const at::Tensor& like) {
  return at::tensor(at::ArrayRef<double>(chunk.weights), at::kFloat).to(like.device()).view({1, -1, 1});
}

TextEncoder::Encoding encode(const TextEncoder& encoder, const Chunk& chunk, int clip_skip) {
  return encoder(chunk.tokens.ids, chunk.tokens.end, clip_skip);
}

/// Chunk `i` of all texts: hidden states [1,T,C], each.
void weigh_as_a1111(const std::vector<ChunkedText>& texts, size_t i, std::vector<at::Tensor>& hidden) {
  if (std::none_of(texts.begin(), texts.end(), [&](const ChunkedText& t) { return is_weighted(t.chunks[i]); })) return;
  double before = 0, after = 0;
  std::vector<at::Tensor> weighted;
  for (size_t k = 0; k < texts.size(); ++k) {
    const at::Tensor exact = hidden[k].to(at::kFloat);
    weighted.push_back(exact * weights_of(texts[k].chunks[i], exact));
    before += texts[k].times * exact.mean().item<double>();
    after += texts[k].times * weighted[k].mean().item<double>();
  }
  for (size_t k = 0; k < texts.size(); ++k) hidden[k] = (weighted[k] * (before / after)).to(hidden[k].scalar_type());
}

at::Tensor weighed_as_comfyui(const Chunk& chunk, const at::Tensor& hidden, const at::Tensor& empty) {
  const at::Tensor exact = hidden.to(at::kFloat), origin = empty.to(at::kFloat), weights = weights_of(chunk, exact);
  return at::where(weights == 1, exact, (exact - origin) * weights + origin).to(hidden.scalar_type());
}

}  // namespace

std::vector<TextEncoder::Encoding> encode_chunks(const TextEncoder& encoder, const Tokenizer& tokenizer,
                                                 const std::vector<ChunkedText>& texts, PromptSyntax syntax,
                                                 int clip_skip) {
  std::vector<std::vector<at::Tensor>> contexts(texts.size());
  std::vector<TextEncoder::Encoding> out(texts.size());
  at::Tensor empty;
  for (size_t i = 0; i < texts.at(0).chunks.size(); ++i) {
    std::vector<at::Tensor> hidden;
    for (size_t k = 0; k < texts.size(); ++k) {
      const Chunk& chunk = texts[k].chunks[i];
      auto encoding = encode(encoder, chunk, clip_skip);
      if (i == 0) out[k].pooled = encoding.pooled;
      if (syntax == PromptSyntax::comfyui && is_weighted(chunk)) {
        if (!empty.defined())
          empty = encode(encoder, empty_chunk(tokenizer, chunk.tokens.ids.size()), clip_skip).hidden;
        encoding.hidden = weighed_as_comfyui(chunk, encoding.hidden, empty);
      }
      hidden.push_back(encoding.hidden);
    }
    if (syntax == PromptSyntax::a1111) weigh_as_a1111(texts, i, hidden);
    for (size_t k = 0; k < texts.size(); ++k) contexts[k].push_back(hidden[k]);
  }
  for (size_t k = 0; k < texts.size(); ++k) out[k].hidden = at::cat(contexts[k], 1);
  return out;
}

}  // namespace calotype::networks
