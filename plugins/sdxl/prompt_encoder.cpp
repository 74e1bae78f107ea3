#include "prompt_encoder.h"

#include <ATen/ops/cat.h>
#include <calotype/error.h>

#include <algorithm>

namespace calotype::sdxl {
namespace {

[[noreturn]] void bad(const Network& network, const std::string& what, int64_t wanted, int64_t got) {
  throw Error(ErrorCode::bad_data,
              network.weights.where() + ": " + what + ": want " + std::to_string(wanted) + ", got " + std::to_string(got));
}

void check_vocabulary(const Network& network, const Tokenizer& tokenizer, const TextEncoder& encoder) {
  if (tokenizer.size() > encoder.vocabulary())
    bad(network, "rows of token_embedding, as many as the tokenizer has tokens", tokenizer.size(), encoder.vocabulary());
}

}  // namespace

PromptEncoder::PromptEncoder(const Network& first, const Vocabulary& vocabulary, const Network& second,
                             const Vocabulary& vocabulary_2)
    : first_(first.weights, first.config, "quick_gelu"),
      second_(second.weights, second.config, "gelu"),
      tokenizer_(vocabulary, first.weights.where()),
      tokenizer_2_(vocabulary_2, second.weights.where()) {
  check_vocabulary(first, tokenizer_, first_);
  check_vocabulary(second, tokenizer_2_, second_);
  if (first_.length() < 2) bad(first, "rows of position_embedding", 77, first_.length());
  if (first_.length() != second_.length())
    bad(second, "rows of position_embedding, as many as the first encoder's", first_.length(), second_.length());
  if (!second_.pooled_width()) second.weights["text_projection.weight"];
}

PromptEncoder::Encoding PromptEncoder::operator()(const std::string& text, const std::string& text_2, int clip_skip) const {
  const int most = std::min(first_.layers(), second_.layers()) - 1;
  if (clip_skip < 0 || clip_skip > most)
    throw Error(ErrorCode::config, "clip_skip: want 0 to " + std::to_string(most) + ", got " + std::to_string(clip_skip));
  const Tokens tokens = tokenizer_(text, size_t(first_.length())), tokens_2 = tokenizer_2_(text_2, size_t(second_.length()));
  const auto one = first_(tokens.ids, tokens.end, clip_skip), two = second_(tokens_2.ids, tokens_2.end, clip_skip);
  return {at::cat({one.hidden, two.hidden}, -1), two.pooled};
}

}  // namespace calotype::sdxl
