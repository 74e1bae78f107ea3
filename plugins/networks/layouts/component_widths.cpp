#include "networks/layouts/component_widths.h"

#include <calotype/error.h>

#include "networks/layouts/declared_networks.h"
#include "networks/layouts/model_layout.h"

namespace calotype::networks {
namespace {

using std::string;

struct Widths {
  const ModelLayout& model;

  bool is_given(ComponentId id) const { return model.taken_from.contains(id); }
  string path_of(ComponentId id) const { return is_given(id) ? model.taken_from.at(id) : model.path; }

  void want(ComponentId id, const string& what, int64_t found, int64_t wanted, const string& why) const {
    if (found != wanted)
      throw Error(ErrorCode::bad_data, model.where(id) + ": want " + what + " of " + std::to_string(wanted) + ", as " +
                                           why + ", got " + std::to_string(found));
  }

  string reads() const { return "the UNet of " + path_of(ComponentId::unet) + " reads"; }

  /// The UNet reads all encoders' text side by side.
  void check_text() const {
    const Networks& n = model.networks;
    const int64_t first = text_width(n.text_encoder), second = text_width(n.text_encoder_2),
                  read = read_text_width(n.unet);
    if (read == 0 || first + second == read) return;
    const bool first_is_given = is_given(ComponentId::text_encoder),
               second_is_given = is_given(ComponentId::text_encoder_2);
    if (first_is_given && second_is_given)
      want(ComponentId::text_encoder_2, "a width of " + std::to_string(second) + ", with that of text_encoder one",
           first + second, read, reads());
    if (second_is_given) want(ComponentId::text_encoder_2, "a width", second, read - first, reads());
    if (first_is_given) want(ComponentId::text_encoder, "a width", first, read - second, reads());
    if (is_given(ComponentId::unet))
      want(ComponentId::unet, "attentions for text with a width", read, first + second,
           "the text encoders of " + path_of(model.family->text_encoder) + " have");
  }

  /// Of the pooled text, beside which the UNet reads a few numbers.
  void check_pooled(const Declaration& unet) const {
    constexpr const char* kName = "add_embedding.linear_1.weight";
    if (!model.family->reads_sizes) return;
    const int64_t pooled = Found(model.networks.text_encoder_2).size("text_projection.weight", 0),
                  read = Found(model.networks.unet).size(kName, 1), declared = unet.tensors().at(kName).shape.at(1);
    if (is_given(ComponentId::text_encoder_2))
      want(ComponentId::text_encoder_2, "a pooled width", pooled, pooled + read - declared, reads());
  }

  void check_latents() const {
    const int64_t stored = latent_channels(model.networks.vae),
                  made = Found(model.networks.unet).agreed({{"conv_out.weight", 0}, {"conv_out.bias", 0}});
    if (is_given(ComponentId::vae))
      want(ComponentId::vae, "latents", stored, made, "the UNet of " + path_of(ComponentId::unet) + " makes");
    if (is_given(ComponentId::unet))
      want(ComponentId::unet, "latents", made, stored, "the VAE of " + path_of(ComponentId::vae) + " has");
  }
};

}  // namespace

void check_widths(const ModelLayout& model, const Declaration& unet) {
  const Widths widths{model};
  widths.check_text();
  widths.check_pooled(unet);
  widths.check_latents();
}

}  // namespace calotype::networks
