// A picture from a picture: encoded, brought to the noise level from which `strength` of the steps is left, walked down
// again. After Meng et al. 2022, "SDEdit", arXiv:2108.01073. Random numbers come in diffusers' order: what the autoencoder
// draws, the noise, the sampler's own.
#include <ATen/TensorOperators.h>
#include <calotype/image_tensor.h>

#include "fit.h"
#include "task.h"
#include "walks.h"

namespace {
using namespace calotype;

constexpr Info kInfo{
    .id = "image_to_image", .aliases = {"img2img", "image2image"}, .summary = "A picture from a picture and a prompt"};

class ImageToImage final : public Pipeline {
 public:
  Walks plan(const Request& request, const Levels& levels) const override {
    check({.name = std::string(kInfo.id), .takes_image = true, .takes_start = true, .takes_end = true}, request);
    std::vector<double> sigmas = levels.sigmas(request.steps);
    if (request.denoising_start == 0) sigmas = last_steps(sigmas, request.strength, "strength");
    return {steps_between(sigmas, request.denoising_start, request.denoising_end, levels.trained(), "denoising_end")};
  }

  void run(Run& run) override {
    const Request& request = run.request();
    Model& model = run.model();
    const auto shape = model.latents_shape(request.width, request.height);
    const Image& image = *request.image;
    const Fit how = fit(image.width, image.height, request.width, request.height, request.resize.value_or(Resize::crop));
    const at::Tensor picture = to_tensor(fitted(image, how)).to(model.device());
    const auto denoiser = model.condition(request);
    for (int k = 0; k < request.images; ++k) {
      at::Tensor x = model.encode(picture, run.noise(k, shape));
      if (request.denoising_start == 0) x = x + run.noise(k, shape) * run.sigmas().front();
      const at::Tensor latents = run.sample(*denoiser, x, run.sigmas(), k);
      run.finish(k, model.decode(latents), latents);
    }
  }
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, ImageToImage);
