#include "layouts/component_overrides.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <array>
#include <filesystem>

#include "files/component_files.h"
#include "files/foreign_files.h"
#include "files/pickle.h"
#include "layouts/schedule_marks.h"

namespace calotype::sdxl {
namespace {

namespace fs = std::filesystem;
using std::string;

struct Names {
  Part part;
  const char *what, *stem;
};
constexpr std::array<Names, 4> kParts{{{Part::unet, "a UNet", "diffusion_pytorch_model"},
                                       {Part::vae, "a VAE", "diffusion_pytorch_model"},
                                       {Part::text_encoder, "a text encoder", "model"},
                                       {Part::text_encoder_2, "a text encoder", "model"}}};

struct Opened {
  std::vector<std::shared_ptr<const SafetensorsFile>> files;
  string config;  ///< path; empty: none lies beside them
};

Opened open_part(const Names& names, string path) {
  refuse_pickle(path);
  if (is_folder(path)) {
    if (is_file(path + "/model_index.json")) path += string("/") + part_name(names.part);
    const string config = path + "/config.json";
    return {open_component(path, names.stem, "auto"), is_file(config) ? config : ""};
  }
  const auto file = std::make_shared<const SafetensorsFile>(path);
  // the name that diffusers gives the file tells that the config beside it is its own
  const string config = fs::path(path).parent_path() / "config.json";
  const bool is_component = fs::path(path).filename().string().starts_with(names.stem) && is_file(config);
  return {{file}, is_component ? config : ""};
}

void replace(ModelLayout& model, const Names& names, const string& path) {
  const Opened opened = open_part(names, path);
  const string wanted = string(names.what) + " of SDXL for \"" + part_name(names.part) + "\"";
  TensorSources all;
  for (const auto& file : opened.files) {
    refuse_foreign(*file, wanted.c_str(), true);
    all.merge(stored_sources(*file));
    if (names.part == Part::unet) read_marks(*file, model);
  }
  TensorSources found = name_part_tensors(all, names.part, path);
  if (found.empty()) throw Error(ErrorCode::bad_data, path + ": want " + wanted + ", got none of its tensors");
  if (names.part == Part::unet && !found.contains("add_embedding.linear_1.weight"))
    throw Error(ErrorCode::bad_data,
                path + ": want " + wanted + ", got a UNet that reads no sizes, as Stable Diffusion 1 and 2 have");
  model.sources(names.part) = std::move(found);
  model.taken_from[names.part] = path;
  model.files.insert(model.files.end(), opened.files.begin(), opened.files.end());
  if (opened.config.empty())
    model.borrowed_configs.insert(names.part);
  else
    model.config(names.part) = ModelConfig::read(opened.config);
}

}  // namespace

const string& ComponentOverrides::of(Part part) const {
  const std::array<const string*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(part));
}

void override_components(ModelLayout& model, const ComponentOverrides& overrides) {
  for (const Names& names : kParts)
    if (const string& path = overrides.of(names.part); !path.empty()) replace(model, names, path);
}

}  // namespace calotype::sdxl
