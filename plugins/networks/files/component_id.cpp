#include "networks/files/component_id.h"

#include <array>
#include <cstddef>

namespace calotype::networks {

const char* component_name(ComponentId id) {
  constexpr std::array<const char*, 4> kNames{"unet", "vae", "text_encoder", "text_encoder_2"};
  return kNames.at(size_t(id));
}

}  // namespace calotype::networks
