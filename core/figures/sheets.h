#pragma once
#include <cmath>

#include "figures/canvas.h"
#include "figures/figures.h"

namespace calotype::figures {

std::string draw_sigmas(const std::vector<Curve>& curves);
std::string draw_sheet(const Sheet& sheet);

/// Curves at the size of a word: sigma on a scale of powers of ten, which all of a sheet share, against the part of the
/// steps.
class SmallCurves {
 public:
  SmallCurves(Canvas& canvas, const Sheet& sheet);
  void draw(double x, double y, double width, double height, const Curve& curve) const;

 private:
  void draw(double x, double y, double width, double height, const Curve& curve, bool is_own) const;
  Canvas& canvas_;
  const Sheet& sheet_;
  double low_ = HUGE_VAL, high_ = -HUGE_VAL;  ///< powers of ten
};

SheetImage reduce(SheetImage image, int longer_side);

}  // namespace calotype::figures
