#include "networks/files/key_mapping.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "networks/files/quote.h"

namespace calotype::networks {
namespace {

using std::string;
using std::string_view;

constexpr string_view kUnet = "model.diffusion_model.", kVae = "first_stage_model.";

/// What read_marks reads; another limit of the sigmas is one that it would not.
bool is_edm_mark(string_view name) {
  return name == "edm_mean" || name == "edm_std" || name == "edm_vpred.sigma_max" || name == "edm_vpred.sigma_min";
}

bool is_carried_besides(string_view name, const CheckpointNames& names) {
  constexpr std::array<string_view, 13> kFronts{
      "model_ema.",     "denoiser.", "loss.", "first_stage_model.loss.", "v_pred",     "ztsnr",
      "alphas_cumprod", "betas",     "sqrt_", "log_one_minus_",          "posterior_", "lvlb_weights",
      "logvar"};
  const bool front = std::any_of(kFronts.begin(), kFronts.end(), [&](string_view f) { return name.starts_with(f); });
  return front || is_edm_mark(name) || is_known_extra(string(name)) || name == "global_step" ||
         std::find(names.unread.begin(), names.unread.end(), name) != names.unread.end();
}

Named name_vae(const TensorSources& sources) {
  Named out;
  for (const auto& [name, source] : sources) out.tensors.emplace(vae_name(name), source);
  return out;
}

Named as_they_are(const TensorSources& sources) {
  return {sources, {}};
}

[[noreturn]] void fail(const string& where, const std::set<string>& unknown, const string& wanted) {
  string list;
  int count = 0;
  for (const auto& name : unknown)
    if (++count <= 3) list += (count > 1 ? ", " : "") + quote(name, 256);
  if (count > 3) list += " and " + std::to_string(count - 3) + " more";
  throw Error(ErrorCode::bad_data, where + ": want " + wanted + ", got " + list);
}

/// A way in which files hold one of the networks: below a prefix, known by one name that begins with `mark`.
struct Layout {
  string_view prefix, mark;
  Named (*name)(const TensorSources&);
};
// those of whole checkpoints first; a mark that begins two networks stands for the one that was asked for
constexpr std::array<Layout, 5> kUnetLayouts{{{kUnet, "input_blocks.", name_ldm_unet},
                                              {"diffusion_model.", "input_blocks.", name_ldm_unet},
                                              {"", "input_blocks.", name_ldm_unet},
                                              {"", "down_blocks.", as_they_are},
                                              {"unet.", "down_blocks.", as_they_are}}};
constexpr std::array<Layout, 4> kVaeLayouts{{{kVae, "decoder.", name_ldm_vae},
                                             {"vae.", "decoder.up.", name_ldm_vae},
                                             {"", "decoder.up.", name_ldm_vae},
                                             {"", "decoder.up_blocks.", name_vae}}};
constexpr std::array<Layout, 3> kTextLayouts{{{"", "text_model.", name_text_encoder},
                                              {"clip_l.transformer.", "text_model.", name_text_encoder},
                                              {"", "encoder.layers.", name_text_encoder}}};
constexpr std::array<Layout, 4> kTextLayouts2{{{"", "transformer.resblocks.", name_open_clip},
                                               {"", "text_model.", name_text_encoder},
                                               {"clip_g.transformer.", "text_model.", name_text_encoder},
                                               {"", "encoder.layers.", name_text_encoder}}};

std::vector<Layout> layouts_of(ComponentId id, const CheckpointNames& names) {
  if (id == ComponentId::unet) return {kUnetLayouts.begin(), kUnetLayouts.end()};
  if (id == ComponentId::vae) return {kVaeLayouts.begin(), kVaeLayouts.end()};
  std::vector<Layout> out;
  for (const TextEncoderPrefix& text : names.text_encoders)
    if (text.id == id) out.push_back({text.prefix, "", text.name});
  if (id == ComponentId::text_encoder)
    out.insert(out.end(), kTextLayouts.begin(), kTextLayouts.end());
  else
    out.insert(out.end(), kTextLayouts2.begin(), kTextLayouts2.end());
  return out;
}

}  // namespace

bool is_known_extra(const string& name) {
  return name.ends_with("position_ids") || name.ends_with("logit_scale");
}

Named name_text_encoder(const TensorSources& sources) {
  Named out;
  for (const auto& [name, source] : sources) {
    if (is_known_extra(name) || name.starts_with("vision_model.") || name.starts_with("visual_projection.")) continue;
    if (!out.tensors.emplace(text_encoder_name(name), source).second) out.unknown.push_back(name);
  }
  return out;
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

Networks name_checkpoint_tensors(const SafetensorsFile& file, const CheckpointNames& names, const string& where) {
  struct Section {
    string_view prefix;
    Named (*name)(const TensorSources&);
    TensorSources* out;
    TensorSources found{};
  };
  Networks networks;
  std::vector<Section> sections{{kUnet, name_ldm_unet, &networks.unet}, {kVae, name_ldm_vae, &networks.vae}};
  for (const TextEncoderPrefix& text : names.text_encoders)
    sections.push_back({text.prefix, text.name,
                        text.id == ComponentId::text_encoder ? &networks.text_encoder : &networks.text_encoder_2});
  std::set<string> unknown;
  for (auto& [name, source] : stored_sources(file)) {
    if (is_carried_besides(name, names)) continue;
    const auto section = std::find_if(sections.begin(), sections.end(),
                                      [&name = name](const Section& s) { return name.starts_with(s.prefix); });
    if (section == sections.end())
      unknown.insert(name);
    else
      section->found.emplace(name.substr(section->prefix.size()), source);
  }
  for (auto& section : sections) {
    Named named = section.name(section.found);
    for (const auto& name : named.unknown) unknown.insert(string(section.prefix) + name);
    section.out->merge(named.tensors);
  }
  if (!unknown.empty()) fail(where, unknown, "tensors of " + string(names.checkpoint));
  return networks;
}

TensorSources name_component_tensors(const TensorSources& all, ComponentId id, const CheckpointNames& names,
                                     const string& where) {
  for (const Layout& layout : layouts_of(id, names)) {
    const string front = string(layout.prefix) + string(layout.mark);
    const auto first = all.lower_bound(front);
    if (first == all.end() || !first->first.starts_with(front)) continue;
    TensorSources found;
    for (const auto& [name, source] : all)
      if (name.starts_with(layout.prefix) && !is_carried_besides(name, names))
        found.emplace(name.substr(layout.prefix.size()), source);
    Named named = layout.name(found);
    if (!named.unknown.empty())
      fail(where, {named.unknown.begin(), named.unknown.end()}, "tensors of one network of " + string(names.family));
    return std::move(named.tensors);
  }
  return {};
}

}  // namespace calotype::networks
