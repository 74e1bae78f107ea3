#pragma once
#include <calotype/info.h>
#include <calotype/version.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

/// Writes an entry's Info as JSON into an ELF note, at compile time: the manifest. Authors use the macros of
/// scheduler.h and sampler.h.
namespace calotype::note {

/// Writes into `out`; only counts if `out` is null.
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
  /// Writes a JSON string. The host refuses a manifest that is not UTF-8.
  constexpr void quoted(std::string_view s) {
    constexpr std::string_view kHex = "0123456789abcdef";
    put('"');
    for (const char c : s) {
      const auto code = static_cast<unsigned char>(c);
      if (c == '\n')
        raw("\\n");
      else if (c == '\t')
        raw("\\t");
      else if (code < 0x20)
        raw("\\u00"), put(kHex[code / 16]), put(kHex[code % 16]);
      else {
        if (c == '"' || c == '\\') put('\\');
        put(c);
      }
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
  /// Writes the fewest digits, from 15 to 17, that read back as the same number. NaN and infinity become null.
  constexpr void number(double v) {
    if (v != v || v - v != 0) return raw("null");
    if (v < 0) {
      put('-');
      v = -v;
    }
    const Decimal d = v == 0 ? Decimal{} : shortest(v);
    char text[24]{};
    int n = 0;
    uint64_t digits = d.digits;
    do text[n++] = char('0' + digits % 10);
    while (digits /= 10);
    const bool is_expanded = d.exponent >= 0 && n + d.exponent <= 16;
    while (n) put(text[--n]);
    if (is_expanded)
      for (int i = 0; i < d.exponent; ++i) put('0');
    else
      put('e'), integer(d.exponent);
  }

 private:
  /// digits * 10^exponent
  struct Decimal {
    uint64_t digits = 0;
    int exponent = 0;
  };
  constexpr void integer(int value) {
    if (value < 0) put('-'), value = -value;
    if (value >= 100) put(char('0' + value / 100));
    if (value >= 10) put(char('0' + value / 10 % 10));
    put(char('0' + value % 10));
  }
  /// v * 10^n. 10^27 is the largest power that a long double holds exactly; the few roundings left keep 17 digits
  /// right.
  static constexpr long double scaled(long double v, int n) {
    long double power = 1, rest = 1;
    int left = n < 0 ? -n : n;
    for (; left >= 27; left -= 27) power *= 1e27L;
    for (; left; --left) rest *= 10;
    return n < 0 ? v / power / rest : v * power * rest;
  }
  /// Whether v is the double nearest to d, so that d reads back as v.
  static constexpr bool is_read_as(const Decimal& d, double v) {
    const int size = d.exponent < 0 ? -d.exponent : d.exponent;
    if (size <= 22 && d.digits < uint64_t(1)
                                     << 53) {  // both operands are exact, so the only operation rounds correctly
      double power = 1;
      for (int i = 0; i < size; ++i) power *= 10;
      return (d.exponent < 0 ? double(d.digits) / power : double(d.digits) * power) == v;
    }
    const double below = std::bit_cast<double>(std::bit_cast<uint64_t>(v) - 1);
    const long double off = scaled(static_cast<long double>(d.digits), d.exponent) - v;
    return (off < 0 ? -off : off) < 0.49L * (v - below);
  }
  static constexpr Decimal shortest(double v) {
    int exponent = 0;  // v lies between 10^exponent and 10^(exponent + 1), about
    for (double power = v; power >= 10; power /= 10) ++exponent;
    for (double power = v; power < 1; power *= 10) --exponent;
    for (int count = 15;; ++count) {
      Decimal out{0, exponent - count + 1};
      out.digits = static_cast<uint64_t>(scaled(v, -out.exponent) + 0.5L);
      while (out.digits % 10 == 0) out.digits /= 10, ++out.exponent;
      if (count == 17 || is_read_as(out, v)) return out;
    }
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
  if (s.is_optional)
    w.raw("null");
  else if (s.type == CALOTYPE_TEXT || s.type == CALOTYPE_CHOICE)
    w.quoted(s.text);
  else if (s.type == CALOTYPE_NUMBERS)
    w.put('['), w.raw(s.text), w.put(']');
  else if (s.type == CALOTYPE_BOOLEAN)
    w.raw(s.value != 0 ? "true" : "false");
  else
    w.number(s.value);
  if (s.type != CALOTYPE_BOOLEAN && s.min != -kUnbounded) w.key("min"), w.number(s.min);
  if (s.type != CALOTYPE_BOOLEAN && s.max != kUnbounded) w.key("max"), w.number(s.max);
  w.member("choices", s.choices);
  if (s.is_path) w.raw(",\"path\":true");
  w.member("unit", s.unit);
  w.member("since", s.since);
  w.member("formerly", s.formerly);
  w.member("after", s.after);
  w.member("wants", s.wants);
  w.member("expands_like", s.expands_like);
  w.member("parts", s.parts);
  if (s.is_optional) w.raw(",\"optional\":true");
  if (s.is_rare) w.raw(",\"rare\":true");
  if (s.implied == s.implied) w.key("implied"), w.number(s.implied);
  w.put('}');
}

/// `host`: what a tier-2 entry requires of the host, as JSON members; empty for tier 1.
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
  if (info.order) w.key("order"), w.number(info.order);
  if (info.evaluations[0]) {
    w.key("model_calls");
    w.put('['), w.number(info.evaluations[0]), w.put(','), w.number(info.evaluations[1]), w.put(']');
  }
  if (info.request.keys[0].type) {
    w.raw(",\"request\":[");
    for (size_t i = 0; i < std::size(info.request.keys) && info.request.keys[i].type; ++i) {
      if (i) w.put(',');
      write(w, info.request.keys[i]);
    }
    w.put(']');
  }
  if (info.usual_noise.timesteps) {
    w.key("scaled_linear");
    w.put('['), w.number(info.usual_noise.beta_start), w.put(','), w.number(info.usual_noise.beta_end);
    w.put(','), w.number(info.usual_noise.timesteps), w.put(']');
  }
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
/// The linker's symbols around the table, to which every CALOTYPE_ENTRY of the library adds a pointer.
extern const calotype_entry* const __start_calotype_entries[] __attribute__((weak, visibility("hidden")));
extern const calotype_entry* const __stop_calotype_entries[] __attribute__((weak, visibility("hidden")));

/// Hidden, so that the table of another library cannot replace it.
__attribute__((visibility("hidden"))) inline const calotype_library_table* calotype_own_table() {
  static const calotype_library_table table{sizeof table, CALOTYPE_ABI,
                                            uint32_t(__stop_calotype_entries - __start_calotype_entries),
                                            __start_calotype_entries};
  return &table;
}

/// The only symbol that the library exports. Every object file has it, and the linker merges them.
__attribute__((visibility("default"))) inline const calotype_library_table* calotype_library() {
  return calotype_own_table();
}
}

/// Keeps a section to which only a linker's symbol points. With --gc-sections, lld would remove it.
#if __has_attribute(retain)
#define CALOTYPE_RETAIN gnu::used, gnu::retain
#else
#define CALOTYPE_RETAIN gnu::used
#endif

#define CALOTYPE_JOIN_(a, b) a##b
#define CALOTYPE_JOIN(a, b) CALOTYPE_JOIN_(a, b)

/// Adds an entry to the library: its manifest and its line in the table. `implementation` points to static data.
#define CALOTYPE_ENTRY(kind, tier, info, host, implementation) \
  CALOTYPE_ENTRY_(kind, tier, info, host, implementation, __COUNTER__)
#define CALOTYPE_ENTRY_(kind, tier, info, host, implementation, n)                                                  \
  namespace {                                                                                                       \
  [[gnu::section(".note.calotype"), CALOTYPE_RETAIN, gnu::aligned(4)]] constexpr auto CALOTYPE_JOIN(calotype_note_, \
                                                                                                    n) =            \
      ::calotype::note::make<::calotype::note::json_size(kind, info, host)>(kind, tier, info, host);                \
  constexpr calotype_entry CALOTYPE_JOIN(calotype_entry_, n){sizeof(calotype_entry), kind, (info).id.data(),        \
                                                             implementation};                                       \
  [[gnu::section("calotype_entries"),                                                                               \
    CALOTYPE_RETAIN]] const calotype_entry* const CALOTYPE_JOIN(calotype_pointer_,                                  \
                                                                n) = &CALOTYPE_JOIN(calotype_entry_, n);            \
  [[gnu::used]] constexpr auto CALOTYPE_JOIN(calotype_export_, n) = &calotype_library;                              \
  }                                                                                                                 \
  static_assert(true)
