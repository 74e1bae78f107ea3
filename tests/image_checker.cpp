#include "image_checker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>

// The arithmetic is check.py's, in float where NumPy's is: thresholds are met on the same side.
namespace image_checker {
namespace {

constexpr std::array<std::string_view, 10> kColours = {"red",    "orange", "yellow", "green", "blue",
                                                       "purple", "pink",   "white",  "gray",  "black"};
enum Colour : std::uint8_t { kRed, kOrange, kYellow, kGreen, kBlue, kPurple, kPink, kWhite, kGray, kBlack };
constexpr std::array<std::string_view, 3> kShapes = {"circle", "square", "triangle"};
constexpr int kTemplate = 48;  // side of the templates
constexpr double kSmallest = 0.008, kLargest = 0.5, kReach = 0.17;

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument("image_checker: unknown name \"" + name + "\"");
  return static_cast<int>(found - names.begin());
}

struct Mask {
  int width, height;
  std::vector<char> on = std::vector<char>(static_cast<std::size_t>(width) * height);

  /// False outside.
  bool at(int x, int y) const {
    return x >= 0 && y >= 0 && x < width && y < height && on[static_cast<std::size_t>(y) * width + x];
  }
  void set(int x, int y, bool value) { on[static_cast<std::size_t>(y) * width + x] = value; }
};

/// By hue and saturation, so that shading does not matter.
Colour classify(const std::uint8_t* pixel) {
  const float r = pixel[0] / 255.0f, g = pixel[1] / 255.0f, b = pixel[2] / 255.0f;
  const float value = std::max({r, g, b}), spread = std::max(value - std::min({r, g, b}), 1e-6f);
  const float saturation = spread / std::max(value, 1e-6f);
  if (saturation < 0.2f || value < 0.22f) return value > 0.6f ? kWhite : value < 0.28f ? kBlack : kGray;
  float hue = value == r ? (g - b) / spread : value == g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  hue = 60 * (hue < 0 ? hue + 6 : hue);
  if ((hue >= 318 || hue < 10) && saturation < 0.58f && value > 0.55f) return kPink;
  if (hue >= 14 && hue < 39) return kOrange;
  if (hue >= 39 && hue < 75) return kYellow;
  if (hue >= 75 && hue < 190) return kGreen;
  if (hue >= 190 && hue < 255) return kBlue;
  if (hue >= 255 && hue < 318) return kPurple;
  return kRed;
}

/// One step with a 3 x 3 cross: a pixel stays when all five are set (erode), or comes when any is.
Mask morphed(const Mask& mask, bool erode) {
  Mask out{mask.width, mask.height};
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const int set = mask.at(x, y) + mask.at(x - 1, y) + mask.at(x + 1, y) + mask.at(x, y - 1) + mask.at(x, y + 1);
      out.set(x, y, erode ? set == 5 : set > 0);
    }
  }
  return out;
}

Mask opened(Mask mask, int iterations) {
  for (int i = 0; i < iterations; ++i) mask = morphed(mask, true);
  for (int i = 0; i < iterations; ++i) mask = morphed(mask, false);
  return mask;
}

struct Point {
  int x, y;
};

/// The pixels that are joined by their sides, a list each.
std::vector<std::vector<Point>> patches(Mask mask) {
  std::vector<std::vector<Point>> found;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (!mask.at(x, y)) continue;
      std::vector<Point> patch = {{x, y}};
      mask.set(x, y, false);
      for (std::size_t i = 0; i < patch.size(); ++i) {
        const Point p = patch[i];
        for (const Point q : {Point{p.x - 1, p.y}, Point{p.x + 1, p.y}, Point{p.x, p.y - 1}, Point{p.x, p.y + 1}}) {
          if (!mask.at(q.x, q.y)) continue;
          mask.set(q.x, q.y, false);
          patch.push_back(q);
        }
      }
      found.push_back(std::move(patch));
    }
  }
  return found;
}

/// The bounding box of the points, sampled at kTemplate x kTemplate points.
Mask fitted(const std::vector<Point>& points) {
  const auto [left, right] =
      std::minmax_element(points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x; });
  const auto [top, bottom] =
      std::minmax_element(points.begin(), points.end(), [](Point a, Point b) { return a.y < b.y; });
  Mask box{right->x - left->x + 1, bottom->y - top->y + 1};
  for (const Point p : points) box.set(p.x - left->x, p.y - top->y, true);
  const auto sampled = [](int i, int size) {
    return i == kTemplate - 1 ? size - 1 : static_cast<int>(i * ((size - 1.0) / (kTemplate - 1)));
  };
  Mask out{kTemplate, kTemplate};
  for (int y = 0; y < kTemplate; ++y) {
    for (int x = 0; x < kTemplate; ++x) out.set(x, y, box.at(sampled(x, box.width), sampled(y, box.height)));
  }
  return out;
}

