#include "sdxl/incomplete_model.h"

#include <array>
#include <utility>

#include "networks/layouts/model_description.h"

namespace calotype::sdxl {
namespace {

/// The components and the prefixes of their tensors' names.
constexpr std::array<std::pair<const char*, const char*>, 4> kComponents{
    {{"unet", "model.diffusion_model."},
     {"vae", "first_stage_model."},
     {"text_encoder", "conditioner.embedders.0.transformer."},
     {"text_encoder_2", "conditioner.embedders.1.model."}}};
/// A tensor of SDXL's UNet and no other checkpoint's: it reads the image's size.
constexpr const char* kSdxlOnly = "model.diffusion_model.label_emb.0.0.weight";

}  // namespace

std::optional<ModelDescription> describe_incomplete(const std::string& path) {
  const networks::SafetensorsFile file(path);
  if (!file.tensors().contains(kSdxlOnly)) return std::nullopt;
  const networks::TensorSources all = networks::stored_sources(file);
  ModelDescription out;
  out.family = "sdxl";
  out.layout = "single file";
  for (const auto& [name, prefix] : kComponents) {
    networks::TensorSources own;
    for (const auto& [tensor, source] : all)
      if (tensor.starts_with(prefix)) own.emplace(tensor, source);
    if (own.empty())
      out.missing.emplace_back(name);
    else
      out.components.push_back(networks::component_of(name, own));
  }
  return out.missing.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace calotype::sdxl
