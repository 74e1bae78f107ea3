#include "networks/layouts/component_overrides.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <array>
#include <filesystem>

#include "networks/files/component_files.h"
#include "networks/files/foreign_files.h"
#include "networks/files/refuse_pickle.h"
#include "networks/layouts/schedule_marks.h"

namespace calotype::networks {
namespace {

namespace fs = std::filesystem;
using std::string;

struct Names {
  ComponentId id;
  const char *what, *stem;
};
constexpr std::array<Names, 4> kComponents{{{ComponentId::unet, "a UNet", "diffusion_pytorch_model"},
                                            {ComponentId::vae, "a VAE", "diffusion_pytorch_model"},
                                            {ComponentId::text_encoder, "a text encoder", "model"},
                                            {ComponentId::text_encoder_2, "a text encoder", "model"}}};

struct Opened {
  std::vector<std::shared_ptr<const SafetensorsFile>> files;
  string config;  ///< path; empty: none lies beside them
};

Opened open_given(const Names& names, string path) {
  refuse_pickle(path);
  if (is_folder(path)) {
    if (is_file(path + "/model_index.json")) path += string("/") + component_name(names.id);
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
  const CheckpointNames& family = model.family->names;
  const Opened opened = open_given(names, path);
  const string wanted = string(names.what) + " of " + family.family + " for \"" + component_name(names.id) + "\"";
  TensorSources all;
  for (const auto& file : opened.files) {
    refuse_foreign(*file, family.id, wanted.c_str(), true);
    all.merge(stored_sources(*file));
    if (names.id == ComponentId::unet) read_marks(*file, model);
  }
  TensorSources found = name_component_tensors(all, names.id, family, path);
  if (found.empty()) throw Error(ErrorCode::bad_data, path + ": want " + wanted + ", got none of its tensors");
  if (const bool reads_sizes = found.contains("add_embedding.linear_1.weight");
      names.id == ComponentId::unet && reads_sizes != model.family->reads_sizes)
    throw Error(ErrorCode::bad_data,
                path + ": want " + wanted + ", got a UNet that " +
                    (reads_sizes ? "reads sizes, as SDXL has" : "reads no sizes, as Stable Diffusion 1 and 2 have"));
  model.sources(names.id) = std::move(found);
  model.taken_from[names.id] = path;
  model.files.insert(model.files.end(), opened.files.begin(), opened.files.end());
  if (opened.config.empty())
    model.borrowed_configs.insert(names.id);
  else
    model.config(names.id) = ModelConfig::read(opened.config);
}

}  // namespace

const string& ComponentOverrides::of(ComponentId id) const {
  const std::array<const string*, 4> all{&unet, &vae, &text_encoder, &text_encoder_2};
  return *all.at(size_t(id));
}

void override_components(ModelLayout& model, const ComponentOverrides& overrides) {
  for (const Names& names : kComponents)
    if (const string& path = overrides.of(names.id); !path.empty()) replace(model, names, path);
}

}  // namespace calotype::networks
