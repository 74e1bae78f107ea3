#pragma once
#include <calotype/request.h>

#include <string>
#include <vector>

#include "networks/components/text_encoder.h"
#include "networks/model/network.h"
#include "networks/text/tokenizer.h"

namespace calotype::networks {

/// A model's text encoders, one or two, with their tokenizers.
class PromptEncoder {
 public:
  /// One of them.
  struct Component {
    Network network;
    Vocabulary vocabulary;
    std::string activation;  ///< hidden_act where the config has none
    HiddenStates read;
    bool is_second = false;     ///< whether it reads a request's second texts, where there are any
    bool gives_pooled = false;  ///< whether the UNet reads what is pooled of it
  };
  /// Throws Error (bad_data) also where a vocabulary has more tokens than its encoder, or the encoders read unequal
  /// lengths.
  explicit PromptEncoder(const std::vector<Component>& components);

  struct Encoding {
    at::Tensor context;  ///< [1,77,C]: all encoders' tokens side by side
    at::Tensor pooled;   ///< [1,P], whatever the clip_skip; undefined: the UNet reads none

    /// Both in one batch, this one first. Of equal lengths.
    Encoding with(const Encoding& other) const;
    /// Zeros of the same shapes.
    Encoding zeros() const;
  };
  /// `text`, and `text_2` for what is_second. Throws Error (config): `clip_skip: want 0 to 11, got 12`.
  Encoding operator()(const std::string& text, const std::string& text_2, int clip_skip) const;

  /// The texts of one entry in a schedule, and how many entries of it they stand in.
  struct Texts {
    std::string first, second;
    int times = 1;
  };
  /// The texts of one schedule, at least one, by the rules of `syntax`, which is not plain: for each a context
  /// [1,77*n,C], of the same n, and what is pooled from its first chunk. Throws as above.
  std::vector<Encoding> operator()(const std::vector<Texts>& texts, PromptSyntax syntax, int clip_skip) const;

  int64_t context_width() const;
  int64_t pooled_width() const;

 private:
  struct One {
    TextEncoder encoder;
    Tokenizer tokenizer;
    bool is_second, gives_pooled;
  };
  void check_clip_skip(int clip_skip) const;
  size_t length() const { return size_t(all_.front().encoder.length()); }
  /// One encoding for each encoder, as one.
  Encoding together(const std::vector<TextEncoder::Encoding>& each) const;
  std::vector<One> all_;
};

}  // namespace calotype::networks
