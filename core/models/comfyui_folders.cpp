// ComfyUI's extra_model_paths.yaml: sections of any name, each with base_path, is_default, and for each kind of model
// one or several folders, one a line.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "base/user_paths.h"
#include "models/search_folders.h"
#include "yaml/read_value.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

using yaml::Node;

std::string text_of(const Node& section, const std::string& section_name, const std::string& key) {
  const Node* node = section.find(key);
  return node && node->kind != Node::Kind::null ? read_name(*node, section_name + "." + key, "a text") : "";
}

/// Truth as in PyYAML and Python: a text is true except for YAML 1.1's words of no, an empty text and a zero.
bool is_true(const Node& section) {
  const Node* node = section.find("is_default");
  if (!node || node->kind == Node::Kind::null) return false;
  if (node->kind != Node::Kind::scalar) return !node->items.empty() || !node->members.empty();
  if (node->quoted) return !node->text.empty();
  std::string text = node->text;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text != "false" && text != "no" && text != "off" && text != "0" && !text.empty();
}

bool is_in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Expands $NAME and ${NAME} from the environment; an unknown variable is unchanged.
std::string with_variables(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    std::string name;
    if (text[i] == '$' && text.compare(i, 2, "${") == 0 && text.find('}', i) != text.npos) {
      end = text.find('}', i) + 1;
      name = text.substr(i + 2, end - i - 3);
    } else if (text[i] == '$') {
      while (end < text.size() && is_in_name(text[end])) ++end;
      name = text.substr(i + 1, end - i - 1);
    }
    const char* value = name.empty() ? nullptr : secure_getenv(name.c_str());
    out += value ? std::string(value) : text.substr(i, end - i);
    i = end;
  }
  return out;
}

/// The folders of one kind of model, one a line.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
    if (first != line.npos) out.push_back(line.substr(first, last - first + 1));
  }
  return out;
}

}  // namespace

std::vector<SearchFolder> comfyui_folders(const std::string& file) {
  const Node root = yaml::parse_lenient(read_file(file, yaml::kMaxBytes), file);
  std::vector<SearchFolder> out;
  for (const auto& [name, section] : root.members) {
    if (section.kind == Node::Kind::null) continue;
    if (section.kind != Node::Kind::map) fail_unwanted(section, name.text, "a map with base_path and folders");
    const fs::path base =
        fs::path(file).parent_path() / with_variables(with_home(text_of(section, name.text, "base_path")));
    const bool preferred = is_true(section);
    for (const std::string key : {"checkpoints", "diffusers"}) {
      for (const std::string& line : lines_of(text_of(section, name.text, key))) {
        fs::path path = (base / with_variables(with_home(line))).lexically_normal();
        if (!path.has_filename()) path = path.parent_path();
        out.push_back({path, path, key == "checkpoints", preferred});
      }
    }
  }
  return out;
}

}  // namespace calotype
