#include "image/image_io.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(image) {
  try {
    const Image image = decode_image(input, "a.png");
    if (image.rgb.size() != size_t(image.width) * size_t(image.height) * 3)
      fuzz::found("other bytes than the size declares");
  } catch (const Error& e) {
    fuzz::check_error(e, "a.png");
  }
}
