#pragma once
#include <string_view>

namespace calotype {

/// The threads from which the host may call an entry.
enum class Threads {
  usual,      ///< the default: reentrant for schedulers and samplers, instance for loaders and pipelines
  reentrant,  ///< any thread, several at once
  instance,   ///< any thread, one at a time: in tier 1 for the whole library, in tier 2 for each object that an entry
              ///< makes
  main        ///< only the program's first thread
};

/// The name in a manifest; "" for usual.
constexpr std::string_view name_of(Threads threads) {
  constexpr std::string_view kNames[] = {"", "reentrant", "instance", "main"};
  return kNames[int(threads)];
}

}  // namespace calotype
