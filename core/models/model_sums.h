#pragma once
#include <calotype/host/resolved_config.h>

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/sha256.h"

namespace calotype {

/// How A1111 tells files apart: the first ten digits of their SHA-256. Empty: there is no such file, or nobody asked
/// for it.
struct ShortSums {
  std::string model, vae, refiner;
};

/// Counts the sums of a run's model files while it generates: in a thread that the kernel lets run where nothing else
/// wants to, so that no step takes longer. What is left when they are asked for is counted then and there. Of folders
/// nothing is said.
class ModelSums {
 public:
  /// Begins to count, unless output.model_hash is false.
  explicit ModelSums(const ResolvedConfig& config);
  ModelSums(const ModelSums&) = delete;

  /// Waits for them, though not once `stop` is asked for: what is not counted then is empty. Throws Error (no_input,
  /// io) where a file cannot be read.
  ShortSums get(const std::stop_token& stop);
  /// Which are empty for that, each said once; after `get`.
  std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

 private:
  struct Job {
    std::string path, sum;
    bool is_done = false;
    std::unique_ptr<FileSum> counted{};
  };
  /// Does a piece of the first that is not done; false when all are. Where it throws, that one begins anew.
  bool step();
  static void advance(Job& job);

  std::vector<Job> jobs_;  // of the model, the VAE and the refiner
  std::vector<std::string> warnings_;
  std::mutex mutex_;
  std::jthread thread_;  // last: its end comes before what it uses
};

/// The VAE's file that a config names, or "".
std::string vae_of(const ResolvedConfig& config);

}  // namespace calotype
