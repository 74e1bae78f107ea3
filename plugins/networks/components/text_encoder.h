#pragma once
#include <optional>
#include <span>
#include <vector>

#include "networks/files/model_config.h"
#include "networks/ops/attention.h"
#include "networks/ops/layers.h"

namespace calotype::networks {

/// Which hidden states a UNet reads, where no layer is skipped.
enum class HiddenStates {
  last_normalised,  ///< of the last layer, through the final norm: Stable Diffusion 1 and 2
  before_last       ///< of the layer before the last, as they are: SDXL
};

/// CLIP's text transformer (Radford et al. 2021): ViT-L and OpenCLIP's H and bigG, which differ by width, depth and
/// settings.
class TextEncoder {
 public:
  /// `activation`: hidden_act where the config has none. Throws Error (bad_data).
  TextEncoder(const Weights& weights, const ModelConfig& config, const std::string& activation,
              HiddenStates read = HiddenStates::before_last);

  struct Encoding {
    at::Tensor hidden;  ///< [1,T,C]
    at::Tensor
        pooled;  ///< [1,P]: the whole depth, at the end-of-text token; undefined for an encoder without projection
  };
  /// ids: T of them; `end`: position of the first end-of-text token; clip_skip: by how many layers earlier the hidden
  /// states are taken, 0 to layers() - 1.
  Encoding operator()(std::span<const int64_t> ids, int64_t end, int clip_skip) const;

  int layers() const { return int(layers_.size()); }
  int64_t width() const { return tokens_.size(1); }
  /// Tokens of a text, with begin, end and padding: 77.
  int64_t length() const { return positions_.size(0); }
  int64_t vocabulary() const { return tokens_.size(0); }
  /// Width of `pooled`, 0 without projection.
  int64_t pooled_width() const { return projection_ ? projection_->outputs() : 0; }

 private:
  struct Layer {
    LayerNorm norm1, norm2;
    SelfAttention attention;
    Linear widening, narrowing;
    bool quick_gelu;

    Layer(const Weights& weights, int64_t heads, double epsilon, bool quick_gelu);
    at::Tensor operator()(at::Tensor x) const;
  };
  at::Tensor tokens_, positions_;  // [vocabulary,C], [T,C]
  std::vector<Layer> layers_;
  LayerNorm norm_;
  std::optional<Linear> projection_;
  HiddenStates read_;
};

}  // namespace calotype::networks
