// Sigmas against the step, twice: as they are, and as the logarithm of the signal-to-noise ratio, where the
// levels of the end, near 0, can be told apart.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "figures/canvas.h"
#include "figures/sheets.h"

namespace calotype::figures {
namespace {

constexpr int kWidth = 1400, kHeight = 720;
constexpr double kText = 15, kTitle = 18;

/// Okabe and Ito's colours, which the colour-blind tell apart too, and two more.
constexpr Colour kColours[] = {{0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45}, {0.80, 0.47, 0.65},
                               {0.90, 0.62, 0.00}, {0.34, 0.71, 0.91}, {0.20, 0.20, 0.24}, {0.58, 0.40, 0.74},
                               {0.55, 0.34, 0.29}, {0.50, 0.50, 0.10}};
constexpr size_t kColourCount = std::size(kColours);

struct Box {
  double left, top, right, bottom;
};

/// The whole multiples of 1, 2 or 5 times a power of ten that lie in a range, 4 to 9 of them.
std::vector<double> ticks(double low, double high) {
  const double rough = (high - low) / 6, power = std::pow(10, std::floor(std::log10(rough)));
  const double unit = rough / power, step = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
  std::vector<double> out;
  for (double at = std::ceil(low / step - 1e-9) * step; at <= high + 1e-9 * step; at += step)
    out.push_back(std::abs(at) < step / 2 ? 0 : at);
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// One panel; `value` of a sigma, and whether it has one.
class Panel {
 public:
  Panel(Canvas& canvas, Box box, const std::vector<Curve>& curves, std::function<double(double)> value)
      : canvas_(canvas), box_(box), curves_(curves), value_(std::move(value)) {
    low_ = HUGE_VAL, high_ = -HUGE_VAL;
    for (const Curve& c : curves) {
      steps_ = std::max(steps_, double(c.sigmas.size() - 1));
      for (const double sigma : c.sigmas)
        if (const double v = value_(sigma); std::isfinite(v)) low_ = std::min(low_, v), high_ = std::max(high_, v);
    }
    if (!(low_ < high_)) low_ -= 1, high_ += 1;
    const double margin = 0.04 * (high_ - low_);
    low_ = low_ == 0 ? 0 : low_ - margin, high_ += margin;
  }

  void draw(const std::string& title, const std::string& axis) {
    canvas_.text(box_.left, box_.top - 26, title, kTitle, kInk, {0, 0.5}, true);
    for (const double at : ticks(low_, high_)) {
      canvas_.line(box_.left, y(at), box_.right, y(at), kLine);
      canvas_.text(box_.left - 10, y(at), number(at), kText, kGray, {1, 0.5});
    }
    for (const double at : ticks(0, steps_))
      if (at == std::floor(at)) {
        canvas_.line(x(at), box_.bottom, x(at), box_.bottom + 6, kGray);
        canvas_.text(x(at), box_.bottom + 12, number(at), kText, kGray, {0.5, 0});
      }
    canvas_.line(box_.left, box_.bottom, box_.right, box_.bottom, kGray);
    canvas_.text((box_.left + box_.right) / 2, box_.bottom + 40, "step", kText, kInk, {0.5, 0});
    canvas_.text(box_.left - 66, (box_.top + box_.bottom) / 2, axis, kText, kInk, {0.5, 0.5}, false, true);
    const auto count = double(curves_.size());
    for (size_t i = 0; i < curves_.size();
         ++i)  // the later the thinner: one that lies on another hides it only in part
      draw(curves_[i], kColours[i % kColourCount], 2 + 3 * (1 - double(i + 1) / count), i >= kColourCount);
  }

 private:
  double x(double step) const { return box_.left + 8 + step / std::max(steps_, 1.0) * (box_.right - box_.left - 16); }
  double y(double value) const { return box_.bottom - (value - low_) / (high_ - low_) * (box_.bottom - box_.top); }

  void draw(const Curve& curve, Colour colour, double width, bool dashed) {
    cairo_t* c = canvas_.get();
    const double dash[] = {7, 4};
    canvas_.colour(colour);
    cairo_new_path(c);
    cairo_set_line_width(c, width);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(c, dash, dashed ? 2 : 0, 0);
    for (size_t i = 0; i < curve.sigmas.size(); ++i)
      if (const double v = value_(curve.sigmas[i]); std::isfinite(v)) cairo_line_to(c, x(double(i)), y(v));
    cairo_stroke(c);
    cairo_set_dash(c, dash, 0, 0);
    if (steps_ > 120) return;  // a line is all there is to see
    for (size_t i = 0; i < curve.sigmas.size(); ++i)
      if (const double v = value_(curve.sigmas[i]); std::isfinite(v)) {
        cairo_new_sub_path(c);
        cairo_arc(c, x(double(i)), y(v), (steps_ > 60 ? 1 : 2.2) + width / 2, 0, 2 * M_PI);
      }
    cairo_fill(c);
  }

  Canvas& canvas_;
  Box box_;
  const std::vector<Curve>& curves_;
  std::function<double(double)> value_;
  double low_, high_, steps_ = 0;
};

/// Names with their colours, in lines across the page; returns how high they are. Without `canvas` nothing is drawn.
double legend(Canvas& canvas, const std::vector<Curve>& curves, double top, bool draw) {
  constexpr double left = 96, swatch = 26, gap = 28, line = 26;
  double x = left, y = top;
  for (size_t i = 0; i < curves.size(); ++i) {
    const double width = swatch + 8 + canvas.text_width(curves[i].name, kText) + gap;
    if (x > left && x + width > kWidth - 20) x = left, y += line;
    if (draw) {
      const double dash[] = {7, 4};
      cairo_set_dash(canvas.get(), dash, i >= kColourCount ? 2 : 0, 0);
      canvas.line(x, y, x + swatch, y, kColours[i % kColourCount], 3);
      cairo_set_dash(canvas.get(), dash, 0, 0);
      canvas.text(x + swatch + 8, y, curves[i].name, kText, kInk);
    }
    x += width;
  }
  return y + line - top;
}

}  // namespace

std::string draw_sigmas(const std::vector<Curve>& curves) {
  constexpr double top = 40, below = 84, middle = kWidth / 2.0;
  Canvas measure(1, 1);
  const double extra = legend(measure, curves, 0, false);
  Canvas canvas(kWidth, kHeight + int(extra));
  legend(canvas, curves, top, true);
  const double first = top + extra + 44, last = kHeight + extra - below;
  Panel(canvas, {96, first, middle - 30, last}, curves, [](double sigma) { return sigma; }).draw("Sigma", "sigma");
  Panel(canvas, {middle + 96, first, kWidth - 30, last}, curves, [](double sigma) {
    return sigma > 0 ? -2 * std::log(sigma) : HUGE_VAL;
  }).draw("Signal-to-noise ratio", "log SNR = -2 ln sigma");
  return canvas.png();
}

}  // namespace calotype::figures
