#pragma once
#include <memory>
#include <string>

namespace calotype {

/// By what an engine knows its plans again.
struct PlanOrigin {
  std::shared_ptr<const void> engine;  ///< stands for the one that made it
  std::string record;                  ///< of the config
  std::string model, refiner;          ///< the keys of the opened models; empty: there is no refiner
};

}  // namespace calotype
