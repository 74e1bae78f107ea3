#include "models/model_aliases.h"

#include <calotype/file_kind.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/normal_form.h"
#include "yaml/read_value.h"
#include "yaml/yaml.h"

namespace calotype {
namespace {

std::string_view without_org(std::string_view id) {
  return id.substr(id.find('/') == id.npos ? 0 : id.find('/') + 1);
}

}  // namespace

std::string normalized(std::string_view name) {
  std::string out;
  for (const char c : composed(name)) {
    if (c == '-' || c == '_' || c == '.') continue;
    out += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  }
  return out;
}

KnownModelNames::KnownModelNames(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    if (!is_there(file)) continue;
    const yaml::Node root = yaml::parse(read_file(file, yaml::kMaxBytes), file);
    for (const auto& member : root.members) {
      const std::string& id = member.first.text;
      const std::string stem = read_name(member.second, id, "the stem of a file");
      std::erase_if(all_, [&](const Known& known) { return normalized(known.id) == normalized(id); });
      all_.push_back({id, stem});
    }
  }
}

std::vector<std::string> KnownModelNames::stems_of(std::string_view id) const {
  const bool has_org = without_org(id) != id;
  std::vector<std::string> out;
  for (const auto& known : all_) {
    const bool is_whole = normalized(known.id) == normalized(id);
    const bool is_plain = without_org(known.id) == known.id && normalized(known.id) == normalized(without_org(id));
    const bool is_any_org = !has_org && normalized(without_org(known.id)) == normalized(id);
    if ((is_whole || is_plain || is_any_org) && std::find(out.begin(), out.end(), known.stem) == out.end())
      out.push_back(known.stem);
  }
  return out;
}

std::vector<std::string> KnownModelNames::ids() const {
  std::vector<std::string> out;
  for (const auto& known : all_) out.push_back(known.id);
  return out;
}

}  // namespace calotype
