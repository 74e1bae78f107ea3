#include "cli/edge.h"

#include <unistd.h>

#include <new>

#include "base/filesystem_errors.h"
#include "base/utf8.h"
#include "cli/commands.h"

namespace calotype::cli {
namespace {

void write(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

}  // namespace

void put(std::FILE* to, std::string_view text) {
  write(to, printable(text));
}

void put_line(std::FILE* to, std::string_view line) {
  write(to, printable_line(line) + "\n");
}

void put_path(const std::string& path) {
  write(stdout, (isatty(STDOUT_FILENO) ? printable_line(path) : printable_path(path)) + "\n");
}

void put_json(std::string_view json) {
  write(stdout, printable_json(json) + "\n");
}

namespace {

int reported(const Error& error, void (*print)(const Error& error)) {
  print(error);
  return int(error.code());
}

int exit_code_with_memory(const std::function<int()>& body, void (*print)(const Error& error)) {
  try {
    return body();
  } catch (const Error& e) {
    return reported(e, print);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::filesystem::filesystem_error& e) {
    return reported(io_error(e), print);
  } catch (const std::exception& e) {
    return reported({ErrorCode::internal, std::string(kProgram) + ": defect: " + e.what()}, print);
  }
}

}  // namespace

int exit_code_of(const std::function<int()>& body, void (*print)(const Error& error)) {
  try {
    return exit_code_with_memory(body, print);
  } catch (const std::bad_alloc&) {  // of the body, or of the words for what it threw
    std::fputs("out of memory\n", stderr);
    return int(ErrorCode::out_of_memory);
  }
}

}  // namespace calotype::cli
