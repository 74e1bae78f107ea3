#include "border.h"

#include <c10/util/Exception.h>
#include <calotype/error.h>

#include <filesystem>
#include <new>
#include <string>

namespace calotype {
namespace {

/// Made before it is needed: there may be no memory left to make it with, and a copy takes none.
const Error kNoMemory(ErrorCode::out_of_memory, "out of memory; a smaller width and height needs less");

constexpr std::string_view kNotStandard = "threw something that is not a std::exception";

std::string first_line(const c10::Error& e) {
  const std::string text = e.what_without_backtrace();
  return "libtorch: " + text.substr(0, text.find('\n'));
}

std::string starts(const char* who) {
  return *who ? std::string(who) + ": " : std::string();
}

/// loader "sdxl" (sdxl.so)
std::string whose(const EntryInfo& entry) {
  return std::string(name_of(entry.kind)) + " \"" + entry.id + "\" (" +
         std::filesystem::path(entry.library).filename().string() + "): ";
}

}  // namespace

void rethrow_as_error(const char* who) {
  try {
    try {
      throw;
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const c10::Error& e) {
      throw Error(ErrorCode::internal, starts(who) + first_line(e));
    } catch (const std::filesystem::filesystem_error& e) {
      throw Error(ErrorCode::io, starts(who) + e.path1().string() + ": " + e.code().message());
    } catch (const std::exception& e) {
      throw Error(ErrorCode::internal, starts(who) + e.what());
    } catch (...) {
      throw Error(ErrorCode::internal, starts(who) + std::string(kNotStandard));
    }
  } catch (const std::bad_alloc&) {  // of the body, or of the words for another
    throw kNoMemory;
  }
}

void rethrow_of_plugin(const EntryInfo& entry) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const c10::Error& e) {
    const std::string text = first_line(e);
    if (text.find("not enough memory") != std::string::npos) throw;
    throw Error(ErrorCode::internal, whose(entry) + text);
  } catch (const std::exception& e) {
    throw Error(ErrorCode::internal, whose(entry) + e.what());
  } catch (...) {
    throw Error(ErrorCode::internal, whose(entry) + std::string(kNotStandard));
  }
}

}  // namespace calotype
