// A picture from text: unit noise, brought to the first noise level, walked down to clean latents, decoded.
// Images are drawn one after the other, each from its own generator, so image k does not depend on how many there are.
#include <calotype/pipeline.h>

#include <cmath>

namespace {
using namespace calotype;

constexpr Info kInfo{.id = "text_to_image", .aliases = {"text2img", "txt2img"}, .summary = "A picture from a prompt"};

class TextToImage final : public Pipeline {
 public:
  void run(Run& run) override {
    const Request& request = run.request();
    Model& model = run.model();
    const auto shape = model.latents_shape(request.width, request.height);
    const auto denoiser = model.condition(request);
    const double sigma = run.sigmas().front();
    const double scale = request.initial_noise == InitialNoise::sigma ? sigma : std::sqrt(sigma * sigma + 1);
    for (int image = 0; image < request.images; ++image) {
      const at::Tensor x = run.noise(image, shape).mul(scale);
      const at::Tensor latents = run.sample(*denoiser, x, run.sigmas(), image);
      run.finish(image, model.decode(latents), latents);
    }
  }
};
}  // namespace

CALOTYPE_PIPELINE_ENTRY(kInfo, TextToImage);
