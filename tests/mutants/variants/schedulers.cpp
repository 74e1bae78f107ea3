// Schedulers that fail a check in another way than its mutant does.
#include "../good_scheduler.h"

namespace {

constexpr Info kUnknown{.id = "unknown", .summary = "Returns a status that there is not"};
int32_t unknown(uint32_t, const calotype_noise_levels*, const calotype_settings*, double*, calotype_message*) {
  return 77;
}
constexpr calotype_scheduler kReturnsUnknown{sizeof(calotype_scheduler), unknown};

constexpr Info kLines{.id = "lines", .summary = "Refuses 100 steps in two lines"};
std::vector<double> lines(int steps, const ModelSigmas& levels, const Settings&) {
  if (steps == 100) throw Error("not 100 steps:\nnever");
  return good(steps, levels);
}

constexpr Info kWriting{.id = "writing", .summary = "Writes to its setting", .settings = {kAmount}};
int32_t writing(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings, double* sigmas,
                calotype_message* message) {
  const_cast<calotype_setting*>(settings->values[0])->number = 0.5;
  return good_in_c(steps, levels, settings, sigmas, message);
}
constexpr calotype_scheduler kWrites{sizeof(calotype_scheduler), writing};

constexpr Info kEndless{.id = "endless",
                        .summary = "Does not read its last sigma",
                        .settings = {number("sigma_min", kNotGiven, 1e-6, 1e6, "the last sigma before 0")}};

}  // namespace

CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kUnknown, "", &kReturnsUnknown);
CALOTYPE_SCHEDULER_ENTRY(kLines, lines);
CALOTYPE_ENTRY(CALOTYPE_SCHEDULER, 1u, kWriting, "", &kWrites);
CALOTYPE_SCHEDULER_ENTRY(kEndless, good_schedule);
