#include "layouts/part_widths.h"

#include <calotype/error.h>

#include "layouts/declared_networks.h"
#include "layouts/model_layout.h"

namespace calotype::sdxl {
namespace {

using std::string;

struct Widths {
  const ModelLayout& model;

  bool is_given(Part part) const { return model.taken_from.contains(part); }
  string path_of(Part part) const { return is_given(part) ? model.taken_from.at(part) : model.path; }

  void want(Part part, const string& what, int64_t found, int64_t wanted, const string& why) const {
    if (found != wanted)
      throw Error(ErrorCode::bad_data, model.where(part) + ": want " + what + " of " + std::to_string(wanted) +
                                           ", as " + why + ", got " + std::to_string(found));
  }

  string reads() const { return "the UNet of " + path_of(Part::unet) + " reads"; }

  /// The UNet reads both encoders' text side by side.
  void check_text() const {
    const Networks& n = model.networks;
    const int64_t first = text_width(n.text_encoder), second = text_width(n.text_encoder_2),
                  read = read_text_width(n.unet);
    if (read == 0 || first + second == read) return;
    const bool first_is_given = is_given(Part::text_encoder), second_is_given = is_given(Part::text_encoder_2);
    if (first_is_given && second_is_given)
      want(Part::text_encoder_2, "a width of " + std::to_string(second) + ", with that of text_encoder one",
           first + second, read, reads());
    if (second_is_given) want(Part::text_encoder_2, "a width", second, read - first, reads());
    if (first_is_given) want(Part::text_encoder, "a width", first, read - second, reads());
    if (is_given(Part::unet))
      want(Part::unet, "attentions for text with a width", read, first + second,
           "the text encoders of " + path_of(Part::text_encoder_2) + " have");
  }

  /// Of the pooled text, beside which the UNet reads a few numbers.
  void check_pooled(const Declaration& unet) const {
    constexpr const char* kName = "add_embedding.linear_1.weight";
    const int64_t pooled = Found(model.networks.text_encoder_2).size("text_projection.weight", 0),
                  read = Found(model.networks.unet).size(kName, 1), declared = unet.tensors().at(kName).shape.at(1);
    if (is_given(Part::text_encoder_2))
      want(Part::text_encoder_2, "a pooled width", pooled, pooled + read - declared, reads());
  }

  void check_latents() const {
    const int64_t stored = latent_channels(model.networks.vae),
                  made = Found(model.networks.unet).agreed({{"conv_out.weight", 0}, {"conv_out.bias", 0}});
    if (is_given(Part::vae)) want(Part::vae, "latents", stored, made, "the UNet of " + path_of(Part::unet) + " makes");
    if (is_given(Part::unet)) want(Part::unet, "latents", made, stored, "the VAE of " + path_of(Part::vae) + " has");
  }
};

}  // namespace

void check_widths(const ModelLayout& model, const Declaration& unet) {
  const Widths widths{model};
  widths.check_text();
  widths.check_pooled(unet);
  widths.check_latents();
}

bool reads_aesthetic_score(const ModelLayout& model) {
  constexpr int kUsualWidth = 256;
  const int64_t inputs = Found(model.networks.unet).size("add_embedding.linear_1.weight", 1),
                numbers = inputs - Found(model.networks.text_encoder_2).size("text_projection.weight", 0);
  return numbers == 5 * model.unet.integer("addition_time_embed_dim", kUsualWidth, 1, 1 << 20);
}

}  // namespace calotype::sdxl
