#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Does an image show its caption? Looks at colours, positions and shapes; the C++ of
/// tools/demo_model/check.py.
namespace image_checker {

struct Object {
  std::string shape;   ///< circle, square or triangle
  std::string colour;  ///< red, orange, yellow, green, blue, purple, pink, white, gray or black
  double x, y;         ///< centre, in image widths and heights from the top left
};

struct Scene {
  std::string background;  ///< a colour
  std::vector<Object> objects;
};

struct CheckResult {
  bool background;  ///< over 80 % of the border has its colour
  double colours;   ///< fraction of the objects with a patch of their colour within 0.17 image widths of their position
  double shapes;    ///< fraction of the objects whose patch has their shape too
  bool all;         ///< background, every colour and every shape are right

  bool all_colours() const { return background && colours == 1; }
};

/// rgb: height x width x 3 bytes, rows from the top. Throws std::invalid_argument for a name that is not listed above,
/// an image of less than 8 x 8, and a scene without objects.
CheckResult check(const std::uint8_t* rgb, int width, int height, const Scene& scene);

}  // namespace image_checker
