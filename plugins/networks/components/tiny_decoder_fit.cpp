#include "networks/components/tiny_decoder_fit.h"

#include <calotype/error.h>

#include "networks/components/activation_memory.h"
#include "networks/components/tiny_decoder.h"
#include "networks/ops/weight_loading.h"

namespace calotype::networks {

void check_fits(const FoundTinyDecoder& decoder, const ModelLayout& model) {
  const auto shapes = [](const TensorSources& sources, const std::string& where) {
    return open_weights(sources, at::kCPU, at::kFloat, where, [](std::span<const std::byte>) {}).shapes();
  };
  const TinyDecoder tiny(shapes(decoder.sources, decoder.path));
  const auto want = [&](const std::string& what, int64_t wanted, int64_t got) {
    if (wanted != got)
      throw Error(ErrorCode::bad_data, decoder.path + ": " + what + ": want " + std::to_string(wanted) +
                                           ", as the model has, got " + std::to_string(got));
  };
  const Weights vae = shapes(model.networks.vae, model.path + ": vae");
  want("channels of latents", vae.shape("decoder.conv_in.weight").at(1), tiny.channels());
  want("pixels to a latent", latent_factor(vae), tiny.factor());
}

}  // namespace calotype::networks
