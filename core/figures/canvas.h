#pragma once
#include <cairo.h>

#include <string>

namespace calotype::figures {

struct Colour {
  double red, green, blue;
};

constexpr Colour kInk{0.13, 0.14, 0.16}, kGray{0.42, 0.44, 0.47}, kLine{0.88, 0.89, 0.90}, kPaper{1, 1, 1};

/// Places a text relative to its point: 0 begins there, 0.5 is centred, 1 ends there.
struct Align {
  double x = 0, y = 0.5;
};

/// A white page in device pixels.
class Canvas {
 public:
  /// Throws Error (out_of_memory, io) where Cairo cannot make it.
  Canvas(int width, int height);
  Canvas(const Canvas&) = delete;
  ~Canvas();
  cairo_t* get() const { return cairo_; }
  void colour(Colour c, double alpha = 1) { cairo_set_source_rgba(cairo_, c.red, c.green, c.blue, alpha); }
  void line(double x0, double y0, double x1, double y1, Colour c, double width = 1);
  /// `turned`: by a quarter, read from below.
  void text(double x, double y, const std::string& text, double size, Colour c, Align align = {}, bool bold = false,
            bool turned = false);
  double text_width(const std::string& text, double size, bool bold = false);
  /// With an ellipsis where it would be wider.
  std::string cut(std::string text, double size, double width, bool bold = false);
  std::string png();

 private:
  void font(double size, bool bold);
  cairo_surface_t* surface_;
  cairo_t* cairo_;
};

}  // namespace calotype::figures
