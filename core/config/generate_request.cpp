#include <calotype/error.h>
#include <calotype/host/encode.h>
#include <calotype/host/generate.h>

#include <algorithm>

#include "base/error_boundary.h"
#include "base/file.h"
#include "config/config_keys.h"
#include "config/config_tree.h"
#include "config/entry_defaults.h"
#include "image/png_metadata.h"
#include "yaml/value_node.h"

namespace calotype {
namespace {

using yaml::Node;

const std::string kOrigin = "request";

Node node_of(const JsonValue& value) {
  if (const auto* b = value.as<bool>()) return boolean_node(*b, kOrigin);
  if (const auto* text = value.as<std::string>()) return text_node(*text, kOrigin);
  if (const auto* number = value.as<double>()) return number_node(*number, kOrigin);
  if (const auto* list = value.as<JsonValue::List>()) {
    Numbers numbers;
    for (const JsonValue& item : *list) numbers.push_back(item.number());
    return value_node(numbers, kOrigin);
  }
  Node out = value_node({}, kOrigin);
  if (value.is_integer()) out.kind = Node::Kind::scalar, out.text = value.dump();
  return out;
}

/// What a request gives: the prompt, and each member that is not as a plain request has it.
void give_members(Node& root, const Request& request) {
  ResolvedConfig config;
  config.request = request;
  for (const Key& key : common_keys())
    if (key.value && (key.info.name == "prompt" || !key.is_default(config)))
      put(root, key.info.name, node_of(key.value(key.info, config)));
  for (const auto& [name, value] : request.options.values())
    if (!std::holds_alternative<std::monostate>(value)) put(root, name, value_node(value, kOrigin));
}

void give_entry(Node& root, const std::string& name, const EntryRequest& entry) {
  if (!entry.id.empty() || !entry.settings.empty()) put(root, name, section_of(entry, kOrigin));
}

/// Pixels in memory as a data URI.
void give_image(Node& root, const std::string& name, const std::shared_ptr<const Image>& image) {
  if (!image) return;
  const auto pixels = size_t(std::max(image->width, 0)) * size_t(std::max(image->height, 0));
  if (image->rgb.size() != pixels * 3 || (!image->alpha.empty() && image->alpha.size() != pixels) || pixels == 0)
    throw Error(ErrorCode::config, kOrigin + ": " + name + ": want " + std::to_string(pixels * 3) + " bytes for " +
                                       std::to_string(image->width) + " x " + std::to_string(image->height) +
                                       " pixels, got " + std::to_string(image->rgb.size()));
  put(root, name, text_node("data:image/png;base64," + to_base64(encode_png(*image, {})), kOrigin));
}

Node tree_of(const GenerateRequest& request) {
  Node root = map_node(kOrigin);
  if (!request.model.empty()) put(root, "model.path", text_node(request.model, kOrigin));
  for (const auto& [name, value] : request.model_settings) put(root, "model." + name, value_node(value, kOrigin));
  put(root, "device", text_node(request.device, kOrigin));
  put(root, "dtype", text_node(request.dtype, kOrigin));
  give_members(root, request);
  give_image(root, "image", request.image);
  give_image(root, "mask", request.mask);
  give_entry(root, "scheduler", request.scheduler);
  give_entry(root, "sampler", request.sampler);
  give_entry(root, "pipeline", request.pipeline);
  if (!request.output.empty()) put(root, "output.path", text_node(request.output, kOrigin));
  for (const auto& [name, value] : request.more) put(root, name, value_node(value, kOrigin));
  expand_shorthands(root);
  return root;
}

}  // namespace

Config Config::from_request(const GenerateRequest& request) {
  return at_border("", [&] {
    return Config(std::make_shared<ConfigTree>(ConfigTree{kOrigin, working_folder(), tree_of(request)}));
  });
}

}  // namespace calotype
