#include <algorithm>

#include "figures/sheets.h"

namespace calotype::figures {
namespace {

constexpr Colour kOwn{0.00, 0.45, 0.70}, kOther{0.72, 0.73, 0.75};
constexpr double kText = 10, kLabels = 30, kMargin = 5;

}  // namespace

SmallCurves::SmallCurves(Canvas& canvas, const Sheet& sheet) : canvas_(canvas), sheet_(sheet) {
  const auto widen = [&](const Curve& curve) {
    for (const double sigma : curve.sigmas)
      if (sigma > 0) low_ = std::min(low_, std::log10(sigma)), high_ = std::max(high_, std::log10(sigma));
  };
  widen(sheet.reference);
  for (const Curve& curve : sheet.curves) widen(curve);
  if (!(low_ < high_)) low_ -= 1, high_ += 1;
}

void SmallCurves::draw(double x, double y, double width, double height, const Curve& curve) const {
  for (double power = std::ceil(low_); power <= high_; ++power) {
    const double at = y + height - kMargin - (power - low_) / (high_ - low_) * (height - 2 * kMargin);
    canvas_.line(x + kLabels, at, x + width, at, kLine);
    char label[32];
    std::snprintf(label, sizeof label, "%g", std::pow(10, power));
    canvas_.text(x + kLabels - 5, at, label, kText, kGray, {1, 0.5});
  }
  draw(x, y, width, height, sheet_.reference, false);
  draw(x, y, width, height, curve, true);
}

void SmallCurves::draw(double x, double y, double width, double height, const Curve& curve, bool is_own) const {
  cairo_t* c = canvas_.get();
  const double steps = std::max(double(curve.sigmas.size()) - 1, 1.0);
  const auto at = [&](size_t i) {
    return std::pair(
        x + kLabels + kMargin + double(i) / steps * (width - kLabels - 2 * kMargin),
        y + height - kMargin - (std::log10(curve.sigmas[i]) - low_) / (high_ - low_) * (height - 2 * kMargin));
  };
  canvas_.colour(is_own ? kOwn : kOther);
  cairo_set_line_width(c, is_own ? 1.6 : 2.4);
  cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
  cairo_new_path(c);
  for (size_t i = 0; i < curve.sigmas.size(); ++i)
    if (curve.sigmas[i] > 0) cairo_line_to(c, at(i).first, at(i).second);
  cairo_stroke(c);
  if (!is_own || steps > 60) return;
  for (size_t i = 0; i < curve.sigmas.size(); ++i)
    if (curve.sigmas[i] > 0) {
      cairo_new_sub_path(c);
      cairo_arc(c, at(i).first, at(i).second, 2.2, 0, 2 * M_PI);
    }
  cairo_fill(c);
}

}  // namespace calotype::figures
