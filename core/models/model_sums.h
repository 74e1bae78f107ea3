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

/// A1111's short hashes: the first ten digits of the files' SHA-256. Empty: there is no such file, or the config asks
/// for none.
struct ShortSums {
  std::string model, vae, refiner;
};

/// Computes the sums of a run's model files during the run, in a thread with the lowest priority, so that no step
/// takes longer. `get` computes the rest. Folders have no sums.
class ModelSums {
 public:
  /// Starts computing, unless output.model_hash is false.
  explicit ModelSums(const ResolvedConfig& config);
  ModelSums(const ModelSums&) = delete;

  /// Waits for the sums, but not after `stop` is requested: missing sums are then empty. Throws Error (no_input, io) if
  /// a file cannot be read.
  ShortSums get(const std::stop_token& stop);
  /// The sums that are empty for this reason, each named once; call it after `get`.
  std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

 private:
  struct Job {
    std::string path, sum;
    bool is_done = false;
    std::unique_ptr<FileSum> counted{};
  };
  /// Computes a piece of the first unfinished sum; false if all are finished. If it throws, that sum starts again.
  bool step();
  static void advance(Job& job);

  std::vector<Job> jobs_;  // for the model, the VAE and the refiner
  std::vector<std::string> warnings_;
  std::mutex mutex_;
  std::jthread thread_;  // last member, so that it ends before the members that it uses
};

/// The VAE's file in a config, or "".
std::string vae_of(const ResolvedConfig& config);

}  // namespace calotype
