#include "networks/files/safetensors_header.h"

#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(safetensors_header) {
  try {
    networks::parse_safetensors_header(input, "f.safetensors");
  } catch (const Error& e) {
    fuzz::check_error(e, "f.safetensors");
  }
}
