#pragma once
#include <array>
#include <cstddef>

#include <calotype/info.h>
#include <calotype/version.h>

/// Writes an entry's Info as JSON into an ELF note, at compile time. Authors use the macros of scheduler.h and sampler.h.
namespace calotype::note {

/// Counts when it has no buffer, else writes.
struct Writer {
  char* out = nullptr;
  size_t size = 0;
  constexpr void put(char c) {
    if (out) out[size] = c;
    ++size;
  }
  constexpr void raw(std::string_view s) {
    for (char c : s) put(c);
  }
  constexpr void quoted(std::string_view s) {
    put('"');
    for (char c : s) {
      if (c == '"' || c == '\\') put('\\');
      if (c == '\n') raw("\\n");
      else put(c);
    }
    put('"');
  }
  constexpr void key(std::string_view name) {
    put(',');
    quoted(name);
    put(':');
  }
  constexpr void member(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    quoted(value);
  }
  template <size_t N>
  constexpr void members(std::string_view name, const std::string_view (&values)[N]) {
    if (values[0].empty()) return;
    key(name);
    for (size_t i = 0; i < N && !values[i].empty(); ++i) {
      put(i ? ',' : '[');
      quoted(values[i]);
    }
    put(']');
  }
  /// Shortest of up to 12 significant digits; NaN and infinity become null.
  constexpr void number(double v) {
    if (v != v || v > 1e300 || v < -1e300) return raw("null");
    if (v < 0) {
      put('-');
      v = -v;
    }
    int exponent = 0;
    if (v != 0) {
      while (v >= 1e12) v /= 10, ++exponent;
      while (v < 1e11) v *= 10, --exponent;
    }
    auto digits = static_cast<uint64_t>(v + 0.5);
    while (digits && digits % 10 == 0) digits /= 10, ++exponent;
    if (exponent >= 0 && exponent < 16) {
      for (; exponent; --exponent) digits *= 10;
    }
    char text[24]{};
    int n = 0;
    do text[n++] = char('0' + digits % 10);
    while (digits /= 10);
    while (n) put(text[--n]);
    if (!exponent) return;
    put('e');
    if (exponent < 0) put('-'), exponent = -exponent;
    if (exponent >= 100) put(char('0' + exponent / 100));
    if (exponent >= 10) put(char('0' + exponent / 10 % 10));
    put(char('0' + exponent % 10));
  }
};

constexpr std::string_view kTypeNames[] = {"", "boolean", "integer", "number", "text", "choice", "numbers"};
constexpr std::string_view kKindNames[] = {"", "scheduler", "sampler", "loader", "pipeline"};

constexpr void write(Writer& w, const Setting& s) {
  w.raw("{\"name\":");
  w.quoted(s.name);
  w.member("type", kTypeNames[s.type]);
  w.member("doc", s.doc);
  w.key("default");
  if (s.type == CALOTYPE_TEXT || s.type == CALOTYPE_CHOICE) w.quoted(s.text);
  else if (s.type == CALOTYPE_NUMBERS) w.put('['), w.raw(s.text), w.put(']');
  else if (s.type == CALOTYPE_BOOLEAN) w.raw(s.value != 0 ? "true" : "false");
  else w.number(s.value);
  if (s.type != CALOTYPE_BOOLEAN && s.min != -kUnbounded) w.key("min"), w.number(s.min);
  if (s.type != CALOTYPE_BOOLEAN && s.max != kUnbounded) w.key("max"), w.number(s.max);
  w.member("choices", s.choices);
  if (s.is_path) w.raw(",\"path\":true");
  w.member("unit", s.unit);
  w.member("since", s.since);
  w.member("formerly", s.formerly);
  w.put('}');
}

/// `host` is what a tier-2 entry demands of the host, as JSON members, or empty.
constexpr void write(Writer& w, uint32_t kind, const Info& info, std::string_view host) {
  w.raw("{\"kind\":");
  w.quoted(kKindNames[kind]);
  w.member("id", info.id);
  w.members("aliases", info.aliases);
  w.member("label", info.label);
  w.member("summary", info.summary);
  w.member("citation", info.citation);
  w.member("origin", info.origin);
  w.member("category", info.category);
  w.member("best_for", info.best_for);
  if (info.steps[1]) {
    w.key("steps");
    w.put('['), w.number(info.steps[0]), w.put(','), w.number(info.steps[1]), w.put(']');
  }
  if (info.recommended) w.raw(",\"recommended\":true");
  w.member("pairs_with", info.pairs_with);
  w.members("accepts", info.accepts);
  w.member("noise", info.noise);
  if (info.needs_unconditional) w.raw(",\"needs\":[\"unconditional\"]");
  if (info.has_own_steps) w.raw(",\"own_steps\":true");
  if (info.is_by_hand) w.raw(",\"by_hand\":true");
  if (info.is_for_flow) w.raw(",\"needs\":[\"flow\"]");
  w.member("restart", info.restart);
  if (info.guidance[1] > 0) {
    w.key("guidance");
    w.put('['), w.number(info.guidance[0]), w.put(','), w.number(info.guidance[1]), w.put(']');
  }
  w.member("threads", name_of(info.threads));
  w.raw(",\"settings\":[");
  for (size_t i = 0; i < std::size(info.settings) && info.settings[i].type; ++i) {
    if (i) w.put(',');
    write(w, info.settings[i]);
  }
  w.put(']');
  w.member("plugin", CALOTYPE_PLUGIN_NAME);
  w.member("vendor", CALOTYPE_PLUGIN_VENDOR);
  w.member("version", CALOTYPE_PLUGIN_VERSION);
  w.member("sdk", CALOTYPE_VERSION);
  w.raw(host);
  w.put('}');
}

constexpr size_t json_size(uint32_t kind, const Info& info, std::string_view host) {
  Writer w;
  write(w, kind, info, host);
  return w.size;
}

template <size_t JsonSize>
struct alignas(4) Note {
  uint32_t name_size = sizeof CALOTYPE_NOTE_NAME;
  uint32_t descriptor_size = sizeof(calotype_note_header) + (JsonSize + 3) / 4 * 4;
  uint32_t type = CALOTYPE_NOTE_TYPE;
  char name[12] = CALOTYPE_NOTE_NAME;
  calotype_note_header header{};
  char json[(JsonSize + 3) / 4 * 4]{};
};

template <size_t JsonSize>
constexpr Note<JsonSize> make(uint32_t kind, uint32_t tier, const Info& info, std::string_view host) {
  Note<JsonSize> note;
  note.header = {CALOTYPE_NOTE_MAGIC, sizeof(calotype_note_header), JsonSize, tier, CALOTYPE_REQUIRED_ABI};
  Writer w{note.json};
  write(w, kind, info, host);
  return note;
}

}  // namespace calotype::note

