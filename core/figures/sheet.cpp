// Images in rows and columns, with the label of each row and column.
#include <algorithm>
#include <cstring>

#include "figures/sheets.h"

namespace calotype::figures {
namespace {

constexpr double kGap = 8, kMargin = 24;

void paint(Canvas& canvas, const SheetImage& image, double x, double y) {
  const auto& [width, height, pixels] = image;
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  unsigned char* to = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column) {
      const uint8_t* p = &pixels[(size_t(row) * size_t(width) + size_t(column)) * 3];
      const uint32_t value = uint32_t(p[0]) << 16 | uint32_t(p[1]) << 8 | p[2];
      std::memcpy(to + row * stride + column * 4, &value, 4);
    }
  cairo_surface_mark_dirty(surface);
  cairo_set_source_surface(canvas.get(), surface, x, y);
  cairo_paint(canvas.get());
  cairo_surface_destroy(surface);
}

}  // namespace

std::string draw_sheet(const Sheet& sheet) {
  int width = 0, height = 0;  // of a cell
  for (const SheetImage& p : sheet.images) width = std::max(width, p.width), height = std::max(height, p.height);
  const double text = std::clamp(width / 16.0, 13.0, 26.0), line = text * 1.9, label = std::max(width * 1.2, 18 * text);
  Canvas measure(1, 1);
  double left = 0;
  for (const auto& row : sheet.rows) left = std::max(left, measure.text_width(row, text));
  left = sheet.rows.empty() ? kMargin : kMargin + std::min(left, label) + 2 * kGap;
  const bool has_title = !sheet.title.empty(), has_curves = !sheet.curves.empty();
  const double top = kMargin + (has_title ? line * 1.2 : 0) + (sheet.columns.empty() && !has_curves ? 0 : line);
  const size_t columns = std::max<size_t>(sheet.columns.size(), 1), rows = std::max<size_t>(sheet.rows.size(), 1);
  const double step_x = width + kGap, step_y = height + kGap, curves = left + double(columns) * step_x + kGap;
  const std::string of_curves = "sigmas, gray: " + sheet.reference.name;
  const double curve = std::max(measure.text_width(of_curves, text), 3.0 * height);
  const double right = has_curves ? curves + curve : curves - 2 * kGap;
  Canvas canvas(int(right + kMargin), int(top + double(rows) * step_y - kGap + kMargin));
  if (has_title)
    canvas.text(kMargin, kMargin + line * 0.5, canvas.cut(sheet.title, text, right - kMargin, true), text, kInk,
                {0, 0.5}, true);
  for (size_t i = 0; i < sheet.columns.size(); ++i)
    canvas.text(left + double(i) * step_x + width / 2.0, top - line * 0.5, canvas.cut(sheet.columns[i], text, width),
                text, kInk, {0.5, 0.5});
  for (size_t i = 0; i < sheet.rows.size(); ++i)
    canvas.text(left - 2 * kGap, top + double(i) * step_y + height / 2.0, canvas.cut(sheet.rows[i], text, label), text,
                kInk, {1, 0.5});
  if (has_curves) canvas.text(curves + curve / 2, top - line * 0.5, of_curves, text, kInk, {0.5, 0.5});
  const SmallCurves small(canvas, sheet);
  for (size_t i = 0; i < sheet.curves.size(); ++i)
    if (!sheet.curves[i].sigmas.empty()) small.draw(curves, top + double(i) * step_y, curve, height, sheet.curves[i]);
  for (size_t i = 0; i < sheet.images.size(); ++i) {
    const SheetImage& image = sheet.images[i];
    const double x = left + double(i % columns) * step_x, y = top + double(i / columns) * step_y;
    if (!image.pixels.empty()) {
      paint(canvas, image, x + (width - image.width) / 2, y + (height - image.height) / 2);
    } else {
      canvas.colour(kLine);
      cairo_rectangle(canvas.get(), x, y, width, height);
      cairo_fill(canvas.get());
    }
  }
  return canvas.png();
}

}  // namespace calotype::figures
