#include "sdxl/family.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

namespace calotype::sdxl {
namespace {

using namespace networks;
using std::string;
using std::string_view;

bool has(const TensorSources& unet, const string& front) {
  const auto first = unet.lower_bound(front);
  return first != unet.end() && first->first.starts_with(front);
}

/// How many of `front`0., `front`1., ... are there.
int count(const TensorSources& unet, const string& front) {
  int n = 0;
  while (has(unet, front + std::to_string(n) + '.')) ++n;
  return n;
}

/// What the networks that were cut out of SDXL's differ by.
struct Shape {
  int resnets;              ///< of each level on the way down
  std::vector<int> depths;  ///< transformer blocks of the first attention of each level on the way down
  int middle_resnets, middle_depth;
  bool operator==(const Shape&) const = default;
};

Shape shape_of(const TensorSources& unet) {
  Shape s{count(unet, "down_blocks.0.resnets."),
          {},
          count(unet, "mid_block.resnets."),
          count(unet, "mid_block.attentions.0.transformer_blocks.")};
  for (int i = 0; i < count(unet, "down_blocks."); ++i)
    s.depths.push_back(count(unet, "down_blocks." + std::to_string(i) + ".attentions.0.transformer_blocks."));
  return s;
}

/// Gupta et al. 2024, arXiv:2401.02677 (SSD-1B, Vega); Lee et al. 2024, arXiv:2312.04005 (KOALA 700M and 1B).
string pruned(const TensorSources& unet) {
  const Shape shape = shape_of(unet);
  const std::vector<std::pair<Shape, const char*>> known{{{2, {0, 2, 4}, 1, 0}, "ssd-1b"},
                                                         {{2, {0, 1, 2}, 1, 0}, "segmind vega"},
                                                         {{1, {0, 2, 5}, 0, 0}, "koala"},
                                                         {{1, {0, 2, 6}, 2, 6}, "koala"}};
  for (const auto& [s, name] : known)
    if (s == shape) return name;
  return "sdxl";
}

int64_t input_channels(const TensorSources& unet) {
  const auto conv_in = unet.find("conv_in.weight");
  return conv_in == unet.end() || conv_in->second.shape.size() < 2 ? 4 : conv_in->second.shape[1];
}

/// Whether one of the words of the model's name is `word`.
bool is_called(const ModelLayout& model, string_view word) {
  const auto is_letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  string name = std::filesystem::path(model.path).stem();
  for (char& c : name) c = is_letter(c) ? char(c | 32) : ' ';
  return (' ' + name + ' ').find(' ' + string(word) + ' ') != string::npos;
}

struct Usage {
  string_view what, usage;
};
constexpr std::array<Usage, 6> kByFamily{
    {{"sdxl refiner", "finishes images: image_to_image with a strength of 0.3 or less, or as refiner of another model"},
     {"sdxl inpaint", "fills in masked images: pipeline inpaint"},
     {"ssd-1b", "guidance_scale 7.5 to 9, with a negative prompt"},
     {"segmind vega", "guidance_scale 7.5 to 9, with a negative prompt"},
     {"playground 2.5", "scheduler karras, sampler dpmpp_2m, guidance_scale 3, 25 to 50 steps"},
     {"cosxl", "scheduler exponential, guidance_scale 4 to 7"}}};
constexpr std::array<Usage, 5> kByName{
    {{"turbo", "4 to 8 steps, guidance_scale 1 to 2"},
     {"lightning", "scheduler sgm_uniform, sampler euler, 4 to 8 steps, guidance_scale 1 to 2"},
     {"lcm", "4 to 8 steps, guidance_scale 1 to 2"},
     {"hyper", "1 to 8 steps, guidance_scale 1"},
     {"pony", "prompts that begin with: score_9, score_8_up, score_7_up"}}};

}  // namespace

string family_of(const ModelLayout& model) {
  const Networks& n = model.networks;
  if (n.text_encoder.empty()) return "sdxl refiner";
  if (input_channels(n.unet) == 9) return "sdxl inpaint";
  if (model.schedule.edm) return model.schedule.prediction == "v_prediction" ? "cosxl" : "playground 2.5";
  return pruned(n.unet);
}

string usage_of(const ModelLayout& model) {
  string out;
  const string family = family_of(model);
  for (const auto& [what, usage] : kByFamily)
    if (what == family) out = usage;
  for (const auto& [word, usage] : kByName)
    if (is_called(model, word))
      out += (out.empty() ? "its name says " : "; its name says ") + string(word) + ": " + string(usage);
  if (model.schedule.zero_terminal_snr)
    out += string(out.empty() ? "" : "; ") + "scheduler: {id: euler, spacing: trailing}, guidance_rescale 0.7";
  return out;
}

}  // namespace calotype::sdxl
