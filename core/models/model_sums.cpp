#include "models/model_sums.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace calotype {
namespace {

constexpr size_t kDigits = 10;

/// For this thread; if the kernel refuses, it runs like any other thread. SCHED_IDLE would be lower still, but where
/// others keep the processors busy, a process cannot end, not even by SIGKILL, before its thread has had its turn.
void give_way() {
  constexpr int kLowest = 19;
  setpriority(PRIO_PROCESS, id_t(gettid()), kLowest);
}

}  // namespace

std::string vae_of(const ResolvedConfig& config) {
  const auto vae = config.loader.settings.find("vae");
  const auto* path = vae == config.loader.settings.end() ? nullptr : std::get_if<std::string>(&vae->second);
  return path ? *path : "";
}

ModelSums::ModelSums(const ResolvedConfig& config) {
  for (const std::string& path : {config.model, vae_of(config), config.refiner}) {
    std::error_code none;
    const bool is_counted = config.model_hash && std::filesystem::is_regular_file(path, none);
    jobs_.push_back({.path = path, .sum = "", .is_done = !is_counted});
  }
  if (std::all_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.is_done; })) return;
  try {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      give_way();
      try {
        while (!stop.stop_requested() && step()) {
        }
      } catch (const std::exception&) {  // `get` tries again and throws the error if it persists
      }
    });
  } catch (const std::system_error&) {  // no thread can be created; then `get` computes everything
  }
}

ShortSums ModelSums::get(const std::stop_token& stop) {
  // this thread continues from there, because the other may wait long until the kernel lets it run
  thread_.request_stop();
  while (!stop.stop_requested() && step()) {
  }
  const std::lock_guard lock(mutex_);
  for (Job& job : jobs_)
    if (!job.is_done)
      warnings_.push_back("no \"Model hash\" for " + job.path + ": the run was ended"), job.is_done = true;
  return {jobs_[0].sum, jobs_[1].sum, jobs_[2].sum};
}

bool ModelSums::step() {
  const std::lock_guard lock(mutex_);
  const auto job = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& j) { return !j.is_done; });
  if (job == jobs_.end()) return false;
  try {
    advance(*job);
  } catch (...) {
    job->counted.reset();
    throw;
  }
  return true;
}

void ModelSums::advance(Job& job) {
  if (!job.counted) job.counted = std::make_unique<FileSum>(job.path);
  if (job.counted->step()) return;
  job.sum = job.counted->hex().substr(0, kDigits);
  job.is_done = true;
  job.counted.reset();
}

}  // namespace calotype
