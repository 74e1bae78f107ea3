#pragma once
#include <calotype/host/entry.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/float_mode.h"

namespace calotype {

/// What a std::exception says, without a backtrace; nothing where that is that memory is out.
using ExceptionWords = std::optional<std::string> (*)(const std::exception& e);
/// From here on `words` is asked: the engine knows libtorch's exceptions.
void set_exception_words(ExceptionWords words);

/// How a message begins that is about a plugin: `loader "sdxl" (sdxl.so): `
std::string whose(const EntryInfo& entry);

/// Inside a catch block: throws what is under way again as an Error. `who` begins the text: "progress callback".
[[noreturn]] void rethrow_as_error(const char* who);
/// The same for an exception out of a plugin's code, whose text then names the plugin. Out of memory passes unchanged:
/// whoever knows the device says what is free.
[[noreturn]] void rethrow_of_plugin(const EntryInfo& entry);

/// Runs `body`, from which nothing but an Error leaves, with floating-point numbers as C starts them, whatever the
/// caller made of them.
template <class Body>
decltype(auto) at_border(const char* who, Body&& body) {
  const FloatMode usual;
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    rethrow_as_error(who);
  }
}

/// Runs a plugin's code: nothing leaves but an Error and what says that memory is out.
template <class Body>
decltype(auto) in_plugin(const EntryInfo& entry, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    rethrow_of_plugin(entry);
  }
}

}  // namespace calotype
