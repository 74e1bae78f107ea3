// Another table at every call.
// A table of its own: the SDK's function has another name here.
#define calotype_library calotype_sdk_library
#include "good_scheduler.h"
#undef calotype_library

extern "C" __attribute__((visibility("default"))) const calotype_library_table* calotype_library() {
  static calotype_library_table tables[2];
  static int calls = 0;
  return &(tables[++calls % 2] = *calotype_own_table());
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, good_schedule);
