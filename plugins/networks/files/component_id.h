#pragma once

namespace calotype::networks {

/// A component of a model.
enum class ComponentId { unet, vae, text_encoder, text_encoder_2 };

/// Its name in settings, in a folder that diffusers wrote and in errors: "unet".
const char* component_name(ComponentId id);

}  // namespace calotype::networks
