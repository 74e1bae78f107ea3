#pragma once
#include <calotype/abi.h>
#include <calotype/error.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

namespace calotype {

/// Thrown when a host call says that the run must end (cancelled, or the model failed): the host knows why.
struct Stopped {};

/// std::to_string, as g++ compiles it, leaves a symbol behind with which no library is ever unloaded.
inline std::string digits_of(size_t number) {
  std::string out;
  do out.insert(out.begin(), char('0' + number % 10));
  while (number /= 10);
  return out;
}

/// Runs `body` behind the C contract: no exception leaves, its text goes into `message`. An Error is an answer; others
/// are defects.
template <class Body>
int32_t guarded(calotype_message* message, Body&& body) noexcept {
  const auto write = [&](const char* text) {
    const size_t room = std::min<size_t>(message->size - offsetof(calotype_message, text), sizeof message->text) - 1;
    const size_t n = std::min(std::strlen(text), room);
    std::memcpy(message->text, text, n);
    message->text[n] = 0;
  };
  try {
    body();
    return CALOTYPE_OK;
  } catch (const Stopped&) {
    return CALOTYPE_STOPPED;
  } catch (const std::bad_alloc& e) {
    write(e.what());
    return CALOTYPE_NO_MEMORY;
  } catch (const Error& e) {
    write(e.what());
    return CALOTYPE_FAILED;
  } catch (const std::exception& e) {
    write(e.what());
  } catch (...) {
    write("threw something that is not a std::exception");
  }
  return CALOTYPE_DEFECT;
}

}  // namespace calotype
