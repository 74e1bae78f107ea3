#include <calotype/error.h>

#include <algorithm>

#include "base/utf8.h"
#include "config/config_keys.h"
#include "config/config_tree.h"

namespace calotype {
namespace {

using yaml::Node;

constexpr size_t kMaxDots = 8;

Node made(Node::Kind kind, std::string text, const std::string& file) {
  Node node;
  node.kind = kind;
  node.text = std::move(text);
  node.file = file;
  return node;
}

/// A text is taken as it is; for a section a flow map is that map, and all else its shorthand: `output={seed}.png` is a
/// path.
bool is_literal(std::string_view key, std::string_view value) {
  if (const Key* found = find_key(key)) return found->info.type == SettingInfo::Type::text && !found->is_list;
  return shorthand_of(key) && !(value.starts_with('{') && value.ends_with('}'));
}

Node parse_override_value(std::string_view key, std::string_view value, const std::string& file) {
  Node node = made(Node::Kind::scalar, std::string(value), file);
  if (is_literal(key, value)) {
    node.quoted = true;
    return node;
  }
  const bool is_flow = !value.empty() && std::string_view("[{\"'").find(value[0]) != std::string_view::npos;
  if (is_flow) {
    Node flow = yaml::parse_value(value, file);
    flow.typed = value;
    return flow;
  }
  if (value.empty() || value == "~" || value == "null") node.kind = Node::Kind::null;
  return node;
}

/// The value of `key` in a map, which it becomes if it is none.
Node& member(Node& map, std::string_view key, const std::string& file) {
  if (map.kind != Node::Kind::map) map = made(Node::Kind::map, "", file);
  for (auto& [name, value] : map.members)
    if (name.text == key) {
      name.file = file, name.line = 0;
      return value;
    }
  map.members.emplace_back(made(Node::Kind::scalar, std::string(key), file), made(Node::Kind::null, "", file));
  return map.members.back().second;
}

}  // namespace

void expand_shorthands(Node& root) {
  for (auto& [key, value] : root.members) {
    const Key* shorthand = shorthand_of(key.text);
    if (!shorthand || value.kind != Node::Kind::scalar) continue;
    Node map = value, name = value;
    map.kind = Node::Kind::map;
    map.text.clear();
    name.text = shorthand->info.name.substr(key.text.size() + 1);
    map.members.emplace_back(std::move(name), std::move(value));
    value = std::move(map);
  }
}

void apply_override(Node& root, const std::string& text, const std::string& typed) {
  const std::string file = "--set " + one_line(typed);
  yaml::check_characters(text, file, false);
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw Error(ErrorCode::config, file + ": want KEY=VALUE");
  const std::string_view path = std::string_view(text).substr(0, equals);
  if (size_t(std::count(path.begin(), path.end(), '.')) > kMaxDots)
    throw Error(ErrorCode::config, file + ": want fewer dots");
  Node* node = &root;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('.', start), path.size());
    node = &member(*node, path.substr(start, end - start), file);
    start = end + 1;
  }
  *node = parse_override_value(path, std::string_view(text).substr(equals + 1), file);
  expand_shorthands(root);
}

}  // namespace calotype
