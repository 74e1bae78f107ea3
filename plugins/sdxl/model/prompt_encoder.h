#pragma once
#include <calotype/request.h>

#include <optional>

#include "model/network.h"
#include "networks/text_encoder.h"
#include "text/tokenizer.h"

namespace calotype::sdxl {

/// Both text encoders with their tokenizers, or, for the refiner, the second alone.
class PromptEncoder {
 public:
  /// `first` without a tensor: there is none. Throws Error (bad_data) also where a vocabulary has more tokens than its
  /// encoder, or the encoders read unequal lengths.
  PromptEncoder(const Network& first, const Vocabulary& vocabulary, const Network& second,
                const Vocabulary& vocabulary_2);

  struct Encoding {
    at::Tensor context;  ///< [1,77,C]: both encoders' tokens side by side
    at::Tensor pooled;   ///< [1,P], of the second, whatever the clip_skip
  };
  /// `text` for the first encoder, `text_2` for the second. Throws Error (config): `clip_skip: want 0 to 11, got 12`.
  Encoding operator()(const std::string& text, const std::string& text_2, int clip_skip) const;

  /// One text for each encoder, and how many entries of a schedule they stand in.
  struct Texts {
    std::string first, second;
    int times = 1;
  };
  /// The texts of one schedule, at least one, by the rules of `syntax`, which is not plain: for each a context
  /// [1,77*n,C], of the same n, and what is pooled from its first chunk. Throws as above.
  std::vector<Encoding> operator()(const std::vector<Texts>& texts, PromptSyntax syntax, int clip_skip) const;

  int64_t context_width() const { return (first_ ? first_->width() : 0) + second_.width(); }
  int64_t pooled_width() const { return second_.pooled_width(); }

 private:
  void check_clip_skip(int clip_skip) const;
  std::optional<TextEncoder> first_;
  TextEncoder second_;
  std::optional<Tokenizer> tokenizer_;
  Tokenizer tokenizer_2_;
};

}  // namespace calotype::sdxl
