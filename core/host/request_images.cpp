#include "host/request_images.h"

#include <calotype/error.h>

#include <algorithm>

#include "image/load_image.h"

namespace calotype {
namespace {

constexpr int kMultiple = 8, kMostPixels = 16384;  // as the keys width and height have it

std::string size_of(const Image& image) {
  return std::to_string(image.width) + " x " + std::to_string(image.height);
}

std::shared_ptr<const Image> loaded(const std::string& source, const char* name) {
  return std::make_shared<const Image>(load_image(source, name));
}

int side(double pixels) {
  return std::clamp(int(pixels) / kMultiple * kMultiple, kMultiple, kMostPixels);
}

void check(const Request& request) {
  const Image& image = *request.image;
  if (image.width < kMultiple || image.height < kMultiple)
    throw Error(ErrorCode::config, "image: want at least 8 x 8 pixels, got " + size_of(image));
  if (request.mask && (request.mask->width != image.width || request.mask->height != image.height))
    throw Error(ErrorCode::config,
                "mask: want the size of image, " + size_of(image) + ", got " + size_of(*request.mask));
}

/// A pipeline may declare that it generates no more than the surroundings of the mask.
bool is_only_masked(const Request& request) {
  const Value* given = request.options.find("only_masked");
  return given && *given == Value(true);
}

/// The side that is given keeps the shape of the image.
void take_size_of(const Image& image, Request& request) {
  if (!request.width && !request.height) {
    request.width = side(image.width);
    request.height = side(image.height);
    // by less than 8 pixels, and nothing is cut off
    if (!request.options.find("resize")) request.options.set("resize", std::string("stretch"));
  }
  if (!request.width) request.width = side(double(request.height) * image.width / image.height + kMultiple / 2);
  if (!request.height) request.height = side(double(request.width) * image.height / image.width + kMultiple / 2);
}

}  // namespace

void complete_request(ResolvedConfig& config, int model_width, int model_height) {
  Request& request = config.request;
  if (!request.image && !config.image.empty()) request.image = loaded(config.image, "image");
  if (!request.mask && !config.mask.empty()) request.mask = loaded(config.mask, "mask");
  if (request.mask && !request.image) throw Error(ErrorCode::config, "mask: want image too, got none");
  if (request.image) check(request);
  if (request.image && !is_only_masked(request)) take_size_of(*request.image, request);
  if (!request.width) request.width = model_width;
  if (!request.height) request.height = model_height;
}

}  // namespace calotype
