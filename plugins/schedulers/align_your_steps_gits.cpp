// Eleven sigmas from the search of gits, stretched to any number of steps: most steps at low sigmas. Not for images
// whose layout matters most, nor for models with other sigmas, because the table does not adapt.
//
//   sigma_i = exp(log-linear interpolation of the 11 points at 10 i/(n-1)),   i = 0 .. n-1;   sigma_n = 0
//
// Chen, Zhou, Wang, Shen, Xu 2024, arXiv:2405.11326, with the numbers of Forge's "Align Your Steps GITS". gits has the
// whole table.
#include "schedulers/log_linear.h"
#include "schedulers/table_choice.h"

namespace {
using namespace calotype;

constexpr double kSdxl[] = {14.615, 4.734, 2.567, 1.529, 0.987, 0.652, 0.418, 0.268, 0.179, 0.127, 0.029};
constexpr double kSd15[] = {14.615, 4.617, 2.507, 1.236, 0.702, 0.402, 0.240, 0.156, 0.104, 0.094, 0.029};

constexpr Info kInfo{
    .id = "align_your_steps_gits",
    .aliases = {"gits@forge"},
    .label = "Align Your Steps GITS",
    .summary = "11 sigmas of gits, stretched to any steps, as Forge: detail; not where the layout matters most",
    .citation = "Chen et al. 2024, arXiv:2405.11326",
    .origin = "Forge",
    .category = "Efficiency",
    .best_for = "speed",
    .steps = {8, 20},
    .pairs_with = "dpmpp_2m",
    .settings = {kTable}};

std::vector<double> align_your_steps_gits(int steps, const ModelSigmas&, const Settings& settings) {
  return stretched_whole(steps, chosen(settings, kSdxl, kSd15));
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, align_your_steps_gits);
