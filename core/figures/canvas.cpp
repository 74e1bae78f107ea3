#include "figures/canvas.h"

#include <calotype/error.h>

#include <cmath>

namespace calotype::figures {
namespace {

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error(status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_INVALID_SIZE ? ErrorCode::out_of_memory
                                                                                        : ErrorCode::io,
                std::string("a figure cannot be drawn: ") + cairo_status_to_string(status));
}

}  // namespace

Canvas::Canvas(int width, int height)
    : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)), cairo_(cairo_create(surface_)) {
  check(cairo_status(cairo_));
  colour(kPaper);
  cairo_paint(cairo_);
}

Canvas::~Canvas() {
  cairo_destroy(cairo_);
  cairo_surface_destroy(surface_);
}

void Canvas::line(double x0, double y0, double x1, double y1, Colour c, double width) {
  colour(c);
  cairo_set_line_width(cairo_, width);
  cairo_move_to(cairo_, x0, y0);
  cairo_line_to(cairo_, x1, y1);
  cairo_stroke(cairo_);
}

void Canvas::font(double size, bool bold) {
  cairo_select_font_face(cairo_, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo_, size);
}

double Canvas::text_width(const std::string& text, double size, bool bold) {
  font(size, bold);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_, text.c_str(), &extents);
  return extents.x_advance;
}

std::string Canvas::cut(std::string text, double size, double width, bool bold) {
  if (text_width(text, size, bold) <= width) return text;
  while (!text.empty() && text_width(text + "…", size, bold) > width) {
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
    text.pop_back();
  }
  return text + "…";
}

void Canvas::text(double x, double y, const std::string& text, double size, Colour c, Align align, bool bold,
                  bool turned) {
  const double width = text_width(text, size, bold);
  cairo_font_extents_t face;
  cairo_font_extents(cairo_, &face);
  cairo_save(cairo_);
  cairo_translate(cairo_, x, y);
  if (turned) cairo_rotate(cairo_, -M_PI / 2);
  cairo_move_to(cairo_, -align.x * width, face.ascent - align.y * (face.ascent + face.descent));
  colour(c);
  cairo_show_text(cairo_, text.c_str());
  cairo_restore(cairo_);
}

std::string Canvas::png() {
  check(cairo_status(cairo_));
  std::string out;
  check(cairo_surface_write_to_png_stream(
      surface_,
      [](void* to, const unsigned char* data, unsigned size) {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
      },
      &out));
  return out;
}

}  // namespace calotype::figures
