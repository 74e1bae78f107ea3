#include "findings.h"

#include <deque>
#include <mutex>
#include <set>

namespace calotype::emulator {
namespace {

std::mutex mutex;
std::set<std::string> known;  // a fault of one line is met by thousands of threads
std::deque<std::string> all;  // where texts stay when others come

}  // namespace

void (*on_finding)(const char* what) = nullptr;

void find(const std::string& what, const std::string& detail) {
  const std::lock_guard lock(mutex);
  if (!known.insert(what).second) return;
  all.push_back(what + detail);
  if (on_finding) on_finding(all.back().c_str());
}

const char* finding(size_t index) {
  const std::lock_guard lock(mutex);
  return index < all.size() ? all[index].c_str() : nullptr;
}

void clear_findings() {
  const std::lock_guard lock(mutex);
  known.clear(), all.clear();
}

}  // namespace calotype::emulator
