#pragma once
#include <calotype/abi.h>
#include <calotype/declared.h>
#include <calotype/scaled_linear.h>
#include <calotype/threads.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace calotype {

/// The default of a number that has no value unless the user gives one; see Settings::has.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// One setting of an entry, declared once. Range checks, `calotype show`, the JSON Schema and the docs follow from the
/// declaration. Make it with the functions below, keep it as a `constexpr`, and read its value with
/// `settings[kMySetting]`. New members go to the end.
struct Setting {
  uint32_t type = 0;
  std::string_view name{};
  std::string_view doc{};
  double value = kNotGiven;                    ///< default of a boolean (0 or 1), integer or number
  double min = -kUnbounded, max = kUnbounded;  ///< inclusive
  std::string_view text{};                     ///< default of a text or choice; of numbers: "1, 2, 3"
  std::string_view choices{};                  ///< "first|second|third"
  bool is_path = false;                        ///< a text that is a path: the host makes it absolute unless it is empty
  std::string_view unit{};                     ///< "pixels"; empty: a bare number
  std::string_view since{};                    ///< the plugin's version that introduced it; empty: the first one
  std::string_view formerly{};  ///< older names, "old" or "older|old": the host accepts them with a warning
  // of keys of a request alone: Info::request
  std::string_view after{};         ///< the key after which lists and records have this one; empty: at the end
  std::string_view wants{};         ///< a key without which this one would be ignored, and is refused
  std::string_view expands_like{};  ///< a text: a prompt, whose alternatives are chosen as in this key, "prompt" or
                                    ///< "negative_prompt"
  std::string_view parts{};    ///< of numbers: names of its whole numbers, as many as there must be: "height|width"
  bool is_optional = false;    ///< it may be absent, and no value stands for that
  bool is_rare = false;        ///< records say it only where it is not the default
  double implied = kNotGiven;  ///< of a key in a section: its value where the section is given without it

  consteval Setting listed_after(std::string_view key) const {
    Setting out = *this;
    out.after = key;
    return out;
  }
  consteval Setting wanting(std::string_view key) const {
    Setting out = *this;
    out.wants = key;
    return out;
  }
  consteval Setting expanded_like(std::string_view key) const {
    Setting out = *this;
    out.expands_like = key;
    return out;
  }
  consteval Setting optional() const {
    Setting out = *this;
    out.is_optional = true;
    out.value = kNotGiven;
    return out;
  }
  consteval Setting rare() const {
    Setting out = *this;
    out.is_rare = true;
    return out;
  }
  consteval Setting implied_by_section(double number) const {
    Setting out = *this;
    out.implied = number;
    return out;
  }
  /// Example: number("size", 8, 1, 64, "...").with_unit("pixels").added_in("1.2.0").renamed_from("width")
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

// A default that no user could give is a compile error, which names a function of `wrong`.
/// A setting that is true or false.
consteval Setting boolean(std::string_view name, bool value, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_BOOLEAN, .name = name, .doc = doc, .value = value ? 1.0 : 0.0, .min = 0, .max = 1};
}
/// A whole number in [min, max]. Every value travels as a double, so the default and a user's value are at most 2^53 in
/// size, whatever `max` is.
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
/// A real number in [min, max]; `value` is its default, or kNotGiven.
consteval Setting number(std::string_view name, double value, double min, double max, std::string_view doc) {
  declared::check_name(name);
  declared::check_range(value, min, max);
  return {.type = CALOTYPE_NUMBER, .name = name, .doc = doc, .value = value, .min = min, .max = max};
}
/// A text; `value` is its default.
consteval Setting text(std::string_view name, std::string_view value, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_TEXT, .name = name, .doc = doc, .text = value};
}
/// A file or folder with weights, which a user writes like the key `model`: a path relative to the config, a Hugging
/// Face id or a name. The plugin gets an absolute path that exists, or "" if the user gave none.
consteval Setting path(std::string_view name, std::string_view doc) {
  declared::check_name(name);
  return {.type = CALOTYPE_TEXT, .name = name, .doc = doc, .is_path = true};
}
/// One of a few words: `choices` is "first|second", `value` the default.
consteval Setting choice(std::string_view name, std::string_view value, std::string_view choices,
                         std::string_view doc) {
  declared::check_name(name);
  declared::check_choice(value, choices);
  return {.type = CALOTYPE_CHOICE, .name = name, .doc = doc, .text = value, .choices = choices};
}
/// A list of numbers, each within [min, max]. Write the default as "1, 2, 3".
consteval Setting numbers(std::string_view name, std::string_view value, double min, double max, std::string_view doc) {
  declared::check_name(name);
  declared::check_numbers(value, min, max);
  return {.type = CALOTYPE_NUMBERS, .name = name, .doc = doc, .min = min, .max = max, .text = value};
}
/// Whole numbers within [min, max], absent unless given; `parts` names each: "height|width".
consteval Setting whole_numbers(std::string_view name, std::string_view parts, int64_t min, int64_t max,
                                std::string_view doc) {
  declared::check_name(name);
  declared::check_range(kNotGiven, double(min), double(max));
  return {.type = CALOTYPE_NUMBERS,
          .name = name,
          .doc = doc,
          .min = double(min),
          .max = double(max),
          .parts = parts,
          .is_optional = true};
}

