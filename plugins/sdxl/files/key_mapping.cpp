#include "files/key_mapping.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "files/ldm_names.h"
#include "files/quote.h"

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

constexpr string_view kUnet = "model.diffusion_model.", kVae = "first_stage_model.";
constexpr string_view kClip = "conditioner.embedders.0.transformer.", kOpenClip = "conditioner.embedders.1.model.";
/// The refiner has OpenCLIP's encoder only.
constexpr string_view kRefinersOpenClip = "conditioner.embedders.0.model.";

/// What read_marks reads; another limit of the sigmas is one that it would not.
bool is_edm_mark(string_view name) {
  return name == "edm_mean" || name == "edm_std" || name == "edm_vpred.sigma_max" || name == "edm_vpred.sigma_min";
}

bool is_carried_besides(string_view name) {
  constexpr std::array<string_view, 13> kFronts{
      "model_ema.",     "denoiser.", "loss.", "first_stage_model.loss.", "v_pred",     "ztsnr",
      "alphas_cumprod", "betas",     "sqrt_", "log_one_minus_",          "posterior_", "lvlb_weights",
      "logvar"};
  const bool front = std::any_of(kFronts.begin(), kFronts.end(), [&](string_view f) { return name.starts_with(f); });
  return front || is_edm_mark(name) || is_known_extra(string(name)) || name == "global_step" ||
         // the first encoder's, which SDXL does not read
         name == string(kClip) + "text_projection.weight" || name == "conditioner.embedders.0.text_projection.weight";
}

Named name_vae(const TensorSources& sources) {
  Named out;
  for (const auto& [name, source] : sources) out.tensors.emplace(vae_name(name), source);
  return out;
}

Named name_text_encoder(const TensorSources& sources) {
  Named out;
  for (const auto& [name, source] : sources) {
    if (is_known_extra(name) || name.starts_with("vision_model.") || name.starts_with("visual_projection.")) continue;
    if (!out.tensors.emplace(text_encoder_name(name), source).second) out.unknown.push_back(name);
  }
  return out;
}

Named as_they_are(const TensorSources& sources) {
  return {sources, {}};
}

[[noreturn]] void fail(const string& where, const std::set<string>& unknown, const char* wanted) {
  string list;
  int count = 0;
  for (const auto& name : unknown)
    if (++count <= 3) list += (count > 1 ? ", " : "") + quote(name, 256);
  if (count > 3) list += " and " + std::to_string(count - 3) + " more";
  throw Error(ErrorCode::bad_data, where + ": want " + wanted + ", got " + list);
}

/// A way in which files hold one of the networks: below a prefix, known by one name that begins with `mark`.
struct Layout {
  Part part;
  string_view prefix, mark;
  Named (*name)(const TensorSources&);
};
// those of whole checkpoints first; a mark that begins two networks stands for the part that was asked for
constexpr std::array<Layout, 19> kLayouts{
    {{Part::unet, kUnet, "input_blocks.", name_ldm_unet},
     {Part::unet, "diffusion_model.", "input_blocks.", name_ldm_unet},
     {Part::unet, "", "input_blocks.", name_ldm_unet},
     {Part::unet, "", "down_blocks.", as_they_are},
     {Part::unet, "unet.", "down_blocks.", as_they_are},
     {Part::vae, kVae, "decoder.", name_ldm_vae},
     {Part::vae, "vae.", "decoder.up.", name_ldm_vae},
     {Part::vae, "", "decoder.up.", name_ldm_vae},
     {Part::vae, "", "decoder.up_blocks.", name_vae},
     {Part::text_encoder, kClip, "", name_text_encoder},
     {Part::text_encoder, "", "text_model.", name_text_encoder},
     {Part::text_encoder, "clip_l.transformer.", "text_model.", name_text_encoder},
     {Part::text_encoder, "", "encoder.layers.", name_text_encoder},
     {Part::text_encoder_2, kOpenClip, "", name_open_clip},
     {Part::text_encoder_2, kRefinersOpenClip, "", name_open_clip},
     {Part::text_encoder_2, "", "transformer.resblocks.", name_open_clip},
     {Part::text_encoder_2, "", "text_model.", name_text_encoder},
     {Part::text_encoder_2, "clip_g.transformer.", "text_model.", name_text_encoder},
     {Part::text_encoder_2, "", "encoder.layers.", name_text_encoder}}};

}  // namespace

const char* part_name(Part part) {
  constexpr std::array<const char*, 4> kNames{"unet", "vae", "text_encoder", "text_encoder_2"};
  return kNames.at(size_t(part));
}

bool is_known_extra(const string& name) {
  return name.ends_with("position_ids") || name.ends_with("logit_scale");
}

string text_encoder_name(const string& name) {
  return name.starts_with("text_model.") || name.starts_with("text_projection.") ? name : "text_model." + name;
}

string vae_name(const string& name) {
  constexpr std::array<std::pair<string_view, string_view>, 4> kOld{
      {{".query.", ".to_q."}, {".key.", ".to_k."}, {".value.", ".to_v."}, {".proj_attn.", ".to_out.0."}}};
  for (const auto& [from, to] : kOld)
    if (const auto at = name.find(from); at != string::npos && name.find("mid_block.attentions.") != string::npos)
      return string(name).replace(at, from.size(), to);
  return name;
}

Networks name_checkpoint_tensors(const SafetensorsFile& file, const string& where) {
  struct Place {
    string_view prefix;
    Named (*name)(const TensorSources&);
    TensorSources* out;
    TensorSources found{};
  };
  Networks networks;
  std::array<Place, 5> places{{{kUnet, name_ldm_unet, &networks.unet},
                               {kVae, name_ldm_vae, &networks.vae},
                               {kOpenClip, name_open_clip, &networks.text_encoder_2},
                               {kRefinersOpenClip, name_open_clip, &networks.text_encoder_2},
                               {kClip, name_text_encoder, &networks.text_encoder}}};
  std::set<string> unknown;
  for (auto& [name, source] : stored_sources(file)) {
    if (is_carried_besides(name)) continue;
    const auto place = std::find_if(places.begin(), places.end(),
                                    [&name = name](const Place& p) { return name.starts_with(p.prefix); });
    if (place == places.end())
      unknown.insert(name);
    else
      place->found.emplace(name.substr(place->prefix.size()), source);
  }
  for (auto& place : places) {
    Named named = place.name(place.found);
    for (const auto& name : named.unknown) unknown.insert(string(place.prefix) + name);
    place.out->merge(named.tensors);
  }
  if (!unknown.empty()) fail(where, unknown, "tensors of an SDXL checkpoint");
  return networks;
}

TensorSources name_part_tensors(const TensorSources& all, Part part, const string& where) {
  for (const Layout& layout : kLayouts) {
    const string front = string(layout.prefix) + string(layout.mark);
    const auto first = all.lower_bound(front);
    if (layout.part != part || first == all.end() || !first->first.starts_with(front)) continue;
    TensorSources found;
    for (const auto& [name, source] : all)
      if (name.starts_with(layout.prefix) && !is_carried_besides(name))
        found.emplace(name.substr(layout.prefix.size()), source);
    Named named = layout.name(found);
    if (!named.unknown.empty())
      fail(where, {named.unknown.begin(), named.unknown.end()}, "tensors of one network of SDXL");
    return std::move(named.tensors);
  }
  return {};
}

}  // namespace calotype::sdxl
