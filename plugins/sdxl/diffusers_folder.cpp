#include <calotype/error.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "component_files.h"
#include "found_model.h"
#include "quote.h"

namespace calotype::sdxl {
namespace {

namespace fs = std::filesystem;
using std::string;
using std::string_view;

struct Part {
  const char *name, *kind, *stem;
};
constexpr std::array<Part, 4> kParts{{{"unet", "UNet2DConditionModel", "diffusion_pytorch_model"},
                                      {"vae", "AutoencoderKL", "diffusion_pytorch_model"},
                                      {"text_encoder", "CLIPTextModel", "model"},
                                      {"text_encoder_2", "CLIPTextModelWithProjection", "model"}}};

string class_in(const ModelConfig& index, const string& part) {
  const auto found = index.value().find(part);
  if (found == index.value().end() || !found->is_array() || found->size() != 2 || !(*found)[1].is_string()) return "none";
  return (*found)[1];
}

ModelConfig read_index(const string& folder) {
  const string path = folder + "/model_index.json";
  const ModelConfig index = ModelConfig::read(path);
  if (!index.text("_class_name", "").starts_with("StableDiffusionXL"))
    index.fail("_class_name", "StableDiffusionXLPipeline");
  for (const auto& part : kParts)
    if (const string kind = class_in(index, part.name); kind != part.kind)
      throw Error(ErrorCode::bad_data, path + ": component \"" + part.name + "\", found " +
                                           (kind == "none" ? kind : quote(kind)) + ", wanted " + part.kind);
  return index;
}

/// The autoencoder's attention as diffusers named it before 0.17.
string renamed(const string& name) {
  constexpr std::array<std::pair<string_view, string_view>, 4> kOld{
      {{".query.", ".to_q."}, {".key.", ".to_k."}, {".value.", ".to_v."}, {".proj_attn.", ".to_out.0."}}};
  for (const auto& [from, to] : kOld)
    if (const auto at = name.find(from); at != string::npos && name.find("mid_block.attentions.") != string::npos)
      return string(name).replace(at, from.size(), to);
  return name;
}

TensorSources read_part(const Part& part, const string& folder, const string& variant, FoundModel& model) {
  TensorSources out;
  const bool is_text = string_view(part.stem) == "model", is_vae = string_view(part.name) == "vae";
  for (const auto& file : open_component(folder, part.stem, variant)) {
    for (const auto& [name, t] : file->tensors()) {
      if (is_text && is_known_extra(name)) continue;
      const string known = is_text ? text_encoder_name(name) : is_vae ? renamed(name) : name;
      if (!out.try_emplace(known, TensorSource{t.dtype, t.shape, t.data}).second)
        throw Error(ErrorCode::bad_data,
                    file->path() + ": tensor " + quote(name) + ", found another that means the same, wanted one of them");
    }
    model.files.push_back(file);
  }
  return out;
}

void check_folder(const string& folder, const char* part) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    throw Error(ErrorCode::no_input, folder + ": found no such folder, wanted the component \"" + part + "\"");
}

}  // namespace

FoundModel find_diffusers_folder(const string& path, const string& variant) {
  string folder = path;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  refuse_pickle(folder);
  const ModelConfig index = read_index(folder);
  FoundModel model(folder, "diffusers folder");
  const std::array<TensorSources*, 4> sources{&model.networks.unet, &model.networks.vae, &model.networks.text_encoder,
                                              &model.networks.text_encoder_2};
  const std::array<ModelConfig*, 4> configs{&model.unet, &model.vae, &model.text_encoder, &model.text_encoder_2};
  for (size_t i = 0; i < kParts.size(); ++i) {
    const string part = folder + "/" + kParts[i].name;
    check_folder(part, kParts[i].name);
    *configs[i] = ModelConfig::read(part + "/config.json");
    *sources[i] = read_part(kParts[i], part, variant, model);
  }
  check_folder(folder + "/scheduler", "scheduler");
  model.schedule = read_noise_schedule(ModelConfig::read(folder + "/scheduler/scheduler_config.json"));
  for (const auto& [part, place] :
       {std::pair{"tokenizer", &model.tokenizer}, std::pair{"tokenizer_2", &model.tokenizer_2}}) {
    *place = folder + "/" + part;
    check_folder(*place, part);
  }
  model.zeros_for_empty_prompt = index.boolean("force_zeros_for_empty_prompt", true);
  return model;
}

}  // namespace calotype::sdxl
