#include "networks/layouts/schedule_marks.h"

#include <calotype/error.h>

#include <array>
#include <charconv>

#include "networks/layouts/stored_values.h"

namespace calotype::networks {
namespace {

/// The shortest decimal number that a float32 stands for: what was meant before it was stored.
double meant(double stored) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), float(stored)).ptr;
  double value = stored;
  std::from_chars(text.data(), end, value);
  return value;
}

/// Playground 2.5's latents have a mean and a deviation, and this factor besides.
ModelConfig with_latents(const ModelConfig& vae, const std::vector<double>& mean,
                         const std::vector<double>& deviation) {
  constexpr double kPlaygroundScale = 0.5;
  JsonValue json = vae.value();
  json["latents_mean"] = mean;
  json["latents_std"] = deviation;
  if (!json.find("scaling_factor")) json["scaling_factor"] = kPlaygroundScale;
  return ModelConfig::parse(json.dump(), vae.where());
}

}  // namespace

void read_marks(const SafetensorsFile& file, ModelLayout& model) {
  const auto& tensors = file.tensors();
  const auto values = [&](const char* name) { return values_of(tensors.at(name), name, file.path()); };
  const auto number = [&](const char* name) {
    const auto all = values(name);
    if (all.size() != 1)
      throw Error(ErrorCode::bad_data,
                  file.path() + ": tensor \"" + name + "\": want 1 number, got " + std::to_string(all.size()));
    return tensors.at(name).dtype == "F32" ? meant(all.front()) : all.front();
  };
  const auto want_beside = [&](const char* name, const char* other) {
    if (tensors.contains(name) && !tensors.contains(other))
      throw Error(ErrorCode::bad_data,
                  file.path() + ": tensor \"" + name + "\": want \"" + other + "\" beside it, got none");
  };
  want_beside("edm_mean", "edm_std");
  want_beside("edm_std", "edm_mean");
  want_beside("edm_vpred.sigma_min", "edm_vpred.sigma_max");
  if (tensors.contains("edm_mean") && tensors.contains("edm_vpred.sigma_max"))
    throw Error(ErrorCode::bad_data, file.path() + ": want tensors \"edm_mean\" or \"edm_vpred.sigma_max\", got both");
  NoiseSchedule& schedule = model.schedule;
  for (const char* key : {"modelspec.prediction_type", "modelspec.predict_key"})
    if (const auto said = file.metadata().find(key); said != file.metadata().end() && said->second.starts_with('v'))
      schedule.prediction = "v_prediction";
  if (tensors.contains("v_pred")) schedule.prediction = "v_prediction";
  if (tensors.contains("ztsnr")) schedule.zero_terminal_snr = true;
  if (tensors.contains("edm_vpred.sigma_max")) {
    schedule.prediction = "v_prediction";
    schedule.edm = Edm{.sigma_max = number("edm_vpred.sigma_max"), .sigma_data = 1};
    if (tensors.contains("edm_vpred.sigma_min")) schedule.edm->sigma_min = number("edm_vpred.sigma_min");
  }
  if (tensors.contains("edm_mean")) {
    schedule.prediction = "epsilon";
    schedule.edm = Edm{};
    model.vae = with_latents(model.vae, values("edm_mean"), values("edm_std"));
  }
}

}  // namespace calotype::networks