/// Written as a list: {kStrength, kResize}. A type of its own, because GCC 12 converts no list to a type with two
/// arrays of one class.
struct RequestKeys {
  Setting keys[24]{};
};

/// The manifest of one entry. The compiler writes it into the library's ELF note, where a host reads it without loading
/// the library.
struct Info {
  std::string_view id;            ///< the name in configs; it never changes
  std::string_view aliases[8]{};  ///< other names of this entry
  std::string_view label{};  ///< as user interfaces write it ("DPM++ 2M", "Karras"); an image's parameters contain it
  std::string_view summary;  ///< one line: what it does and when not to pick it
  std::string_view citation{};  ///< author, year, equation or algorithm, arXiv id
  std::string_view origin{};    ///< the program that has an entry of this name with the same numbers: "ComfyUI"
  std::string_view category{};
  std::string_view best_for{};
  int steps[2] = {0, 0};  ///< recommended number of steps, lowest and highest; 0: none
  bool recommended = false;
  std::string_view pairs_with{};     ///< the usual sampler of a scheduler, or the usual scheduler of a sampler
  std::string_view noise{};          ///< samplers: the usual kind of noise: torch, brownian or philox; empty: torch
  bool needs_unconditional = false;  ///< samplers: calls Sampling::denoise_guided
  bool has_own_steps = false;   ///< samplers: chooses its own sigmas between the first and the last of the schedule
  bool is_by_hand = false;      ///< schedulers: the user gives each sigma; refused with samplers that choose their own
  bool is_for_flow = false;     ///< schedulers: only for flow models, whose largest sigma is 1
  std::string_view restart{};   ///< samplers: the `restart` of a config without this key: docs/run.md
  double guidance[2] = {0, 0};  ///< samplers: the range of guidance_scale that suits it; {0, 0}: as for others
  int order = 0;  ///< samplers: order of convergence, which `calotype plugin check` measures; 0: not declared
  /// Samplers: {a, b} means that a run of n steps takes a n + b model evaluations: {2, -1} is 2 n - 1. {0, 0}: not
  /// declared.
  int evaluations[2] = {0, 0};
  std::string_view accepts[4]{};  ///< loaders: the paths that it opens: ".ext", or "name/" for a folder that contains a
                                  ///< file of that name
  Setting settings[16]{};
  Threads threads = Threads::usual;  ///< the threads from which the host may call it
  ScaledLinear usual_noise{};  ///< loaders: the training noise of most of its models, for `calotype sigmas` without one
  /// Loaders and pipelines: the keys of a config that they take beside those that all take; a name may have a section:
  /// "hires.scale". A config whose loader or pipeline does not declare a key is refused. `Request::options` has their
  /// values.
  RequestKeys request{};
};

namespace declared {
/// True if no two settings share a name and a config can contain the entry's id and aliases. Else a compile error.
consteval bool is_sound(const Info& info) {
  check_name(info.id);
  for (const auto& alias : info.aliases)
    if (!alias.empty()) check_name(alias);
  for (const Setting& one : info.settings)
    for (const Setting* other = info.settings; other != &one; ++other)
      if (one.type && one.name == other->name) wrong::two_settings_have_the_same_name();
  for (const Setting& one : info.request.keys)
    for (const Setting* other = info.request.keys; other != &one; ++other)
      if (one.type && one.name == other->name) wrong::two_settings_have_the_same_name();
  return true;
}
}  // namespace declared

}  // namespace calotype
