#include "models/incomplete_model.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bounded_json.h"
#include "base/file.h"
#include "base/folder_entries.h"
#include "models/model_scan.h"
#include "models/pickle_refusal.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr uint64_t kMostHeader = 100'000'000;

/// The header of a .safetensors file. Throws if there is none.
Json header_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  char size_bytes[8];
  uint64_t size = 0;
  if (!in.read(size_bytes, 8)) throw Error(ErrorCode::bad_data, path.string());
  std::memcpy(&size, size_bytes, 8);
  std::error_code failed;
  if (size > kMostHeader || size + 8 > fs::file_size(path, failed)) throw Error(ErrorCode::bad_data, path.string());
  std::string text(size, '\0');
  in.read(text.data(), std::streamsize(size));
  return parse_bounded<Json>(text);
}

/// Adds the tensors whose names have this prefix.
void add_tensors(const Json& header, const std::string& prefix, ModelPart& component) {
  std::set<std::string> types;
  if (!component.dtype.empty()) types.insert(component.dtype);
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__" || !name.starts_with(prefix)) continue;
    int64_t count = 1;
    for (const auto& n : tensor.at("shape")) count *= n.get<int64_t>();
    component.parameters += count;
    component.bytes +=
        tensor.at("data_offsets").at(1).get<uint64_t>() - tensor.at("data_offsets").at(0).get<uint64_t>();
    types.insert(tensor.at("dtype").get<std::string>());
  }
  component.dtype.clear();
  for (const auto& type : types) component.dtype += (component.dtype.empty() ? "" : ", ") + type;
}

Json read_json(const fs::path& path) {
  std::error_code none;
  return fs::is_regular_file(path, none) ? parse_bounded<Json>(read_file(path, 16 << 20)) : Json::object();
}

/// Whether a pipeline's component of this class has weights.
bool has_weights(const std::string& kind) {
  constexpr std::array kWithout{"Tokenizer", "Scheduler", "Processor", "Extractor"};
  return std::none_of(kWithout.begin(), kWithout.end(), [&](const char* word) { return kind.find(word) != kind.npos; });
}

bool is_scheduler(const std::string& kind) {
  return kind.find("Scheduler") != kind.npos;
}

/// The weight files of a component that exist: the first of several variants, and the shards of an index.
std::vector<std::string> weight_files(const fs::path& folder, std::vector<std::string>& missing) {
  std::vector<std::string> files, indices;
  std::error_code failed;
  for (const auto& path : entries_of(folder, failed)) {
    const std::string name = path.filename();
    if (name.ends_with(".safetensors")) files.push_back(path);
    if (name.ends_with(".json") && name.find(".safetensors.index") != name.npos) indices.push_back(path);
  }
  if (indices.empty()) return files.empty() ? files : std::vector{files.front()};
  std::set<std::string> shards;
  const Json map = read_json(indices[0]).at("weight_map");
  for (const auto& [tensor, shard] : map.items()) shards.insert(shard.get<std::string>());
  files.clear();
  for (const auto& shard : shards) {
    const bool is_there = fs::is_regular_file(folder / shard, failed);
    if (is_there)
      files.push_back(folder / shard);
    else
      missing.push_back(folder.filename().string() + "/" + shard);
  }
  return files;
}

/// Reports that a component's weights are missing. Throws if they exist as a pickle; the loader explains what to do.
void add_weights(const fs::path& folder, std::vector<std::string>& missing) {
  std::error_code failed;
  for (const auto& path : entries_of(folder, failed))
    if (is_pickle(path)) throw Error(ErrorCode::bad_data, path.string());
  missing.push_back(folder.filename().string() + "/*.safetensors");
}

void read_folder(const std::string& path, ModelInfo& out) {
  const Json index = read_json(path + "/model_index.json");
  out.layout = "diffusers folder";
  out.family = index.value("_class_name", "");
  for (const auto& [name, kind] : index.items()) {
    if (!kind.is_array() || kind.size() != 2 || !kind[1].is_string()) continue;
    std::error_code none;
    const fs::path folder = fs::path(path) / name;
    if (!fs::is_directory(folder, none)) {
      out.missing.push_back(name);
    } else if (has_weights(kind[1])) {
      if (!fs::is_regular_file(folder / "config.json", none)) out.missing.push_back(name + "/config.json");
      ModelPart component{name, "", 0, 0};
      const size_t before = out.missing.size();
      for (const auto& file : weight_files(folder, out.missing)) add_tensors(header_of(file), "", component);
      if (component.parameters)
        out.parts.push_back(component);
      else if (out.missing.size() == before)
        add_weights(folder, out.missing);
    } else if (is_scheduler(kind[1]) && !fs::is_regular_file(folder / "scheduler_config.json", none)) {
      out.missing.push_back(name + "/scheduler_config.json");
    }
  }
  out.prediction = read_json(path + "/scheduler/scheduler_config.json").value("prediction_type", "");
}

}  // namespace

std::optional<ModelInfo> describe_incomplete_folder(const std::string& path, const std::string& loader) {
  ModelInfo out;
  out.path = path;
  out.loader = loader;
  out.file_bytes = bytes_of(path);
  try {
    std::error_code none;
    if (!fs::is_directory(path, none)) return std::nullopt;
    read_folder(path, out);
  } catch (const std::exception&) {
    return std::nullopt;  // damaged; the loader reports it better
  }
  if (out.missing.empty() || out.layout.empty()) return std::nullopt;
  return out;
}

}  // namespace calotype
