#include "clocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "memory.h"

namespace stand_in {
namespace {

/// libtorch's allocator hands out multiples of it.
constexpr size_t kUnit = 512;

struct Access {
  const char* name;
  uint32_t time;
  int stream;  // 0 for none
};
struct Accesses {
  Access write, read;
};

/// One for each unit of the address space of device memory; pages that were never written are not there.
Accesses* accesses() {
  static auto* all =
      static_cast<Accesses*>(mmap(nullptr, device_address_space() / kUnit * sizeof(Accesses), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return all;
}
/// Reads on further streams than the one in Accesses::read, since the last write.
std::unordered_map<size_t, std::vector<Access>>& more_reads() {
  static auto& all = *new std::unordered_map<size_t, std::vector<Access>>;
  return all;
}

bool is_before(const Access& other, int stream, const Clock& clock) {
  return !other.stream || other.stream == stream || clock.of(other.stream) >= other.time;
}

void report(const char* name, const char* how, int stream, const Access& other, const char* how_other) {
  fault(std::string("race: ") + name + how + " on stream " + std::to_string(stream) + " and " + other.name + how_other +
        " on stream " + std::to_string(other.stream));
}

void note_write(size_t unit, Accesses& at, const Access& now, const Clock& clock) {
  if (!is_before(at.read, now.stream, clock)) report(now.name, " (write)", now.stream, at.read, " (read)");
  if (const auto more = more_reads().empty() ? more_reads().end() : more_reads().find(unit);
      more != more_reads().end()) {
    for (const Access& read : more->second)
      if (!is_before(read, now.stream, clock)) report(now.name, " (write)", now.stream, read, " (read)");
    more_reads().erase(more);
  }
  at = {now, {}};
}

void note_read(size_t unit, Accesses& at, const Access& now) {
  if (!at.read.stream || at.read.stream == now.stream) {
    at.read = now;
    return;
  }
  auto& more = more_reads()[unit];
  const auto same = std::find_if(more.begin(), more.end(), [&](const Access& a) { return a.stream == now.stream; });
  if (same != more.end())
    *same = now;
  else
    more.push_back(now);
}

}  // namespace

void Clock::tick(int stream) {
  if (times_.size() <= size_t(stream)) times_.resize(size_t(stream) + 1);
  ++times_[size_t(stream)];
}

void Clock::join(const Clock& other) {
  if (times_.size() < other.times_.size()) times_.resize(other.times_.size());
  for (size_t i = 0; i < other.times_.size(); ++i) times_[i] = std::max(times_[i], other.times_[i]);
}

bool Clock::covers(const Clock& other) const {
  for (size_t i = 0; i < other.times_.size(); ++i)
    if (of(int(i)) < other.times_[i]) return false;
  return true;
}

void access(const Range& range, const char* name, int stream, const Clock& clock) {
  const Access now{name, clock.of(stream), stream};
  const size_t first = device_offset(range.data) / kUnit, last = (device_offset(range.data) + range.size - 1) / kUnit;
  for (size_t unit = first; unit <= last; ++unit) {
    Accesses& at = accesses()[unit];
    if (!is_before(at.write, stream, clock))
      report(name, range.is_written ? " (write)" : " (read)", stream, at.write, " (write)");
    if (range.is_written)
      note_write(unit, at, now, clock);
    else
      note_read(unit, at, now);
  }
}

void forget_accesses(const void* data, size_t size) {
  for (size_t unit = device_offset(data) / kUnit; unit < (device_offset(data) + size) / kUnit; ++unit) {
    accesses()[unit] = {};
    more_reads().erase(unit);
  }
}

const char* kept_name(const std::string& name) {
  static auto& all = *new std::set<std::string>;
  return all.insert(name).first->c_str();
}

}  // namespace stand_in
