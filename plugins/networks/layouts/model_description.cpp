#include "networks/layouts/model_description.h"

#include <set>
#include <string>

namespace calotype::networks {

Component component_of(const std::string& name, const TensorSources& sources) {
  Component out{name, 0, "", 0};
  std::set<std::string> types;
  for (const auto& [tensor, source] : sources) {
    int64_t count = 1;
    for (const int64_t n : source.shape) count *= n;
    out.parameters += count;
    out.bytes += source.data.size();
    types.insert(source.dtype);
  }
  for (const auto& type : types) out.dtype += (out.dtype.empty() ? "" : ", ") + type;
  return out;
}

ModelDescription describe(const ModelLayout& model, const std::string& family, const std::string& usage) {
  ModelDescription out;
  out.family = family;
  out.usage = usage;
  out.layout = model.layout;
  out.prediction = model.schedule.prediction;
  out.training_sigmas = training_sigmas(model.schedule, model.path);
  const auto size =
      model.unet.integers("sample_size", {model.family->sample_size}, 1, 8192);  // one number, or height and width
  out.height = size.front() * 8;
  out.width = size.back() * 8;
  const Networks& n = model.networks;
  out.components = {component_of("unet", n.unet), component_of("vae", n.vae)};
  if (!n.text_encoder.empty()) out.components.push_back(component_of("text_encoder", n.text_encoder));
  if (!n.text_encoder_2.empty()) out.components.push_back(component_of("text_encoder_2", n.text_encoder_2));
  return out;
}

}  // namespace calotype::networks
