#pragma once
#include <calotype/host/entry.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/float_mode.h"

namespace calotype {

/// The text of a std::exception without a backtrace; nothing if it means that memory is out.
using ExceptionWords = std::optional<std::string> (*)(const std::exception& e);
/// Sets the function that reads the texts of exceptions: the engine knows libtorch's.
void set_exception_words(ExceptionWords words);

/// The start of a message about a plugin: `loader "mine" (mine.so): `
std::string whose(const EntryInfo& entry);

/// In a catch block: rethrows the current exception as an Error. `who` is the start of the text: "progress callback".
[[noreturn]] void rethrow_as_error(const char* who);
/// As above, for an exception from a plugin's code; the text names the plugin. An out-of-memory error passes unchanged,
/// because a caller that knows the device adds how much is free.
[[noreturn]] void rethrow_of_plugin(const EntryInfo& entry);

/// Runs `body` and lets only Errors through. In it, the floating-point mode is C's initial one, whatever the caller's
/// is.
template <class Body>
decltype(auto) at_border(const char* who, Body&& body) {
  const FloatMode usual;
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    rethrow_as_error(who);
  }
}

/// Runs a plugin's code and lets only Errors and out-of-memory errors through.
template <class Body>
decltype(auto) in_plugin(const EntryInfo& entry, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    rethrow_of_plugin(entry);
  }
}

}  // namespace calotype
