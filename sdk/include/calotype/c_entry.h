/* One entry of a library that is written in C: its manifest, and the table that the host asks for. Use it once in a
 * library. For C++ there are scheduler.h and sampler.h.
 *
 * CALOTYPE_C_SCHEDULER("ease", schedule, "summary": "Starts gently", "settings": [{"name": "strength", "type":
 * "number", "default": 1, "min": 0, "max": 1, "doc": "how gently"}])
 *
 * After the id and the function come the members of a JSON object, which the host reads without running any code:
 * summary, citation, pairs_with, aliases, threads (docs/plugin-lifetime.md); order and model_calls of a sampler
 * (Info::order and Info::evaluations in info.h); settings with name, type (boolean, integer, number, text, choice,
 * numbers), default, min, max, choices ("first|second") and doc. Write "settings": [] if there are none. The function
 * gets its settings in this order.
 */
#ifndef CALOTYPE_C_ENTRY_H
#define CALOTYPE_C_ENTRY_H

#include <calotype/abi.h>
#include <calotype/version.h>

#define CALOTYPE_C_SCHEDULER(id, function, ...)                                                  \
  static const calotype_scheduler calotype_c_scheduler = {sizeof(calotype_scheduler), function}; \
  CALOTYPE_C_ENTRY_(CALOTYPE_SCHEDULER, id, &calotype_c_scheduler, CALOTYPE_C_JSON_("scheduler", id, #__VA_ARGS__))

#define CALOTYPE_C_SAMPLER(id, function, ...)                                              \
  static const calotype_sampler calotype_c_sampler = {sizeof(calotype_sampler), function}; \
  CALOTYPE_C_ENTRY_(CALOTYPE_SAMPLER, id, &calotype_c_sampler, CALOTYPE_C_JSON_("sampler", id, #__VA_ARGS__))

#define CALOTYPE_C_JSON_(kind, id, members)                                                 \
  "{\"kind\":\"" kind "\",\"id\":\"" id "\"," members ",\"plugin\":\"" CALOTYPE_PLUGIN_NAME \
  "\",\"vendor\":\"" CALOTYPE_PLUGIN_VENDOR "\",\"version\":\"" CALOTYPE_PLUGIN_VERSION     \
  "\",\"sdk\":\"" CALOTYPE_VERSION "\"}"

#define CALOTYPE_C_ENTRY_(kind, id, implementation, json)                                                  \
  __attribute__((section(".note.calotype"), used, aligned(4))) static const struct {                       \
    uint32_t name_size, descriptor_size, type;                                                             \
    char name[12];                                                                                         \
    calotype_note_header header;                                                                           \
    char text[(sizeof(json) + 3) / 4 * 4];                                                                 \
  } calotype_c_note = {                                                                                    \
      sizeof CALOTYPE_NOTE_NAME,                                                                           \
      sizeof(calotype_note_header) + (sizeof(json) + 3) / 4 * 4,                                           \
      CALOTYPE_NOTE_TYPE,                                                                                  \
      CALOTYPE_NOTE_NAME,                                                                                  \
      {CALOTYPE_NOTE_MAGIC, sizeof(calotype_note_header), sizeof(json) - 1, 1, CALOTYPE_REQUIRED_ABI},     \
      json};                                                                                               \
  static const calotype_entry calotype_c_entry = {sizeof(calotype_entry), kind, id, implementation};       \
  static const calotype_entry* const calotype_c_entries[] = {&calotype_c_entry};                           \
  static const calotype_library_table calotype_c_table = {sizeof(calotype_library_table), CALOTYPE_ABI, 1, \
                                                          calotype_c_entries};                             \
  __attribute__((visibility("default"))) const calotype_library_table* calotype_library(void) {            \
    return &calotype_c_table;                                                                              \
  }

#endif
