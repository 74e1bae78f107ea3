#include "drawing.h"

#include <csignal>
#include <cstdio>
#include <fstream>

#include "commands.h"
#include "file.h"
#include "png.h"

namespace calotype::cli {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

/// The first signal ends the run after the model call that is under way, the second ends the program.
void on_signal(int number) {
  caught_signal = number;
  std::signal(number, SIG_DFL);
}

bool is_png(const std::string& path) {
  char start[4]{};
  std::ifstream(path, std::ios::binary).read(start, 4);
  return std::string_view(start, 4) == "\x89PNG";
}

}  // namespace

void catch_signals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

RunOptions watched_run(ProgressBar& bar, std::stop_source& stop) {
  RunOptions out;
  out.stop = stop.get_token();
  out.keep_pixels = false;
  out.progress = [&](const Progress& p) {
    if (caught_signal) stop.request_stop();
    bar.show(p);
  };
  return out;
}

int signal_status() { return caught_signal ? 128 + caught_signal : 0; }

Config open_config(const std::string& path, const std::vector<std::string>& overrides) {
  if (!is_png(path)) return Config::from_file(path, overrides);
  const auto texts = read_png_texts(read_file(path, size_t(256) << 20), path);
  const auto record = texts.find("calotype");
  if (record == texts.end()) throw Error(ErrorCode::bad_data, path + ": holds no \"calotype\" record; wanted a picture that calotype drew, or a config");
  return Config::from_json(record->second, path, overrides);
}

void print_line(const std::string& line) {
  if (std::printf("%s\n", line.c_str()) < 0 || std::fflush(stdout) != 0) throw Error(ErrorCode::io, "standard output cannot be written to");
}

}  // namespace calotype::cli
