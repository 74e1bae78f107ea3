#include "networks/files/component_files.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>
#include <calotype/pickle.h>
#include <dirent.h>

#include <filesystem>
#include <map>
#include <memory>

#include "networks/files/model_config.h"
#include "networks/files/quote.h"

namespace calotype::networks {
namespace {

namespace fs = std::filesystem;
using std::string;
using Files = std::vector<std::shared_ptr<const SafetensorsFile>>;

/// A shard's name comes from a file that a stranger wrote: it must not lead out of the folder.
bool is_plain_name(const string& name) {
  return name.ends_with(".safetensors") && name.front() != '.' && name.find_first_of("/\\:") == string::npos;
}

/// Shard of each tensor, as the index says.
std::map<string, string> read_index(const string& path) {
  std::map<string, string> shard_of;
  const ModelConfig weight_map = ModelConfig::read(path).at("weight_map");
  for (const auto& [tensor, value] : *weight_map.value().as<JsonValue::Object>()) {
    const auto* shard = value.as<string>();
    if (!shard || !is_plain_name(*shard)) weight_map.fail(tensor, "the plain name of a .safetensors file");
    shard_of[tensor] = *shard;
  }
  if (shard_of.empty())
    throw Error(ErrorCode::bad_data, path + ": want a \"weight_map\" with the shard of each tensor, got none");
  return shard_of;
}

Files open_shards(const string& folder, const string& index) {
  const auto shard_of = read_index(index);
  std::map<string, std::shared_ptr<const SafetensorsFile>> shards;
  for (const auto& [tensor, shard] : shard_of) {
    auto& file = shards[shard];
    if (!file) file = std::make_shared<const SafetensorsFile>(folder + "/" + shard);
    if (!file->tensors().contains(tensor))
      throw Error(ErrorCode::bad_data,
                  index + ": tensor " + quote(tensor) + ": want it in " + shard + ", got none there");
  }
  Files files;
  for (const auto& [name, file] : shards) {
    for (const auto& [tensor, stored] : file->tensors())
      if (const auto listed = shard_of.find(tensor); listed == shard_of.end() || listed->second != name)
        throw Error(ErrorCode::bad_data, file->path() + ": tensor " + quote(tensor) + ": want it where " +
                                             fs::path(index).filename().string() + " says, got it in this shard");
    files.push_back(file);
  }
  return files;
}

/// The file or index of one variant; empty where there is none. Writers have put the variant in three places.
string weight_file(const string& folder, const string& stem, const string& variant) {
  const string front = folder + "/" + stem, v = variant.empty() ? "" : "." + variant;
  for (const string& path : {front + v + ".safetensors", front + v + ".safetensors.index.json",
                             front + ".safetensors" + v + ".index.json", front + ".safetensors.index" + v + ".json"})
    if (is_file(path)) return path;
  return "";
}

[[noreturn]] void fail(const string& folder, const string& stem, const string& variant) {
  const string wanted = stem + (variant == "fp16" ? ".fp16.safetensors" : ".safetensors");
  string pickle, other;
  // not std::filesystem's: it ends the process where there is no memory for a name
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  while (const dirent* entry = open ? readdir(open.get()) : nullptr) {
    const string name = entry->d_name, extension = fs::path(name).extension();
    if (is_pickle(name) || extension == ".msgpack") pickle = std::max(pickle, name);
    if (extension == ".safetensors") other = std::max(other, name);
  }
  if (!other.empty()) throw Error(ErrorCode::no_input, folder + ": weights: want " + wanted + ", got " + other);
  if (pickle.empty()) throw Error(ErrorCode::no_input, folder + ": weights: want " + wanted + ", got none");
  throw Error(ErrorCode::bad_data,
              folder + ": weights: want " + wanted + ", got " + pickle +
                  ", which can run code when it is opened; convert the model with python -c \"from diffusers import "
                  "StableDiffusionXLPipeline as P; "
                  "P.from_pretrained('FOLDER').save_pretrained('NEW_FOLDER', safe_serialization=True)\"");
}

}  // namespace

Files open_component(const string& folder, const string& stem, const string& variant) {
  string path;
  if (variant != "fp16") path = weight_file(folder, stem, "");
  if (path.empty() && variant != "none") path = weight_file(folder, stem, "fp16");
  if (path.empty()) fail(folder, stem, variant);
  if (path.ends_with(".json")) return open_shards(folder, path);
  return {std::make_shared<const SafetensorsFile>(path)};
}

}  // namespace calotype::networks
