#include "config/read_image.h"

#include <calotype/file_kind.h>

#include "image/load_image.h"
#include "yaml/read_value.h"

namespace calotype {
namespace {

constexpr size_t kMaxPath = 4095;

}  // namespace

std::string read_image_source(const ConfigTree& tree, const yaml::Node& node, const std::string& name) {
  const std::string given = read_name(node, name, "a path, base64 or a data URI");
  if (const auto text = inline_image(given)) return std::string(*text);
  if (given.starts_with("http://") || given.starts_with("https://"))
    fail_unwanted(node, name, "a path, base64 or a data URI, as images are not fetched");
  if (given.size() > kMaxPath) fail_unwanted(node, name, "a path, base64 of an image or a data URI");
  const std::string path = absolute_path(tree, node);
  const FileKind kind = kind_of(path);
  if (kind == FileKind::folder) yaml::fail(node, name + ": want a file, got the folder \"" + path + "\"");
  if (kind == FileKind::other) yaml::fail(node, name + ": want a file, got a pipe or a device, \"" + path + "\"");
  if (kind != FileKind::file) yaml::fail(node, name + ": no file \"" + path + "\"", ErrorCode::no_input);
  return path;
}

}  // namespace calotype
