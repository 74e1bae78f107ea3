#include "edge.h"

#include <unistd.h>

#include "utf8.h"

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

}  // namespace calotype::cli
