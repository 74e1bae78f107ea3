// A task: what is done with a model, a scheduler and a sampler. This one generates from text, as plainly as can be.
#include <calotype/pipeline.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "@name@", .summary = "An image from a prompt, and nothing else"};

class Task final : public Pipeline {
 public:
  Passes plan(const Request& request, const Levels& levels) const override {
    if (request.image) throw Error(ErrorCode::config, "image: @name@ does not use it; want pipeline: image_to_image");
    return {levels.sigmas(request.steps)};
  }
  void run(Run& run) override {
    const Request& request = run.request();
    Model& model = run.model();
    const auto denoiser = model.condition(request, run.denoiser_use());
    const auto shape = model.latents_shape(request.width, request.height);
    const double sigma = run.sigmas().front();
    for (int image = 0; image < request.images; ++image) {
      const at::Tensor x = run.noise(image, shape).mul(std::sqrt(sigma * sigma + 1));
      const at::Tensor latents = run.sample(*denoiser, x, run.sigmas(), image);
      run.finish(image, model.decode(latents), latents);
    }
  }
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, Task);
