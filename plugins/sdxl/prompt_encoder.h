#pragma once
#include "network.h"
#include "text_encoder.h"
#include "tokenizer.h"

namespace calotype::sdxl {

/// Both text encoders with their tokenizers.
class PromptEncoder {
 public:
  /// Throws Error (bad_data) also where a vocabulary has more tokens than its encoder, or the encoders read unequal lengths.
  PromptEncoder(const Network& first, const Vocabulary& vocabulary, const Network& second, const Vocabulary& vocabulary_2);

  struct Encoding {
    at::Tensor context;  ///< [1,77,C]: both encoders' tokens side by side
    at::Tensor pooled;   ///< [1,P], of the second, whatever the clip_skip
  };
  /// `text` for the first encoder, `text_2` for the second. Throws Error (config): `clip_skip: want 0 to 11, got 12`.
  Encoding operator()(const std::string& text, const std::string& text_2, int clip_skip) const;

  int64_t context_width() const { return first_.width() + second_.width(); }
  int64_t pooled_width() const { return second_.pooled_width(); }

 private:
  TextEncoder first_, second_;
  Tokenizer tokenizer_, tokenizer_2_;
};

}  // namespace calotype::sdxl
