#include "c_api/c_error.h"

#include <calotype/calotype.h>
#include <calotype/host/config_errors.h>

#include <algorithm>
#include <new>

#include "base/utf8.h"

namespace calotype {
namespace {

/// In place: keeping an error must not fail for want of memory.
struct Kept {
  char text[4096]{};
  int32_t code = 0;
};
thread_local Kept kept;

void keep(std::string_view text) {
  const std::string_view cut = cut_utf8(text, sizeof kept.text - 1);
  std::copy_n(cut.data(), cut.size(), kept.text);
  kept.text[cut.size()] = 0;
}

/// One line of UTF-8; each error of a config is a sentence of it.
std::string one_line_of(const Error& error) {
  const auto* several = dynamic_cast<const ConfigErrors*>(&error);
  if (!several) return printable_line(error.what());
  std::string out;
  for (const Error& each : several->errors()) out += (out.empty() ? "" : "; ") + printable_line(each.what());
  return out;
}

}  // namespace

int32_t keep_error(const Error& error) noexcept {
  kept.code = int32_t(error.code());
  try {
    keep(one_line_of(error));
  } catch (const std::bad_alloc&) {
    keep("out of memory; what went wrong could not be kept");
  }
  return kept.code;
}

}  // namespace calotype

const char* calotype_last_error(void) {
  return calotype::kept.text;
}
int32_t calotype_last_code(void) {
  return calotype::kept.code;
}
