#pragma once
#include "networks/layouts/model_layout.h"

namespace calotype::networks {

/// Files or folders that one network each is taken from instead of the model's; empty: the model's own. A file may hold
/// that network alone or with others, under the original names or those of diffusers; a folder is that of a
/// component, or of a whole model. Relative to the working directory.
struct ComponentOverrides {
  std::string unet, vae, text_encoder, text_encoder_2;
  const std::string& of(ComponentId id) const;
};

/// Puts those networks in the place of the model's own, with the config.json that lies beside them, if one does. What
/// their files tell of prediction and sigmas goes before what the model's do. Throws Error (no_input, bad_data);
/// a file that is something else is refused by what it is.
void override_components(ModelLayout& model, const ComponentOverrides& overrides);

}  // namespace calotype::networks
