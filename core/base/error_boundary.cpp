#include "base/error_boundary.h"

#include <calotype/error.h>

#include <atomic>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "base/filesystem_errors.h"

namespace calotype {
namespace {

/// Made in advance: when it is needed, there may be no memory to make it, and a copy needs none.
const Error kNoMemory(ErrorCode::out_of_memory, "out of memory; a smaller width and height needs less");

constexpr std::string_view kNotStandard = "threw something that is not a std::exception";

std::atomic<ExceptionWords> known_words = nullptr;  // a thread may run a plugin while another loads the engine

/// The text of an exception; nothing if it means that memory is out.
std::optional<std::string> words_of(const std::exception& e) {
  if (const ExceptionWords words = known_words) return words(e);
  return e.what();
}

std::string starts(const char* who) {
  return *who ? std::string(who) + ": " : std::string();
}

}  // namespace

std::string whose(const EntryInfo& entry) {
  return std::string(name_of(entry.kind)) + " \"" + entry.id + "\" (" +
         std::filesystem::path(entry.library).filename().string() + "): ";
}

void set_exception_words(ExceptionWords words) {
  known_words = words;
}

void rethrow_as_error(const char* who) {
  try {
    try {
      throw;
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::filesystem::filesystem_error& e) {
      throw io_error(e, starts(who));
    } catch (const std::exception& e) {
      const auto words = words_of(e);
      if (!words) throw std::bad_alloc();
      throw Error(ErrorCode::internal, starts(who) + *words);
    } catch (...) {
      throw Error(ErrorCode::internal, starts(who) + std::string(kNotStandard));
    }
  } catch (const std::bad_alloc&) {  // from the body, or while the text is made
    throw kNoMemory;
  }
}

void rethrow_of_plugin(const EntryInfo& entry) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    const auto words = words_of(e);
    if (!words) throw;
    throw Error(ErrorCode::internal, whose(entry) + *words);
  } catch (...) {
    throw Error(ErrorCode::internal, whose(entry) + std::string(kNotStandard));
  }
}

}  // namespace calotype
