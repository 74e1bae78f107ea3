#include "networks/model/prompt_encoder.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>
#include <calotype/error.h>

#include <algorithm>

#include "networks/model/chunk_encoder.h"

namespace calotype::networks {
namespace {

[[noreturn]] void bad(const Network& network, const std::string& what, int64_t wanted, int64_t got) {
  throw Error(ErrorCode::bad_data, network.weights.where() + ": " + what + ": want " + std::to_string(wanted) +
                                       ", got " + std::to_string(got));
}

void check_vocabulary(const Network& network, const Tokenizer& tokenizer, const TextEncoder& encoder) {
  if (tokenizer.size() > encoder.vocabulary())
    bad(network, "rows of token_embedding, as many as the tokenizer has tokens", tokenizer.size(),
        encoder.vocabulary());
}

/// Fills up with empty chunks, each encoder's own, what has fewer than the longest.
void make_equally_many(std::vector<std::vector<ChunkedText>>& encoders, const std::vector<Chunk>& empty) {
  size_t most = 0;
  for (const auto& texts : encoders)
    for (const ChunkedText& text : texts) most = std::max(most, text.chunks.size());
  for (size_t e = 0; e < encoders.size(); ++e)
    for (ChunkedText& text : encoders[e]) text.chunks.resize(most, empty[e]);
}

at::Tensor joined(const at::Tensor& one, const at::Tensor& other) {
  return one.defined() ? at::cat({one, other}) : at::Tensor();
}

}  // namespace

PromptEncoder::Encoding PromptEncoder::Encoding::with(const Encoding& other) const {
  return {at::cat({context, other.context}), joined(pooled, other.pooled)};
}

PromptEncoder::Encoding PromptEncoder::Encoding::zeros() const {
  return {at::zeros_like(context), pooled.defined() ? at::zeros_like(pooled) : at::Tensor()};
}

PromptEncoder::PromptEncoder(const std::vector<Component>& components) {
  for (const Component& c : components) {
    all_.push_back({TextEncoder(c.network.weights, c.network.config, c.activation, c.read),
                    Tokenizer(c.vocabulary, c.network.weights.where()), c.is_second, c.gives_pooled});
    const One& made = all_.back();
    check_vocabulary(c.network, made.tokenizer, made.encoder);
    if (made.encoder.length() < 2) bad(c.network, "rows of position_embedding", 77, made.encoder.length());
    if (made.encoder.length() != all_.front().encoder.length())
      bad(c.network, "rows of position_embedding, as many as the first encoder's", all_.front().encoder.length(),
          made.encoder.length());
    if (c.gives_pooled && !made.encoder.pooled_width()) c.network.weights["text_projection.weight"];
  }
}

void PromptEncoder::check_clip_skip(int clip_skip) const {
  int most = all_.front().encoder.layers() - 1;
  for (const One& one : all_) most = std::min(most, one.encoder.layers() - 1);
  if (clip_skip < 0 || clip_skip > most)
    throw Error(ErrorCode::config,
                "clip_skip: want 0 to " + std::to_string(most) + ", got " + std::to_string(clip_skip));
}

int64_t PromptEncoder::context_width() const {
  int64_t width = 0;
  for (const One& one : all_) width += one.encoder.width();
  return width;
}

int64_t PromptEncoder::pooled_width() const {
  int64_t width = 0;
  for (const One& one : all_) width += one.gives_pooled ? one.encoder.pooled_width() : 0;
  return width;
}

PromptEncoder::Encoding PromptEncoder::together(const std::vector<TextEncoder::Encoding>& each) const {
  std::vector<at::Tensor> hidden;
  Encoding out;
  for (size_t e = 0; e < each.size(); ++e) {
    hidden.push_back(each[e].hidden);
    if (all_[e].gives_pooled) out.pooled = each[e].pooled;
  }
  out.context = hidden.size() == 1 ? hidden.front() : at::cat(hidden, -1);
  return out;
}

PromptEncoder::Encoding PromptEncoder::operator()(const std::string& text, const std::string& text_2,
                                                  int clip_skip) const {
  check_clip_skip(clip_skip);
  std::vector<TextEncoder::Encoding> each;
  for (const One& one : all_) {
    const Tokens tokens = one.tokenizer(one.is_second ? text_2 : text, length());
    each.push_back(one.encoder(tokens.ids, tokens.end, clip_skip));
  }
  return together(each);
}

std::vector<PromptEncoder::Encoding> PromptEncoder::operator()(const std::vector<Texts>& texts, PromptSyntax syntax,
                                                               int clip_skip) const {
  check_clip_skip(clip_skip);
  if (length() < 3) throw Error(ErrorCode::config, "prompt_syntax: want plain for text encoders that read no word");
  std::vector<std::vector<ChunkedText>> chunked;
  std::vector<Chunk> empty;
  for (const One& one : all_) {
    chunked.emplace_back();
    for (const Texts& text : texts)
      chunked.back().push_back(
          {chunks_of(one.tokenizer, one.is_second ? text.second : text.first, syntax, length()), text.times});
    empty.push_back(empty_chunk(one.tokenizer, length()));
  }
  make_equally_many(chunked, empty);
  std::vector<std::vector<TextEncoder::Encoding>> of_text(texts.size());
  for (size_t e = 0; e < all_.size(); ++e) {
    const auto encoded = encode_chunks(all_[e].encoder, all_[e].tokenizer, chunked[e], syntax, clip_skip);
    for (size_t k = 0; k < texts.size(); ++k) of_text[k].push_back(encoded[k]);
  }
  std::vector<Encoding> out;
  for (const auto& each : of_text) out.push_back(together(each));
  return out;
}

}  // namespace calotype::networks
