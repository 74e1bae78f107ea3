#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace calotype::cli {
namespace {

std::string clock(double seconds) {
  char text[32];
  const auto s = long(seconds + 0.5);
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

std::string line(const Progress& p) {
  std::string out;
  if (p.images > 1) out += "image " + std::to_string(p.image + 1) + "/" + std::to_string(p.images) + "  ";
  out += kPhaseNames[size_t(p.phase)];
  if (p.phase != Phase::sample) return out;
  constexpr int kWidth = 24;
  if (p.calls) {
    const int full = kWidth * p.call / p.calls;
    out += " [" + std::string(size_t(full), '#') + std::string(size_t(kWidth - full), '.') + "] " +
           std::to_string(p.call) + "/" + std::to_string(p.calls);
  } else {
    out += " step " + std::to_string(p.call);
  }
  if (!p.call) return out;
  char rate[48];
  if (p.seconds_per_call < 1)
    std::snprintf(rate, sizeof rate, "  %.1f step/s", 1 / p.seconds_per_call);
  else
    std::snprintf(rate, sizeof rate, "  %.1f s/step", p.seconds_per_call);
  out += rate;
  if (p.calls) out += "  " + clock((p.calls - p.call) * p.seconds_per_call) + " left";
  return out;
}

}  // namespace

ProgressBar::ProgressBar(bool quiet) : on_(!quiet && isatty(STDERR_FILENO)) {}
ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::show(const Progress& progress) {
  if (!on_) return;
  const auto now = std::chrono::steady_clock::now();
  const bool last = progress.call == progress.calls;
  if (progress.phase == Phase::sample && !last && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  std::fprintf(stderr, "\r\x1b[K%s", line(progress).c_str());
  std::fflush(stderr);
  printed_ = true;
}

void ProgressBar::clear() {
  if (printed_) std::fprintf(stderr, "\r\x1b[K");
  printed_ = false;
}

}  // namespace calotype::cli
