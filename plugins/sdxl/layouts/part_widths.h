#pragma once

namespace calotype::sdxl {

class Declaration;
struct ModelLayout;

/// Whether networks that were taken from elsewhere have the widths of those that they are to work with: where they do
/// not, it is they who are named, and not the tensors of another file. `unet`: the UNet as it is declared. Throws Error
/// (bad_data) `FILE: text_encoder_2: want a width of 1280, as the UNet of MODEL reads, got 128`.
void check_widths(const ModelLayout& model, const Declaration& unet);

/// Whether the UNet reads five numbers beside the text, as the refiner's does, the fifth of which is how well the image
/// is to be liked; and not six.
bool reads_aesthetic_score(const ModelLayout& model);

}  // namespace calotype::sdxl
