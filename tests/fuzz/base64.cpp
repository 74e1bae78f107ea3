#include <calotype/host/encode.h>

#include "image/decode_base64.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(base64) {
  if (!input.empty() && decode_base64(to_base64(input), "image") != input) fuzz::found("bytes do not come back");
  try {
    decode_base64(input, "image");
  } catch (const Error& e) {
    fuzz::check_error(e, "image");
  }
}
