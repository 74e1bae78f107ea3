#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace calotype::figures {

/// The sigmas of one scheduler.
struct Curve {
  std::string name;
  std::vector<double> sigmas;  ///< falling, the last 0
};

struct SheetImage {
  int width = 0, height = 0;    ///< pixels
  std::vector<uint8_t> pixels;  ///< [height,width,3]
};

/// Images in rows and columns, each row and column with its label. What has no pixels stays gray.
struct Sheet {
  std::string title;
  std::vector<std::string> columns, rows;
  std::vector<SheetImage> images;  ///< row by row
  std::vector<Curve> curves;       ///< of each row, drawn beside it on `reference`; empty: none
  Curve reference;
};

/// What this library offers; the program loads it when a figure is asked for, as it alone needs Cairo.
struct Table {
  /// A PNG with sigma, and the logarithm of the signal-to-noise ratio, -2 ln(sigma), against the step.
  std::string (*draw_sigmas)(const std::vector<Curve>& curves);
  /// A PNG.
  std::string (*draw_sheet)(const Sheet& sheet);
  /// The image with its longer side of at most so many pixels.
  SheetImage (*reduce)(SheetImage image, int longer_side);
};

}  // namespace calotype::figures
