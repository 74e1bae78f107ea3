#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <array>
#include <filesystem>

#include "component_files.h"
#include "found_model.h"

namespace calotype::sdxl {
namespace {

namespace fs = std::filesystem;
using std::string;

struct Names {
  Part part;
  const char *setting, *what, *stem;
};
constexpr std::array<Names, 4> kParts{{{Part::unet, "unet", "a UNet", "diffusion_pytorch_model"},
                                       {Part::vae, "vae", "a VAE", "diffusion_pytorch_model"},
                                       {Part::text_encoder, "text_encoder", "a text encoder", "model"},
                                       {Part::text_encoder_2, "text_encoder_2", "a text encoder", "model"}}};

struct Opened {
  std::vector<std::shared_ptr<const SafetensorsFile>> files;
  string config;  ///< path; empty: none lies beside them
};

Opened open_part(const Names& names, string path) {
  refuse_pickle(path);
  if (is_folder(path)) {
    if (is_file(path + "/model_index.json")) path += string("/") + names.setting;
    const string config = path + "/config.json";
    return {open_component(path, names.stem, "auto"), is_file(config) ? config : ""};
  }
  const auto file = std::make_shared<const SafetensorsFile>(path);
  // the name that diffusers gives the file tells that the config beside it is its own
  const string config = fs::path(path).parent_path() / "config.json";
  const bool is_component = fs::path(path).filename().string().starts_with(names.stem) && is_file(config);
  return {{file}, is_component ? config : ""};
}

void replace(FoundModel& model, const Names& names, const string& path) {
  const Opened opened = open_part(names, path);
  const string wanted = string(names.what) + " of SDXL for \"" + names.setting + "\"";
  TensorSources all;
  for (const auto& file : opened.files) {
    refuse_others(*file, wanted.c_str(), true);
    all.merge(stored_sources(*file));
    if (names.part == Part::unet) read_marks(*file, model);
  }
  TensorSources found = name_part_tensors(all, names.part, path);
  if (found.empty()) throw Error(ErrorCode::bad_data, path + ": found none of its tensors, wanted " + wanted);
  if (names.part == Part::unet && !found.contains("add_embedding.linear_1.weight"))
    throw Error(ErrorCode::bad_data,
                path + ": found a UNet that reads no sizes, as Stable Diffusion 1 and 2 have, wanted " + wanted);
  model.sources(names.part) = std::move(found);
  model.taken_from[names.part] = path;
  model.files.insert(model.files.end(), opened.files.begin(), opened.files.end());
  if (opened.config.empty())
    model.borrowed_configs.insert(names.part);
  else
    model.config(names.part) = ModelConfig::read(opened.config);
}

}  // namespace

const string& OtherParts::of(Part part) const {
  const std::array<const string*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(part));
}

string FoundModel::where(Part part) const {
  const auto elsewhere = taken_from.find(part);
  return (elsewhere == taken_from.end() ? path : elsewhere->second) + ": " + kParts.at(size_t(part)).setting;
}

TensorSources& FoundModel::sources(Part part) {
  const std::array<TensorSources*, 4> all{&networks.unet, &networks.vae, &networks.text_encoder,
                                          &networks.text_encoder_2};
  return *all.at(size_t(part));
}

ModelConfig& FoundModel::config(Part part) {
  const std::array<ModelConfig*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(part));
}

void replace_parts(FoundModel& model, const OtherParts& others) {
  for (const Names& names : kParts)
    if (const string& path = others.of(names.part); !path.empty()) replace(model, names, path);
}

}  // namespace calotype::sdxl
