#pragma once
#include <calotype/abi.h>
#include <calotype/declared.h>
#include <calotype/threads.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace calotype {

/// The default of a number that is not given unless the user gives it; `Settings::has` tells.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// One setting of a plugin, declared once: range checks, `calotype show`, the JSON Schema and the docs all come from
/// here. Made by the functions below, kept as a `constexpr`, read by `settings[kMySetting]`. New members go to the end.
struct Setting {
  uint32_t type = 0;
  std::string_view name{};
  std::string_view doc{};
  double value = kNotGiven;                    ///< default of a boolean, integer or number
  double min = -kUnbounded, max = kUnbounded;  ///< inclusive
  std::string_view text{};                     ///< default of a text or choice; of numbers: "1, 2, 3"
  std::string_view choices{};                  ///< "first|second|third"
  bool is_path = false;                        ///< a text that the host makes an absolute path of, unless it is empty
  std::string_view unit{};                     ///< "pixels"; empty: a bare number
  std::string_view since{};     ///< the version of the plugin that first had it; empty: it was always there
  std::string_view formerly{};  ///< older names, "old" or "older|old": they work, and the host warns of them

  /// number("size", 8, 1, 64, "...").with_unit("pixels").added_in("1.2.0").renamed_from("width")
  consteval Setting with_unit(std::string_view unit_name) const {
    Setting out = *this;
    out.unit = unit_name;
    return out;
  }
  consteval Setting added_in(std::string_view version) const {
    Setting out = *this;
    out.since = version;
    return out;
  }
  consteval Setting renamed_from(std::string_view older_names) const {
    Setting out = *this;
    out.formerly = older_names;
    return out;
  }
};

// What no user could give does not compile: the compiler then names a function of wrong.
consteval Setting boolean(std::string_view name, bool value, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_BOOLEAN, .name = name, .doc = doc, .value = value ? 1.0 : 0.0, .min = 0, .max = 1};
}
/// The host hands numbers over as double: a default is at most 2^53, and so is what a user may give, whatever `max`
/// says.
consteval Setting integer(std::string_view name, int64_t value, int64_t min, int64_t max, std::string_view doc) {
  declared::check_name(name);
  declared::check_exact(value);
  declared::check_range(double(value), double(min), double(max));
  return {.type = CALOTYPE_INTEGER,
          .name = name,
          .doc = doc,
          .value = double(value),
          .min = double(min),
          .max = double(max)};
}
consteval Setting number(std::string_view name, double value, double min, double max, std::string_view doc) {
  declared::check_name(name);
  declared::check_range(value, min, max);
  return {.type = CALOTYPE_NUMBER, .name = name, .doc = doc, .value = value, .min = min, .max = max};
}
consteval Setting text(std::string_view name, std::string_view value, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_TEXT, .name = name, .doc = doc, .text = value};
}
/// A file or folder with weights, written as `model` is: relative to the config, a Hugging Face id or a name. The
/// plugin sees its absolute path, which is there, or "" where none was given.
consteval Setting path(std::string_view name, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_TEXT, .name = name, .doc = doc, .is_path = true};
}
consteval Setting choice(std::string_view name, std::string_view value, std::string_view choices,
                         std::string_view doc) {
  declared::check_name(name);
  declared::check_choice(value, choices);
  return {.type = CALOTYPE_CHOICE, .name = name, .doc = doc, .text = value, .choices = choices};
}
/// A list of numbers, each within [min, max]; the default is written "1, 2, 3".
consteval Setting numbers(std::string_view name, std::string_view value, double min, double max, std::string_view doc) {
  declared::check_name(name);
  declared::check_numbers(value, min, max);
  return {.type = CALOTYPE_NUMBERS, .name = name, .doc = doc, .min = min, .max = max, .text = value};
}

/// What is said of one entry. It goes into the library's ELF note, so a host knows it without loading anything.
struct Info {
  std::string_view id;            ///< the name in configs, for ever
  std::string_view aliases[8]{};  ///< other names of the same thing
  std::string_view label{};     ///< as user interfaces write it ("DPM++ 2M", "Karras"); goes into an image's parameters
  std::string_view summary;     ///< one line: what it does and when not to pick it
  std::string_view citation{};  ///< author, year, equation or algorithm, arXiv id
  std::string_view origin{};    ///< the program that has it by this name with these numbers: "ComfyUI"
  std::string_view category{};
  std::string_view best_for{};
  int steps[2] = {0, 0};  ///< how many steps people use, lowest and highest; 0: not said
  bool recommended = false;
  std::string_view pairs_with{};  ///< a scheduler's usual sampler, a sampler's usual scheduler
  std::string_view noise{};  ///< samplers: the kind of noise that is usual, torch, brownian or philox; empty: torch
  bool needs_unconditional = false;  ///< samplers: Sampling::denoise_guided is called
  bool has_own_steps = false;        ///< samplers: between the first and the last sigma it chooses its own
  bool is_by_hand = false;           ///< schedulers: each sigma is the user's; not for samplers that choose their own
  bool is_for_flow = false;          ///< schedulers: for flow models alone, whose noise begins at sigma 1
  std::string_view restart{};        ///< samplers: the `restart` of a config that says none; docs/run.md
  double guidance[2] = {0, 0};  ///< samplers: the lowest and highest guidance_scale that suits it; 0: what suits others
  int order = 0;                ///< samplers: of convergence, which `calotype plugin check` measures; 0: not declared
  /// Samplers: model evaluations of a step, and how many a run of n steps takes besides: {2, -1} is 2 n - 1. {0, 0}:
  /// not declared.
  int evaluations[2] = {0, 0};
  std::string_view accepts[4]{};  ///< loaders: ".ext", or "name/" for a folder that holds a file of that name
  Setting settings[16]{};
  Threads threads = Threads::usual;  ///< from which it may be called
};

namespace declared {
/// True where no two settings answer to one name and all of the entry's own names can stand in a config. Else it does
/// not compile.
consteval bool is_sound(const Info& info) {
  check_name(info.id);
  for (const auto& alias : info.aliases)
    if (!alias.empty()) check_name(alias);
  for (const Setting& one : info.settings)
    for (const Setting* other = info.settings; other != &one; ++other)
      if (one.type && one.name == other->name) wrong::two_settings_have_the_same_name();
  return true;
}
}  // namespace declared

}  // namespace calotype
