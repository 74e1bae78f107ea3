#pragma once
#include <calotype/pipeline.h>

#include <memory>

#include "engine/returned.h"
#include "loading/library.h"

namespace calotype {

/// An entry's table or factory, which T is the type of.
template <class T>
const T* implementation(Libraries& libraries, const EntryInfo& entry) {
  return static_cast<const T*>(libraries.implementation(entry));
}

inline std::unique_ptr<Pipeline> make_pipeline(Libraries& libraries, const EntryInfo& entry) {
  const auto* factory = implementation<PipelineFactory* const>(libraries, entry);
  return Returned(entry, "its factory").there(std::unique_ptr<Pipeline>((*factory)()), "a pipeline");
}

}  // namespace calotype
