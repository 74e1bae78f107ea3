#include "files/model_config.h"

#include "layouts/noise_schedule.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(model_config) {
  const std::string where = "config.json";
  try {
    const auto config = sdxl::ModelConfig::parse(input, where);
    sdxl::training_sigmas(sdxl::read_noise_schedule(config), where);
  } catch (const Error& e) {
    fuzz::check_error(e, where);
  }
}
