// Sigmas optimized for SDXL (or SD 1.5) at 10 steps, stretched to other numbers: good images from few steps. Not for
// models with other sigmas, because the table does not adapt.
//
//   sigma_i = exp(log-linear interpolation of the 11 points at 10 i/n),   i = 0 .. n-1;   sigma_n = 0
//
// Sabour, Fidler, Kreis 2024, "Align Your Steps: Optimizing Sampling Schedules in Diffusion Models", arXiv:2404.14507.
// The full digits are SDXL's sigmas at the authors' timesteps 999 845 730 587 443 310 193 116 53 13 0, as in ComfyUI
// and stable-diffusion.cpp. AUTOMATIC1111 uses the three digits of the authors' page and stretches them to n points
// instead of n+1: align_your_steps@a1111.
#include "schedulers/log_linear.h"
#include "schedulers/table_choice.h"
#include "schedulers/variant.h"

namespace {
using namespace calotype;

constexpr double kSdxl[] = {14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
                            0.5550693289,  0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582};
constexpr double kSd15[] = {14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
                            0.9642583904,  0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582};
constexpr double kSdxlOfPage[] = {14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029};
constexpr double kSd15OfPage[] = {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029};

constexpr Info kInfo{.id = "align_your_steps",
                     .aliases = {"ays"},
                     .label = "Align Your Steps",
                     .summary = "sigmas optimized for SDXL at about 10 steps; not for models with other sigmas",
                     .citation = "Sabour et al. 2024, arXiv:2404.14507",
                     .origin = "ComfyUI",
                     .category = "Efficiency",
                     .best_for = "speed",
                     .steps = {12, 20},
                     .pairs_with = "dpmpp_2m_sde",
                     .settings = {kTable}};

constexpr Info kA1111 =
    variant(kInfo, "align_your_steps@a1111", "align_your_steps_11",
            "align_your_steps in three digits with one more step at the end, as AUTOMATIC1111; not below 8 steps");

std::vector<double> align_your_steps(int steps, const ModelSigmas&, const Settings& settings) {
  return stretched(steps, chosen(settings, kSdxl, kSd15));
}
std::vector<double> align_your_steps_a1111(int steps, const ModelSigmas&, const Settings& settings) {
  return stretched_whole(steps, chosen(settings, kSdxlOfPage, kSd15OfPage));
}
}  // namespace

CALOTYPE_SCHEDULER_ENTRY(kInfo, align_your_steps);
CALOTYPE_SCHEDULER_ENTRY(kA1111, align_your_steps_a1111);
