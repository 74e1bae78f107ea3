#include "networks/layouts/model_layout.h"

#include <array>
#include <utility>

namespace calotype::networks {

std::string ModelLayout::where(ComponentId id) const {
  const auto elsewhere = taken_from.find(id);
  return (elsewhere == taken_from.end() ? path : elsewhere->second) + ": " + component_name(id);
}

const TensorSources& ModelLayout::sources(ComponentId id) const {
  const std::array<const TensorSources*, 4> all{&networks.unet, &networks.vae, &networks.text_encoder,
                                                &networks.text_encoder_2};
  return *all.at(size_t(id));
}

TensorSources& ModelLayout::sources(ComponentId id) {
  return const_cast<TensorSources&>(std::as_const(*this).sources(id));
}

const ModelConfig& ModelLayout::config(ComponentId id) const {
  const std::array<const ModelConfig*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(id));
}

ModelConfig& ModelLayout::config(ComponentId id) {
  return const_cast<ModelConfig&>(std::as_const(*this).config(id));
}

}  // namespace calotype::networks
