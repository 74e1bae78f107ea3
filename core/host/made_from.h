#pragma once
#include <calotype/host/plan.h>

#include <map>
#include <string>

namespace calotype {

/// Decides whether two images were made from the same: by the plan, the expanded prompts, the pixels of its
/// inputs, the libraries of the host and of its plugins, and the files of its models by their stamps.
class MadeFrom {
 public:
  /// 16 hexadecimal digits. Throws Error (no_input, io) where a library cannot be read.
  std::string operator()(const Plan& plan);

 private:
  const std::string& sum_of(const std::string& file);
  std::map<std::string, std::string> sums_;  // of files that are read once
};

}  // namespace calotype
