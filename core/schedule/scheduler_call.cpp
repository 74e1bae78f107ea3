#include "schedule/scheduler_call.h"

#include <calotype/error.h>

#include <cmath>
#include <new>

#include "base/error_boundary.h"
#include "loading/plugin_threads.h"

namespace calotype {

std::vector<double> run_scheduler(const calotype_scheduler& scheduler, const EntryInfo& entry,
                                  const std::map<std::string, Value>& settings, int steps,
                                  std::span<const double> training_sigmas) {
  const std::string who = "scheduler \"" + entry.id + "\": ";
  const calotype_noise_levels levels{sizeof levels, uint32_t(training_sigmas.size()), training_sigmas.data()};
  const AbiSettings abi(entry, settings);
  std::vector<double> sigmas(size_t(steps) + 1, std::nan(""));
  calotype_message message{sizeof message, ""};
  const Turn turn(entry);
  const int32_t status =
      in_plugin(entry, [&] { return scheduler.sigmas(uint32_t(steps), &levels, abi.get(), sigmas.data(), &message); });
  if (status == CALOTYPE_NO_MEMORY) throw std::bad_alloc();
  message.text[sizeof message.text - 1] = 0;
  if (status != CALOTYPE_OK)
    throw Error(status == CALOTYPE_DEFECT ? ErrorCode::internal : ErrorCode::config, who + message.text);
  for (size_t i = 0; i < sigmas.size(); ++i) {
    const bool last = i + 1 == sigmas.size();
    if (!std::isfinite(sigmas[i]) || (last ? sigmas[i] != 0 : sigmas[i] <= 0) || (i && sigmas[i] >= sigmas[i - 1]))
      throw Error(ErrorCode::internal, who + "broke its contract for " + std::to_string(steps) + " steps: sigma " +
                                           std::to_string(i) + " is " + std::to_string(sigmas[i]) +
                                           (i ? " after " + std::to_string(sigmas[i - 1]) : "") +
                                           "; want finite, falling strictly, the last 0");
  }
  return sigmas;
}

}  // namespace calotype
