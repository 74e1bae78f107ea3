#include "layouts/model_layout.h"

#include <array>

namespace calotype::sdxl {

std::string ModelLayout::where(Part part) const {
  const auto elsewhere = taken_from.find(part);
  return (elsewhere == taken_from.end() ? path : elsewhere->second) + ": " + part_name(part);
}

TensorSources& ModelLayout::sources(Part part) {
  const std::array<TensorSources*, 4> all{&networks.unet, &networks.vae, &networks.text_encoder,
                                          &networks.text_encoder_2};
  return *all.at(size_t(part));
}

ModelConfig& ModelLayout::config(Part part) {
  const std::array<ModelConfig*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(part));
}

}  // namespace calotype::sdxl
