#pragma once

namespace calotype::networks {

class Declaration;
struct ModelLayout;

/// Whether networks that were taken from elsewhere have the widths of those that they are to work with: where they do
/// not, it is they who are named, and not the tensors of another file. `unet`: the UNet as it is declared. Throws Error
/// (bad_data) `FILE: text_encoder_2: want a width of 1280, as the UNet of MODEL reads, got 128`.
void check_widths(const ModelLayout& model, const Declaration& unet);

}  // namespace calotype::networks
