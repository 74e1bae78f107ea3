#include "networks/model/model_settings.h"

#include <calotype/error.h>

#include "networks/components/tiny_decoder_fit.h"

namespace calotype::networks {
namespace {

AttentionRule attention_rule(std::string_view name) {
  if (name == "measured") return AttentionRule::measured;
  return name == "measured_text" ? AttentionRule::measured_text : AttentionRule::fixed;
}

}  // namespace

std::string path_of(const Settings& settings, const Setting& setting) {
  return std::string(settings.text(setting));
}

ModelLayout overruled(ModelLayout model, const Settings& settings) {
  if (const auto prediction = settings.text(kPrediction); prediction != "auto") model.schedule.prediction = prediction;
  if (const auto zero = settings.text(kZeroSnr); zero != "auto") {
    if (zero == "yes" && model.schedule.edm)
      throw Error(ErrorCode::config, "zero_terminal_snr: want auto or no for a model of EDM's sigmas, got yes");
    model.schedule.zero_terminal_snr = zero == "yes";
  }
  model.decodes_tiny = settings.text(kDecoder) == "tiny";
  if (const auto path = path_of(settings, kTinyDecoder); !path.empty()) {
    model.tiny_decoder = find_tiny_decoder(path);
    check_fits(model.tiny_decoder, model);
  } else if (model.decodes_tiny) {
    throw Error(ErrorCode::config, "decoder: want tiny_decoder too, got none");
  }
  return model;
}

LoadSettings::LoadSettings(const Settings& settings)
    : copies(settings.text(kRead) == "copy"),
      fuses_all(settings.text(kFusions) == "all"),
      attention(attention_rule(settings.text(kAttention))) {}

}  // namespace calotype::networks
