#include "networks/layouts/diffusers_folder.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include "networks/files/component_files.h"
#include "networks/files/quote.h"
#include "networks/files/refuse_pickle.h"
#include "networks/layouts/network_check.h"

namespace calotype::networks {
namespace {

using std::string;

bool is_text(ComponentId id) {
  return id == ComponentId::text_encoder || id == ComponentId::text_encoder_2;
}

/// The class that model_index.json names for a component: "none" where it names none.
string class_in(const ModelConfig& index, const string& name) {
  const JsonValue* found = index.value().find(name);
  const auto* pair = found ? found->as<JsonValue::List>() : nullptr;
  const auto* class_name = pair && pair->size() == 2 ? (*pair)[1].as<string>() : nullptr;
  return class_name ? *class_name : "none";
}

bool is_left_out(const Family& family, const ModelConfig& index, const string& name) {
  return family.is_left_out && family.is_left_out(index, name);
}

ModelConfig read_index(const string& folder, const Family& family, const ComponentOverrides& overrides) {
  const string path = folder + "/model_index.json";
  const ModelConfig index = ModelConfig::read(path);
  if (!family.is_pipeline(index.text("_class_name", ""))) index.fail("_class_name", family.pipeline);
  for (const auto& wanted : family.components) {
    const string name = component_name(wanted.id), found = class_in(index, name);
    const bool is_given = found == "none" && !overrides.of(wanted.id).empty();
    if (found != wanted.name && !is_left_out(family, index, name) && !is_given)
      throw Error(ErrorCode::bad_data, path + ": component \"" + name + "\": want " + wanted.name + ", got " +
                                           (found == "none" ? found : quote(found)));
  }
  return index;
}

TensorSources read_component(ComponentId id, const string& folder, const string& variant, ModelLayout& model) {
  TensorSources out;
  for (const auto& file : open_component(folder, is_text(id) ? "model" : "diffusion_pytorch_model", variant)) {
    for (const auto& [name, source] : stored_sources(*file)) {
      if (is_text(id) && is_known_extra(name)) continue;
      const string known = is_text(id) ? text_encoder_name(name) : id == ComponentId::vae ? vae_name(name) : name;
      if (!out.try_emplace(known, source).second)
        throw Error(ErrorCode::bad_data,
                    file->path() + ": tensor " + quote(name) + ": want it or another that means the same, got both");
    }
    model.files.push_back(file);
  }
  return out;
}

void check_folder(const string& folder, const string& name) {
  if (!is_folder(folder))
    throw Error(ErrorCode::no_input, folder + ": want the component \"" + name + "\", got no such folder");
}

void find_tokenizers(const string& folder, ModelLayout& model) {
  for (const auto& component : model.family->components) {
    if (!is_text(component.id)) continue;
    const bool is_first = component.id == ComponentId::text_encoder;
    const string name = is_first ? "tokenizer" : "tokenizer_2";
    if (is_left_out(*model.family, model.index, name)) continue;
    string& location = is_first ? model.tokenizer : model.tokenizer_2;
    location = folder + "/" + name;
    check_folder(location, name);
  }
}

}  // namespace

ModelLayout read_diffusers_folder(const string& path, const string& variant, const Family& family,
                                  const ComponentOverrides& overrides) {
  string folder = path;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  refuse_pickle(folder);
  ModelLayout model(family, folder, "diffusers folder");
  model.index = read_index(folder, family, overrides);
  for (const auto& component : family.components) {
    const string name = component_name(component.id), own = folder + "/" + name;
    if (is_left_out(family, model.index, name)) continue;
    // one that is taken from elsewhere need not be there, but may tell its settings
    const bool is_elsewhere = !overrides.of(component.id).empty();
    if (is_elsewhere && !is_there(own + "/config.json")) continue;
    check_folder(own, name);
    model.config(component.id) = ModelConfig::read(own + "/config.json");
    if (!is_elsewhere) model.sources(component.id) = read_component(component.id, own, variant, model);
  }
  check_folder(folder + "/scheduler", "scheduler");
  model.schedule = read_noise_schedule(ModelConfig::read(folder + "/scheduler/scheduler_config.json"));
  find_tokenizers(folder, model);
  override_components(model, overrides);
  if (family.complete) family.complete(model);
  check_networks(model);
  return model;
}

}  // namespace calotype::networks
