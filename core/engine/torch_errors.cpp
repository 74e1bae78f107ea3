#include "engine/torch_errors.h"

#include <c10/util/Exception.h>

#include <string>
#include <string_view>

#include "base/error_boundary.h"

namespace calotype {
namespace {

std::optional<std::string> words_of(const std::exception& e) {
  if (is_out_of_memory(e)) return std::nullopt;
  const auto* torch = dynamic_cast<const c10::Error*>(&e);
  if (!torch) return e.what();
  const std::string text = torch->what_without_backtrace();
  return "libtorch: " + text.substr(0, text.find('\n'));
}

const bool known = (set_exception_words(words_of), true);

}  // namespace

bool is_out_of_memory(const std::exception& e) {
  const auto* torch = dynamic_cast<const c10::Error*>(&e);
  const std::string_view text = torch ? torch->what_without_backtrace() : e.what();
  const auto contains = [&](std::string_view words) { return text.find(words) != text.npos; };
  // the allocator of the CPU, in two versions of it; oneDNN, whose buffers are its own; the CUDA runtime (pinned
  // memory, graphs), cuBLAS and cuDNN, which ask the driver and not libtorch's allocator
  return dynamic_cast<const c10::OutOfMemoryError*>(&e) ||
         (torch && (contains("not enough memory") || contains("can't allocate memory"))) ||
         contains("could not create a memory") || contains("CUDA error: out of memory") ||
         contains("STATUS_ALLOC_FAILED") || contains("ALLOCATION_FAILED");
}

}  // namespace calotype
