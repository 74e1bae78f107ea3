#pragma once
#include <string_view>

namespace calotype {

/// From which threads an entry may be called. The host keeps to it.
enum class Threads {
  usual,      ///< not said: reentrant for schedulers and samplers, instance for loaders and pipelines
  reentrant,  ///< from any, from several at once
  instance,  ///< from any, from one at a time: into a library of tier 1, into each object that an entry of tier 2 makes
  main       ///< from the one that the program began with
};

/// As a note writes it.
constexpr std::string_view name_of(Threads threads) {
  constexpr std::string_view kNames[] = {"", "reentrant", "instance", "main"};
  return kNames[int(threads)];
}

}  // namespace calotype