/// Of scene.py's shapes with r = 1.
bool inside(int shape, float x, float y) {
  if (shape == 0) return std::sqrt(x * x + y * y) - 1.0f < 0;
  if (shape == 1) return std::max(std::abs(x), std::abs(y)) - 0.88f < 0;
  const float below = y - 0.15f, h = 0.575f;
  const float sides = std::max(0.8660254f * x - 0.5f * below, -0.8660254f * x - 0.5f * below);
  return std::max(below - h, sides - h) < 0;
}

Mask template_of(int shape) {
  constexpr int kGrid = 400;
  const auto coordinate = [](int i) { return static_cast<float>(-1.6 + i * (3.2 / (kGrid - 1))); };
  std::vector<Point> points;
  for (int y = 0; y < kGrid; ++y) {
    for (int x = 0; x < kGrid; ++x) {
      if (inside(shape, coordinate(x), coordinate(y))) points.push_back({x, y});
    }
  }
  return fitted(points);
}

/// The shape whose template overlaps the patch best (intersection over union).
int shape_of(const std::vector<Point>& patch) {
  static const std::array<Mask, 3> templates = {template_of(0), template_of(1), template_of(2)};
  const Mask mask = fitted(patch);
  int best = 0;
  double best_overlap = -1;
  for (int shape = 0; shape < 3; ++shape) {
    int both = 0, either = 0;
    for (std::size_t i = 0; i < mask.on.size(); ++i) {
      both += mask.on[i] && templates[shape].on[i];
      either += mask.on[i] || templates[shape].on[i];
    }
    const double overlap = static_cast<double>(both) / either;
    if (overlap > best_overlap) best = shape, best_overlap = overlap;
  }
  return best;
}

/// The patch whose centre is nearest to the object's position, within reach; none if there is none.
std::optional<std::vector<Point>> patch_at(const Mask& colour, const Object& object) {
  const double pixels = static_cast<double>(colour.width) * colour.height;
  std::optional<std::vector<Point>> best;
  double best_distance = kReach;
  for (auto& patch : patches(opened(colour, std::max(1, colour.width / 128)))) {
    const double area = patch.size() / pixels;
    if (area < kSmallest || area > kLargest) continue;
    double x = 0, y = 0;
    for (const Point p : patch) x += p.x, y += p.y;
    x /= patch.size(), y /= patch.size();
    const double distance = std::hypot(x / colour.width - object.x, y / colour.height - object.y);
    if (distance < best_distance) best = std::move(patch), best_distance = distance;
  }
  return best;
}

double border_fraction(const std::vector<Colour>& names, int width, int height, int background) {
  int right = 0, border = 0;
  const auto count = [&](int x, int y) {
    ++border;
    right += names[static_cast<std::size_t>(y) * width + x] == background;
  };
  for (int i = 0; i < 4; ++i) {
    for (int x = 0; x < width; ++x) count(x, i), count(x, height - 1 - i);
    for (int y = 0; y < height; ++y) count(i, y), count(width - 1 - i, y);
  }
  return static_cast<double>(right) / border;
}

}  // namespace

CheckResult check(const std::uint8_t* rgb, int width, int height, const Scene& scene) {
  if (width < 8 || height < 8) throw std::invalid_argument("image_checker: want an image of at least 8 x 8");
  if (scene.objects.empty()) throw std::invalid_argument("image_checker: want a scene with objects");
  std::vector<Colour> names(static_cast<std::size_t>(width) * height);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = classify(rgb + 3 * i);
  int colours = 0, shapes = 0;
  for (const Object& object : scene.objects) {
    const int colour = index_of(kColours, object.colour), shape = index_of(kShapes, object.shape);
    Mask mask{width, height};
    std::transform(names.begin(), names.end(), mask.on.begin(), [&](Colour name) { return name == colour; });
    const auto patch = patch_at(mask, object);
    colours += patch.has_value();
    shapes += patch && shape_of(*patch) == shape;
  }
  const int count = static_cast<int>(scene.objects.size());
  const bool background = border_fraction(names, width, height, index_of(kColours, scene.background)) > 0.8;
  return {.background = background,
          .colours = static_cast<double>(colours) / count,
          .shapes = static_cast<double>(shapes) / count,
          .all = background && shapes == count};
}

}  // namespace image_checker
