#include "model/prompt_encoder.h"

#include <ATen/ops/cat.h>
#include <calotype/error.h>

#include <algorithm>
#include <array>

#include "model/chunk_encoder.h"

namespace calotype::sdxl {
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
void make_equally_many(std::array<std::vector<ChunkedText>*, 2> encoders, const std::array<Chunk, 2>& empty) {
  size_t most = 0;
  for (const auto* texts : encoders)
    for (const ChunkedText& text : *texts) most = std::max(most, text.chunks.size());
  for (size_t e = 0; e < encoders.size(); ++e)
    for (ChunkedText& text : *encoders[e]) text.chunks.resize(most, empty[e]);
}

}  // namespace

PromptEncoder::PromptEncoder(const Network& first, const Vocabulary& vocabulary, const Network& second,
                             const Vocabulary& vocabulary_2)
    : second_(second.weights, second.config, "gelu"), tokenizer_2_(vocabulary_2, second.weights.where()) {
  check_vocabulary(second, tokenizer_2_, second_);
  if (second_.length() < 2) bad(second, "rows of position_embedding", 77, second_.length());
  if (first.weights.has("text_model")) {
    first_.emplace(first.weights, first.config, "quick_gelu");
    tokenizer_.emplace(vocabulary, first.weights.where());
    check_vocabulary(first, *tokenizer_, *first_);
    if (first_->length() != second_.length())
      bad(second, "rows of position_embedding, as many as the first encoder's", first_->length(), second_.length());
  }
  if (!second_.pooled_width()) second.weights["text_projection.weight"];
}

void PromptEncoder::check_clip_skip(int clip_skip) const {
  const int most = std::min(first_ ? first_->layers() : second_.layers(), second_.layers()) - 1;
  if (clip_skip < 0 || clip_skip > most)
    throw Error(ErrorCode::config,
                "clip_skip: want 0 to " + std::to_string(most) + ", got " + std::to_string(clip_skip));
}

PromptEncoder::Encoding PromptEncoder::operator()(const std::string& text, const std::string& text_2,
                                                  int clip_skip) const {
  check_clip_skip(clip_skip);
  const auto length = size_t(second_.length());
  const Tokens tokens_2 = tokenizer_2_(text_2, length);
  const auto two = second_(tokens_2.ids, tokens_2.end, clip_skip);
  if (!first_) return {two.hidden, two.pooled};
  const Tokens tokens = (*tokenizer_)(text, length);
  const auto one = (*first_)(tokens.ids, tokens.end, clip_skip);
  return {at::cat({one.hidden, two.hidden}, -1), two.pooled};
}

std::vector<PromptEncoder::Encoding> PromptEncoder::operator()(const std::vector<Texts>& texts, PromptSyntax syntax,
                                                               int clip_skip) const {
  check_clip_skip(clip_skip);
  const auto length = size_t(second_.length());
  if (length < 3) throw Error(ErrorCode::config, "prompt_syntax: want plain for text encoders that read no word");
  std::vector<ChunkedText> one, two;
  for (const Texts& text : texts) {
    if (first_) one.push_back({chunks_of(*tokenizer_, text.first, syntax, length), text.times});
    two.push_back({chunks_of(tokenizer_2_, text.second, syntax, length), text.times});
  }
  const Chunk empty_2 = empty_chunk(tokenizer_2_, length);
  make_equally_many({&one, &two}, {first_ ? empty_chunk(*tokenizer_, length) : empty_2, empty_2});
  const auto hidden_2 = encode_chunks(second_, tokenizer_2_, two, syntax, clip_skip);
  const auto hidden = first_ ? encode_chunks(*first_, *tokenizer_, one, syntax, clip_skip) : decltype(hidden_2){};
  std::vector<Encoding> out;
  for (size_t k = 0; k < texts.size(); ++k)
    out.push_back(
        {first_ ? at::cat({hidden[k].hidden, hidden_2[k].hidden}, -1) : hidden_2[k].hidden, hidden_2[k].pooled});
  return out;
}

}  // namespace calotype::sdxl
