#include "yaml/value_node.h"

#include <cmath>

#include "base/parse_number.h"

namespace calotype {
namespace {

using yaml::Node;

Node scalar(std::string text, const std::string& origin, bool quoted) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  node.quoted = quoted;
  node.file = origin;
  return node;
}

}  // namespace

Node map_node(const std::string& origin) {
  Node node;
  node.kind = Node::Kind::map;
  node.file = origin;
  return node;
}

Node text_node(std::string text, const std::string& origin) {
  return scalar(std::move(text), origin, true);
}

Node number_node(double number, const std::string& origin) {
  const std::string text = std::isfinite(number) ? format_number(number)
                           : std::isnan(number)  ? "nan"
                           : number > 0          ? "inf"
                                                 : "-inf";
  return scalar(text, origin, false);
}

Node boolean_node(bool value, const std::string& origin) {
  return scalar(value ? "true" : "false", origin, false);
}

Node value_node(const Value& value, const std::string& origin) {
  if (const auto* b = std::get_if<bool>(&value)) return boolean_node(*b, origin);
  if (const auto* d = std::get_if<double>(&value)) return number_node(*d, origin);
  if (const auto* s = std::get_if<std::string>(&value)) return text_node(*s, origin);
  Node node;
  node.file = origin;
  if (const auto* numbers = std::get_if<Numbers>(&value)) {
    node.kind = Node::Kind::list;
    for (const double number : *numbers) node.items.push_back(number_node(number, origin));
  }
  return node;
}

void put(Node& map, std::string_view key, Node value) {
  const size_t dot = key.find('.');
  const std::string name(key.substr(0, dot));
  if (dot != key.npos) {
    const Node* inner = map.find(name);
    Node section = inner && inner->kind == Node::Kind::map ? *inner : map_node(value.file);
    put(section, key.substr(dot + 1), std::move(value));
    value = std::move(section);
  }
  if (Node* found = map.find(name)) {
    *found = std::move(value);
    return;
  }
  Node name_node = text_node(name, value.file);
  map.members.emplace_back(std::move(name_node), std::move(value));
}

}  // namespace calotype
