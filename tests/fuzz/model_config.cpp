#include "networks/files/model_config.h"

#include "networks/layouts/noise_schedule.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(model_config) {
  const std::string where = "config.json";
  try {
    const auto config = networks::ModelConfig::parse(input, where);
    networks::training_sigmas(networks::read_noise_schedule(config), where);
  } catch (const Error& e) {
    fuzz::check_error(e, where);
  }
}
