// An image from a prompt: standard normal noise, scaled to the first sigma, a pass down to clean latents, decoded. Each
// image has its own generator, so image k depends neither on the number of images nor on the batch. A second model may
// run the last part of the schedule (Podell et al. 2023, arXiv:2307.01952, section 2.5: an ensemble of experts), and a
// second pass may enlarge the result.
#include <ATen/TensorOperators.h>
#include <ATen/ops/_upsample_nearest_exact2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <calotype/image_tensor.h>

#include <algorithm>
#include <cmath>

#include "keys.h"
#include "lanczos.h"
#include "passes.h"
#include "task.h"

namespace {
using namespace calotype;

constexpr Setting kEnd = kDenoisingEnd.listed_after("mask");
constexpr Setting kHiresScale = number("hires.scale", 2, 1, 8, "how much a second pass enlarges the image; absent: 2")
                                    .optional()
                                    .implied_by_section(2)
                                    .listed_after("refiner.start_step");
constexpr Setting kHiresStrength = number("hires.strength", 0.5, 0, 1, "strength of the second pass")
                                       .wanting("hires.scale")
                                       .listed_after("hires.scale");
constexpr Setting kHiresSteps =
    integer("hires.steps", 1, 1, 1000, "of the second pass, of which strength leaves a part; absent: steps")
        .optional()
        .wanting("hires.scale")
        .listed_after("hires.strength");
constexpr Setting kHiresUpscale =
    choice("hires.upscale", "latent", "latent|latent_nearest|lanczos",
           "what the second pass starts from: latents enlarged bilinearly or from the nearest, or the image")
        .wanting("hires.scale")
        .listed_after("hires.steps");
constexpr Info kInfo{.id = "text_to_image",
                     .aliases = {"text2img", "txt2img"},
                     .summary = "An image from a prompt",
                     .request = {kEnd, kHiresScale, kHiresStrength, kHiresSteps, kHiresUpscale}};
constexpr int kMultiple = 8;

int enlarged(int pixels, double scale) {
  return int(std::lround(pixels * scale / kMultiple)) * kMultiple;
}

Request hires_request(Request request) {
  const double scale = request.options[kHiresScale];
  request.width = enlarged(request.width, scale);
  request.height = enlarged(request.height, scale);
  return request;
}

class TextToImage final : public Pipeline {
 public:
  Passes plan(const Request& request, const Levels& levels) const override {
    check({.name = std::string(kInfo.id), .takes_refiner = true, .takes_batch = true}, request);
    const double end = request.options[kEnd];
    check_part(0, end);
    const auto sigmas = levels.sigmas(request.steps);
    const ModelSigmas trained = levels.trained();
    Passes passes;
    if (request.refiner_start > 0) {
      if (end < 1) throw Error(ErrorCode::config, "denoising_end: want none with a refiner, which runs to the end");
      if (request.refiner_start_step > 0) {
        passes = parted(sigmas, request.refiner_start_step, "refiner.start_step");
      } else {
        passes.push_back(steps_between(sigmas, 0, request.refiner_start, trained, "refiner.start"));
        passes.push_back(steps_between(sigmas, request.refiner_start, 1, trained, "refiner.start"));
      }
    } else {
      passes.push_back(steps_between(sigmas, 0, end, trained, "denoising_end"));
    }
    const RequestOptions& options = request.options;
    if (options.has(kHiresScale)) {
      const int steps = options.has(kHiresSteps) ? options.integer(kHiresSteps) : request.steps;
      passes.push_back(last_steps(levels.sigmas(steps), options[kHiresStrength], "hires.strength"));
    }
    return passes;
  }

  Request largest(const Request& request) const override {
    return request.options.has(kHiresScale) ? hires_request(request) : request;
  }

  void run(Run& run) override {
    const Request& request = run.request();
    Model& model = run.model();
    auto shape = model.latents_shape(request.width, request.height);
    const bool is_refined = request.refiner_start > 0, is_larger = request.options.has(kHiresScale);
    const Request larger = is_larger ? hires_request(request) : request;
    const DenoiserUse& use = run.denoiser_use();
    const DenoiserUse use_of_larger{run.passes().back(), use.unconditional};
    const auto denoiser = model.condition(request, use);
    const auto refiner = is_refined ? run.refiner()->condition(request, use) : nullptr;
    const auto second = is_larger ? model.condition(larger, use_of_larger) : nullptr;
    const double sigma = run.sigmas().front();
    const double scale = request.initial_noise == InitialNoise::sigma ? sigma : std::sqrt(sigma * sigma + 1);
    for (int image = 0; image < request.images; image += request.batch) {
      shape[0] = std::min(request.batch, request.images - image);
      const at::Tensor x = run.noise(image, shape).mul(scale);
      at::Tensor latents = run.sample(*denoiser, x, run.sigmas(), image);
      if (refiner) latents = run.sample(*refiner, latents, run.passes()[1], image);
      if (second) {
        latents = upscaled(run, latents, larger, image);
        latents = latents + run.noise(image, latents.sizes()) * run.passes().back().front();
        latents = run.sample(*second, latents, run.passes().back(), image);
      }
      finish(run, image, latents);
    }
  }

 private:
  static at::Tensor upscaled(Run& run, const at::Tensor& latents, const Request& to, int image) {
    const auto shape = run.model().latents_shape(to.width, to.height);  // of one image
    const at::IntArrayRef size(&shape[2], 2);
    const std::string_view how = to.options.text(kHiresUpscale);
    if (how == "latent") return at::upsample_bilinear2d(latents, size, /*align_corners=*/false);
    if (how == "latent_nearest") return at::_upsample_nearest_exact2d(latents, size);
    std::vector<at::Tensor> all;
    for (const at::Tensor& one : latents.split(1)) {
      const Image small = to_image(run.model().decode(one));
      const Image large = lanczos(small, {0, 0, double(small.width), double(small.height)}, to.width, to.height);
      all.push_back(
          run.model().encode(to_tensor(large).to(latents.device()), run.noise(image + int(all.size()), shape)));
    }
    return at::cat(all);
  }
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, TextToImage);
