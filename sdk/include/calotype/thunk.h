#pragma once
#include <calotype/abi.h>
#include <calotype/error.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

namespace calotype {

/// Thrown if a host call ended the run: cancelled, or the model failed. The host knows the reason.
struct Stopped {};

/// The decimal digits of a number. std::to_string would make g++ emit a unique symbol, and a library with such a symbol
/// is never unloaded.
inline std::string digits_of(size_t number) {
  std::string out;
  do out.insert(out.begin(), char('0' + number % 10));
  while (number /= 10);
  return out;
}

/// Runs `body` and turns exceptions into a status; their text goes into `message`. Error means that the arguments have
/// no answer, std::bad_alloc that memory is short; all other exceptions are defects.
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
