#pragma once

namespace calotype::networks {

struct ModelLayout;

/// Whether the configs of the model's networks say what their tensors do, and ask for nothing that no network of SDXL
/// has. A network that was taken from elsewhere without a config is not held to the model's. To be called once the
/// tensors are known to be those of such networks. Throws Error (bad_data)
/// `FILE: "in_channels": want 4, as the tensors have, got 9`.
void check_settings(const ModelLayout& model);

}  // namespace calotype::networks
