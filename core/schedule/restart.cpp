#include "schedule/restart.h"

#include <calotype/error.h>

#include <algorithm>
#include <cmath>

#include "base/error_list.h"
#include "base/parse_number.h"
#include "base/spelling.h"

namespace calotype {
namespace {

constexpr const char* kA1111 = "a1111";

/// The schedule is shorter by the restarts' steps; a restart interval goes up to the sigma of the schedule nearest to
/// sigma_max.
bool is_a1111(const Restart& r) {
  return r.preset == kA1111;
}

std::vector<RestartSegment> a1111_intervals(int steps) {
  if (steps < 20) return {};
  if (steps < 36) return {{0.1, 2, 9, 1}};
  return {{0.1, 2, steps / 4, 2}};
}

/// The sigma nearest to `sigma` among those that a step of the pass reaches from `most` or above.
size_t nearest(std::span<const double> pass, double sigma, double most) {
  size_t best = pass.size() - 1;
  for (size_t i = best; i >= 1 && pass[i] < most; --i)
    if (std::abs(pass[i] - sigma) < std::abs(pass[best] - sigma)) best = i;
  return best;
}

bool lies_within(const RestartSegment& s, std::span<const double> pass, bool is_snapped) {
  return (is_snapped || s.sigma_max <= pass.front() * (1 + 1e-9)) && pass.back() <= s.sigma_min;
}

/// steps+1 sigmas that are even in sigma^(1/7), as in the paper.
std::vector<double> between(double top, double bottom, int steps) {
  const double first = std::pow(top, 1 / 7.0), last = std::pow(bottom, 1 / 7.0);
  std::vector<double> out;
  for (int i = 0; i <= steps; ++i)
    out.push_back(i == 0 ? top : i == steps ? bottom : std::pow(first + double(i) / steps * (last - first), 7));
  return out;
}

}  // namespace

const std::vector<std::string>& restart_presets() {
  static const std::vector<std::string> names{
      "none", "paper_guidance_2", "paper_guidance_3", "paper_guidance_5", "comfyui", kA1111};
  return names;
}

Restart restart_preset(const std::string& name, int steps) {
  if (name == "none") return {};
  if (name == "paper_guidance_2") return {name, {{1, 9, 4, 2}, {5, 10, 4, 2}}};
  if (name == "paper_guidance_3") return {name, {{0.1, 3, 9, 2}}};
  if (name == "paper_guidance_5") return {name, {{0.1, 2, 9, 2}}};  // and 8
  if (name == "comfyui") return {name, {{0.06, 0.3, 2, 2}, {0.3, 0.59, 2, 1}}};
  if (name == kA1111) return {name, a1111_intervals(steps)};
  throw Error(ErrorCode::config, unknown_name("restart", name, restart_presets()));
}

int steps_within(const Restart& restart) {
  return is_a1111(restart) ? steps_of(restart) : 0;
}

std::vector<RestartSegment> restart_intervals_within(std::span<const double> pass, const Restart& restart) {
  std::vector<RestartSegment> out;
  for (RestartSegment s : restart.segments) {
    if (!lies_within(s, pass, is_a1111(restart))) continue;
    if (is_a1111(restart))
      s.sigma_max = *std::min_element(pass.begin(), pass.end(), [&](double a, double b) {
        return std::abs(a - s.sigma_max) < std::abs(b - s.sigma_max);
      });
    s.sigma_min = pass[nearest(pass, s.sigma_min, s.sigma_max)];
    if (s.sigma_min < s.sigma_max) out.push_back(s);
  }
  return out;
}

std::vector<PassInterval> pass_intervals(std::span<const double> pass, const Restart& restart) {
  const auto intervals = restart_intervals_within(pass, restart);
  std::vector<PassInterval> out{{{pass.front()}}};
  for (size_t i = 1; i < pass.size(); ++i) {
    out.back().sigmas.push_back(pass[i]);
    bool went_back = false;
    for (const RestartSegment& s : intervals)
      for (int k = 0; s.sigma_min == pass[i] && k < s.times; ++k) {
        out.push_back({between(s.sigma_max, pass[i], s.steps), pass[i]});
        went_back = true;
      }
    if (went_back && i + 1 < pass.size()) out.push_back({{pass[i]}});
  }
  return out;
}

std::string check_restart(const Restart& restart, const std::vector<std::vector<double>>& passes, int steps) {
  if (is_a1111(restart) && restart.segments.empty())
    return "restart: a1111 restarts from 20 steps on; these " + std::to_string(steps) + " have no restart";
  for (size_t i = 0; i < restart.segments.size(); ++i) {
    const RestartSegment& s = restart.segments[i];
    const Restart alone{restart.preset, {s}};
    if (std::any_of(passes.begin(), passes.end(),
                    [&](const auto& pass) { return !restart_intervals_within(pass, alone).empty(); }))
      continue;
    const std::string what = "restart: interval " + std::to_string(i + 1) + " goes from " +
                             format_rounded(s.sigma_min) + " to " + format_rounded(s.sigma_max) +
                             ", and the pass from " + format_rounded(passes.front().front()) + " to " +
                             format_rounded(passes.front().back());
    if (!restart.preset.empty()) return what + ": it is left out";
    throw Error(ErrorCode::config,
                at_position(restart.place,
                            what + "; want sigma_max up to the first sigma, and one of the pass's sigmas below it"));
  }
  return "";
}

}  // namespace calotype
