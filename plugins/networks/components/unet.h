#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "networks/components/unet_blocks.h"
#include "networks/files/model_config.h"

namespace calotype::networks {

/// Sinusoids of numbers (Vaswani et al. 2017), as diffusers computes them.
class Sinusoids {
 public:
  /// `width` even; config: flip_sin_to_cos, freq_shift.
  Sinusoids(int64_t width, const ModelConfig& config, at::Device device);
  /// The frequencies fall to 1/10000 after width/2 - shift of them.
  Sinusoids(int64_t width, bool cosines_first, double shift, at::Device device);
  /// values [N] float32 -> [N,width] float32
  at::Tensor operator()(const at::Tensor& values) const;
  int64_t width() const { return 2 * frequencies_.size(0); }

 private:
  at::Tensor frequencies_;  // [width/2] float32
  bool cosines_first_;
};

/// Two linear layers with a SiLU between.
class Embedding {
 public:
  explicit Embedding(const Weights& weights);
  /// [N,in] -> [N,out]
  at::Tensor operator()(const at::Tensor& x) const;
  int64_t inputs() const { return linear1_.inputs(); }

 private:
  Linear linear1_, linear2_;
};

/// The denoising network of Stable Diffusion, from 1 to XL (diffusers' UNet2DConditionModel). Number and width of its
/// blocks are those of the tensors, and so it is SSD-1B's, Vega's and KOALA's too.
class Unet {
 public:
  /// `pooled_width`: P below, 0 where it reads none. Throws Error (bad_data) where a tensor is missing, a setting is
  /// none that this network can follow, or the text encoders are not those it was made for. `streamed`: blocks are read
  /// from `weights` as they run.
  Unet(const Weights& weights, const ModelConfig& config, int64_t pooled_width, bool streamed = false);

  /// All that stays the same from step to step.
  struct Conditioning {
    Context context;
    at::Tensor added;       ///< [N,T], what is added to the time embedding; undefined: nothing
    at::Tensor guidance{};  ///< [1,T'], what is added to the sinusoids of time; undefined but for takes_guidance()

    /// The same with other rows: `change` is told [N,...] and gives as many as there are then.
    Conditioning changed(const std::function<at::Tensor(const at::Tensor&)>& change) const;
    /// All that a call reads once the text was read, in tensors of its own. The text itself is not among it.
    Conditioning buffers() const;
    /// Writes what `from`, of the same shapes, whose text was read, says into these buffers.
    void write(const Conditioning& from);
  };
  /// context [N,S,D], pooled [N,P], sizes [N,size_numbers()] float32: original height, width, crop top, left, then
  /// target height, width or the refiner's aesthetic score; neither is read where size_numbers() is 0. guidance_scale:
  /// where takes_guidance().
  Conditioning condition(const at::Tensor& context, const at::Tensor& pooled, const at::Tensor& sizes,
                         double guidance_scale = 1) const;

  /// Computes the keys and values of the text for all layers, where they are not there yet; the first call does it too.
  void read_text(const Conditioning& conditioning) const;

  /// x [N,4,H,W] of any H and W, N that of the conditioning -> [N,4,H,W], both in the type of the weights. `deep`:
  /// null, or where the features [N,C,H,W] are kept that enter the outermost blocks on the way up. Where they are there
  /// already only those blocks run, and of the way down those that have skips for them.
  at::Tensor operator()(const at::Tensor& x, double timestep, const Conditioning& conditioning,
                        at::Tensor* deep = nullptr) const;
  /// The same for timesteps [N] float32 on the device of x, of which no value is read on the CPU.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& timesteps, const Conditioning& conditioning,
                        at::Tensor* deep = nullptr) const;

  int64_t channels() const { return conv_in_.inputs(); }
  int64_t context_width() const { return context_width_; }
  /// How many numbers tell it of sizes and crop: 6, 5 for SDXL's refiner, 0 where it reads none.
  int64_t size_numbers() const { return size_numbers_; }
  /// Whether it was distilled with guidance inside, so that it knows the scale and needs one call a step (latent
  /// consistency models: Luo et al. 2023, arXiv:2310.04378).
  bool takes_guidance() const { return guidance_.has_value(); }
  /// Device and type of the weights.
  at::TensorOptions options() const { return conv_in_.options(); }

 private:
  /// Blocks, by their positions in blocks_, then a change of size or none.
  struct Stage {
    size_t first = 0, count = 0;
    std::optional<Conv> resize;
  };
  /// `level` of the image's sizes, 0 the largest, which the number of heads goes by.
  Stage stage(const Weights& weights, int level);
  void check_skips(const std::string& where) const;

  // settings first: the parts are built from them
  int64_t groups_;
  double epsilon_;
  std::vector<int> heads_;  // of each level; empty: one for 64 channels
  Conv conv_in_, conv_out_;
  GroupNorm norm_out_;
  Embedding time_embedding_;
  Sinusoids time_sinusoids_;
  std::optional<Embedding> add_embedding_;
  std::optional<Sinusoids> size_sinusoids_;
  std::optional<Linear> guidance_;
  std::optional<Sinusoids> guidance_sinusoids_;
  std::unique_ptr<UnetBlocks> blocks_;
  std::vector<Stage> down_, up_;
  Stage middle_;
  int64_t context_width_ = 0, size_numbers_ = 0;
  std::optional<int> attention_level_;  // the first that has it
};

}  // namespace calotype::networks
