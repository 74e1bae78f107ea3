// A table of an older interface than its manifest asks for.
// A table of its own: the SDK's function has another name here.
#define calotype_library calotype_sdk_library
#include "good_scheduler.h"
#undef calotype_library

extern "C" __attribute__((visibility("default"))) const calotype_library_table* calotype_library() {
  static calotype_library_table table = *calotype_own_table();
  table.abi = 0;
  return &table;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
