#pragma once
#include <cstddef>
#include <string>

namespace stand_in {

/// The variables STAND_IN_*, read once.
struct Settings {
  size_t memory;       ///< MIB: bytes of each device
  int capability;      ///< SM: 90 for 9.0
  int devices;         ///< DEVICES
  int lag;             ///< LAG: how often an event that nobody waited for is said not to have come yet
  bool logs;           ///< LOG: every call that queues
  bool sums_up;        ///< SUMMARY: at the end, how often what was called
  std::string output;  ///< OUT: a file that all lines are added to, in the place of stderr
  std::string fails;   ///< FAIL: "instantiate,graphlaunch:3": calls that fail for want of memory, all or the third one
};
const Settings& settings();

/// Whether this call of that name is one of those that are to fail.
bool is_to_fail(const char* call);

}  // namespace stand_in
