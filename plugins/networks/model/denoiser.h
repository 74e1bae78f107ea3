#pragma once
#include <calotype/model.h>

#include <functional>
#include <map>
#include <utility>

#include "networks/components/deep_cache.h"
#include "networks/components/unet_graphs.h"
#include "networks/model/classifier_free_guidance.h"
#include "networks/model/conditioning_schedule.h"
#include "networks/model/prediction.h"

namespace calotype::networks {

/// Gives the network, which may not have been on the device a moment ago. Lives as long as the model.
using UnetSource = std::function<const Unet&()>;

/// A UNet as a Denoiser. With guidance both predictions are one batch: the negative first, as in the
/// conditioning.
class UnetDenoiser final : public Denoiser {
 public:
  struct Settings {
    Prediction prediction = Prediction::epsilon;
    Guidance guidance;                     ///< not used where the conditioning is of batch 1
    bool round_timesteps = false;          ///< not where the sigma is its own time
    double sigma_data = 1;                 ///< deviation of the latents that the network was trained on
    bool time_is_sigma = false;            ///< the network is told log(sigma)/4 in place of a timestep, as EDM's are
    std::vector<double> sigmas{};          ///< the sigmas of the steps, for what changes over them
    int deep_cache = 1;                    ///< of so many steps one computes the deep features for all
    std::shared_ptr<UnetGraphs> graphs{};  ///< where the UNet's calls are recorded; null: they are not
    CudaGraphs cuda_graphs = CudaGraphs::automatic;
  };
  /// What `unet` gives and `levels` must live as long. conditioning: of batch 1, or 2: negative, positive. extra:
  /// [1,C,H,W], the network's channels besides the latents, not scaled by the sigma; undefined: there are none.
  /// Throws Error (internal) where settings.sigmas are wanted and missing.
  UnetDenoiser(UnetSource unet, ConditioningSchedule conditioning, ModelSigmas levels, Settings settings,
               at::Tensor extra = {});
  UnetDenoiser(const UnetDenoiser&) = delete;
  at::Tensor denoise(const at::Tensor& x, double sigma) override;
  Guided denoise_guided(const at::Tensor& x, double sigma) override;

 private:
  /// Both predictions, or the first one alone. `part`: of a batch that is computed one by one.
  Guided denoise_at_once(const at::Tensor& x, double sigma, size_t part, bool both);
  Guided denoise_one_by_one(const at::Tensor& x, double sigma, bool both);
  /// One evaluation of the UNet, recorded or not.
  at::Tensor evaluated(const at::Tensor& input, double sigma, double time, const Unet::Conditioning& conditioning,
                       at::Tensor* deep);
  /// What the network is shown of x, whose deviation is given: of deviation 1, in the network's type, once or twice.
  at::Tensor shown(const at::Tensor& x, double deviation, int64_t copies, const at::TensorOptions& like) const;
  /// That of a step: of both halves, or where it is not guided of the positive one alone.
  const Unet::Conditioning& conditioning_at(double sigma);
  /// Each row for `count` images: all negative ones first, as in the one of a single image.
  const Unet::Conditioning& repeated(const Unet::Conditioning& one, int64_t count);
  UnetSource unet_;
  ConditioningSchedule conditioning_;
  ModelSigmas levels_;
  Settings settings_;
  at::Tensor extra_;
  DeepCache deep_;
  double last_sigma_ = 0;  ///< of the call before this one
  uint64_t pass_ = 0;      ///< the graphs' number of the pass over the sigmas that is under way
  std::map<const Unet::Conditioning*, Unet::Conditioning> positive_;
  std::map<std::pair<const Unet::Conditioning*, int64_t>, Unet::Conditioning> repeated_;
};

}  // namespace calotype::networks
