#include "border.h"

#include <c10/util/Exception.h>
#include <calotype/error.h>

#include <filesystem>
#include <new>
#include <string>
#include <string_view>

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

bool is_out_of_memory(const std::exception& e) {
  const auto* torch = dynamic_cast<const c10::Error*>(&e);
  const std::string_view text = torch ? torch->what_without_backtrace() : e.what();
  const auto says = [&](std::string_view words) { return text.find(words) != text.npos; };
  // the allocator of the CPU, in two versions of it; oneDNN, whose buffers are its own
  return dynamic_cast<const c10::OutOfMemoryError*>(&e) || (torch && (says("not enough memory") || says("can't allocate memory"))) ||
         says("could not create a memory");
}

void rethrow_as_error(const char* who) {
  try {
    try {
      throw;
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const c10::Error& e) {
      if (is_out_of_memory(e)) throw std::bad_alloc();
      throw Error(ErrorCode::internal, starts(who) + first_line(e));
    } catch (const std::filesystem::filesystem_error& e) {
      throw Error(ErrorCode::io, starts(who) + e.path1().string() + ": " + e.code().message());
    } catch (const std::exception& e) {
      if (is_out_of_memory(e)) throw std::bad_alloc();
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
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const c10::Error& e) {
    if (is_out_of_memory(e)) throw;
    throw Error(ErrorCode::internal, whose(entry) + first_line(e));
  } catch (const std::exception& e) {
    if (is_out_of_memory(e)) throw;
    throw Error(ErrorCode::internal, whose(entry) + e.what());
  } catch (...) {
    throw Error(ErrorCode::internal, whose(entry) + std::string(kNotStandard));
  }
}

}  // namespace calotype
