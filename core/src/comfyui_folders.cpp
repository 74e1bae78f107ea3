// ComfyUI's extra_model_paths.yaml: sections of any name, each with base_path, is_default, and for each kind of model a folder
// or several, one a line.
#include <filesystem>
#include <sstream>

#include "file.h"
#include "model_places.h"
#include "read_value.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using yaml::Node;

std::string text_of(const Node& section, const std::string& section_name, const std::string& key) {
  const Node* node = section.find(key);
  return node && node->kind != Node::Kind::null ? read_name(*node, section_name + "." + key, "a text") : "";
}

bool is_true(const Node& section, const std::string& section_name) {
  const Node* node = section.find("is_default");
  if (!node) return false;
  const SettingInfo info{"is_default", "", SettingInfo::Type::boolean, {}, 0, 1, {}};
  return read_boolean(*node, {section_name + ".is_default", info});
}

}  // namespace

std::vector<SearchFolder> comfyui_folders(const std::string& file) {
  const Node root = yaml::parse(read_file(file, yaml::kMaxBytes), file);
  std::vector<SearchFolder> out;
  for (const auto& [name, section] : root.members) {
    if (section.kind == Node::Kind::null) continue;
    if (section.kind != Node::Kind::map) fail_unwanted(section, name.text, "a map with base_path and folders");
    const fs::path base = fs::path(file).parent_path() / with_home(text_of(section, name.text, "base_path"));
    const bool preferred = is_true(section, name.text);
    for (const std::string key : {"checkpoints", "diffusers"}) {
      std::istringstream lines(text_of(section, name.text, key));
      for (std::string line; std::getline(lines, line);) {
        const size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
        if (first == line.npos) continue;
        fs::path path = (base / with_home(line.substr(first, last - first + 1))).lexically_normal();
        if (!path.has_filename()) path = path.parent_path();
        out.push_back({path, path, key == "checkpoints", preferred});
      }
    }
  }
  return out;
}

}  // namespace calotype
