#pragma once
#include <cstdint>
#include <vector>

#include "stand_in.h"

namespace stand_in {

/// How far each stream was, when it was last heard of, by the streams' numbers: a vector clock. Work at a time that a
/// clock covers is over for whoever has that clock.
class Clock {
 public:
  uint32_t of(int stream) const { return size_t(stream) < times_.size() ? times_[size_t(stream)] : 0; }
  void tick(int stream);
  /// Knows of all that `other` knows of, too.
  void join(const Clock& other);
  bool covers(const Clock& other) const;

 private:
  std::vector<uint32_t> times_;
};

/// Notes that work on `stream`, whose clock it is, reads or writes that device memory: a fault where other work on it
/// is neither before nor after.
void access(const Range& range, const char* name, int stream, const Clock& clock);
/// No work before counts any more: the memory was freed, for which all work is waited for.
void forget_accesses(const void* data, size_t size);

/// The same text for ever, to be kept with each access.
const char* kept_name(const std::string& name);

}  // namespace stand_in
