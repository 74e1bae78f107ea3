#include "config/name_readers.h"

#include <calotype/file_kind.h>

#include "base/parse_number.h"
#include "yaml/read_value.h"

namespace calotype {

using yaml::Node;

std::string read_device(const ConfigTree&, const Node& node, const std::string& name) {
  const std::string_view text = node.text;
  const auto number = text.starts_with("cuda:") ? parse_integer(text.substr(5)) : std::nullopt;
  const bool is_numbered = number && text.find_first_not_of("0123456789", 5) == text.npos && *number < 64;
  if (node.kind != Node::Kind::scalar || (text != "auto" && text != "cpu" && text != "cuda" && !is_numbered))
    yaml::fail(node, name + ": want auto, cpu, cuda or cuda:N, got " + describe(node) +
                         (text == "gpu" ? "; here it is cuda" : ""));
  return node.text;
}

std::string read_folder(const ConfigTree& tree, const Node& node, const std::string& name) {
  read_name(node, name, "a folder");
  const std::string folder = absolute_path(tree, node);
  if (!is_folder(folder)) yaml::fail(node, name + ": no folder \"" + folder + "\"", ErrorCode::no_input);
  return folder;
}

std::string read_output_path(const ConfigTree&, const Node& node, const std::string& name) {
  return read_name(node, name, "a path");
}

}  // namespace calotype
