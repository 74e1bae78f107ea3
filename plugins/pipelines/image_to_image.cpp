// An image from an image and a prompt: encodes the image, adds the noise of the sigma from which `strength` of the
// steps remains, and runs a pass from there. Not for a part of an image, see inpaint. After Meng et al. 2022, "SDEdit",
// arXiv:2108.01073. Random numbers are used in diffusers' order: for the VAE's distribution, for the noise, for the
// sampler.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <calotype/image_tensor.h>

#include <algorithm>

#include "fit.h"
#include "keys.h"
#include "passes.h"
#include "task.h"

namespace {
using namespace calotype;

constexpr Setting kStart =
    number("denoising_start", 0, 0, 1,
           "image_to_image: treat the image as noisy latents at this part of the training timesteps, as diffusers' "
           "denoising_start")
        .rare()
        .listed_after("resize");
constexpr Setting kEnd = kDenoisingEnd.listed_after("denoising_start");
constexpr Info kInfo{.id = "image_to_image",
                     .aliases = {"img2img", "image2image"},
                     .summary = "An image from an image and a prompt",
                     .request = {kStrength, kResize, kStart, kEnd}};

class ImageToImage final : public Pipeline {
 public:
  Passes plan(const Request& request, const Levels& levels) const override {
    check({.name = std::string(kInfo.id), .takes_image = true, .takes_batch = true}, request);
    const double start = request.options[kStart], end = request.options[kEnd];
    check_part(start, end);
    if (start > 0 && request.variation_strength > 0)
      throw Error(
          ErrorCode::config,
          "variation_strength: want no denoising_start, with which no first noise is made; this would be ignored");
    std::vector<double> sigmas = levels.sigmas(request.steps);
    if (start == 0) sigmas = last_steps(sigmas, request.options[kStrength], "strength");
    return {steps_between(sigmas, start, end, levels.trained(), "denoising_end")};
  }

  void run(Run& run) override {
    const Request& request = run.request();
    Model& model = run.model();
    const auto shape = model.latents_shape(request.width, request.height);
    const Image& image = *request.image;
    const Fit how = fit(image.width, image.height, request.width, request.height, resize_of(request));
    const at::Tensor pixels = to_tensor(fitted(image, how)).to(model.device());
    const auto denoiser = model.condition(request, run.denoiser_use());
    for (int first = 0; first < request.images; first += request.batch) {
      std::vector<at::Tensor> all;
      for (int k = first; k < std::min(first + request.batch, request.images); ++k) {
        const at::Tensor x = model.encode(pixels, run.noise(k, shape));
        all.push_back(request.options[kStart] == 0 ? x + run.noise(k, shape) * run.sigmas().front() : x);
      }
      finish(run, first, run.sample(*denoiser, at::cat(all), run.sigmas(), first));
    }
  }
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, ImageToImage);
