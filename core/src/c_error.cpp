#include "c_error.h"

#include <calotype/calotype.h>

#include <algorithm>

namespace calotype {
namespace {

/// In place: keeping an error must not fail for want of memory.
struct Kept {
  char text[4096]{};
  int32_t code = 0;
};
thread_local Kept kept;

}  // namespace

int32_t keep_error(const Error& error) noexcept {
  const std::string_view text = error.what();
  const size_t count = std::min(text.size(), sizeof kept.text - 1);
  std::copy_n(text.data(), count, kept.text);
  kept.text[count] = 0;
  kept.code = int32_t(error.code());
  return kept.code;
}

}  // namespace calotype

const char* calotype_last_error(void) {
  return calotype::kept.text;
}
int32_t calotype_last_code(void) {
  return calotype::kept.code;
}
