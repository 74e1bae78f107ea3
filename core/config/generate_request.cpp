#include <calotype/error.h>
#include <calotype/host/encode.h>
#include <calotype/host/generate.h>

#include <algorithm>

#include "base/error_boundary.h"
#include "base/file.h"
#include "config/config_keys.h"
#include "config/config_tree.h"
#include "config/entry_defaults.h"
#include "image/png_file.h"
#include "yaml/value_node.h"

namespace calotype {
namespace {

using yaml::Node;

const std::string kOrigin = "request";

/// The node of a key's target; nothing is given where a member is as a plain request has it, except the prompt.
class Give {
 public:
  Give(Node& root, const GenerateRequest& request, const Key& key) : root_(root), request_(request), key_(key) {}

  void operator()(std::monostate) const {}
  template <class T>
  void operator()(T ResolvedConfig::*) const {}  // device, dtype and what `more` gives
  template <class T>
  void operator()(T Request::* member) const {
    const T& value = request_.*member;
    if (value != plain_.*member || key_.info.name == "prompt") put(root_, key_.info.name, node(value));
  }

 private:
  Node node(bool value) const { return boolean_node(value, kOrigin); }
  Node node(double value) const { return number_node(value, kOrigin); }
  Node node(const std::string& value) const { return text_node(value, kOrigin); }
  Node node(Size value) const {
    return value_node(std::vector<double>{double(value.height), double(value.width)}, kOrigin);
  }
  template <class T>
    requires std::is_integral_v<T>
  Node node(T value) const {
    Node out = boolean_node(false, kOrigin);  // a scalar without quotes
    out.text = std::to_string(value);
    return out;
  }
  template <class T>
    requires std::is_enum_v<T>
  Node node(T value) const {
    return text_node(key_.info.choices.at(size_t(value)), kOrigin);
  }
  template <class T>
  Node node(const std::optional<T>& value) const {
    return value ? node(*value) : value_node({}, kOrigin);
  }

  Node& root_;
  const GenerateRequest& request_;
  const Key& key_;
  const Request plain_;
};

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
  for (const Key& key : config_keys()) std::visit(Give{root, request, key}, key.target);
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