extern "C" {
/// The linker's marks around the table that every CALOTYPE_ENTRY of the library adds to.
extern const calotype_entry* const __start_calotype_entries[] __attribute__((weak, visibility("hidden")));
extern const calotype_entry* const __stop_calotype_entries[] __attribute__((weak, visibility("hidden")));

/// Hidden, so that no other library's table can take its place.
__attribute__((visibility("hidden"))) inline const calotype_library_table* calotype_own_table() {
  static const calotype_library_table table{sizeof table, CALOTYPE_ABI,
                                            uint32_t(__stop_calotype_entries - __start_calotype_entries), __start_calotype_entries};
  return &table;
}

/// The library's one exported symbol: the same in each of its files, merged by the linker.
__attribute__((visibility("default"))) inline const calotype_library_table* calotype_library() { return calotype_own_table(); }
}

#define CALOTYPE_JOIN_(a, b) a##b
#define CALOTYPE_JOIN(a, b) CALOTYPE_JOIN_(a, b)

/// Adds an entry to the library: its note, and its line in the table. `implementation` is a pointer to static data.
#define CALOTYPE_ENTRY(kind, tier, info, host, implementation) \
  CALOTYPE_ENTRY_(kind, tier, info, host, implementation, __COUNTER__)
#define CALOTYPE_ENTRY_(kind, tier, info, host, implementation, n)                                                        \
  namespace {                                                                                                             \
  [[gnu::section(".note.calotype"), gnu::used, gnu::aligned(4)]] constexpr auto CALOTYPE_JOIN(calotype_note_, n) =          \
      ::calotype::note::make<::calotype::note::json_size(kind, info, host)>(kind, tier, info, host);                      \
  constexpr calotype_entry CALOTYPE_JOIN(calotype_entry_, n){sizeof(calotype_entry), kind, (info).id.data(), implementation}; \
  [[gnu::section("calotype_entries"), gnu::used]] const calotype_entry* const CALOTYPE_JOIN(calotype_pointer_, n) =       \
      &CALOTYPE_JOIN(calotype_entry_, n);                                                                                 \
  [[gnu::used]] constexpr auto CALOTYPE_JOIN(calotype_export_, n) = &calotype_library;                                    \
  }                                                                                                                       \
  static_assert(true)
