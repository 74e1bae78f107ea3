#include "drawing.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "commands.h"
#include "file.h"
#include "png_file.h"

namespace calotype::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
volatile std::sig_atomic_t caught_signal = 0;

constexpr unsigned kGraceSeconds = 3;

void end_by_signal(int) {
  std::signal(caught_signal, SIG_DFL);
  std::raise(caught_signal);
}

/// The first signal ends the run after the model call that is under way, so that what is drawn is written; where that does not end, in a
/// plugin that hangs, a few seconds end the program. The second signal does so at once.
void on_signal(int number) {
  caught_signal = number;
  std::signal(number, SIG_DFL);
  std::signal(SIGALRM, end_by_signal);
  alarm(kGraceSeconds);
}

bool is_png(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return false;  // to open a pipe is to wait for its other end
  char start[4]{};
  std::ifstream(path, std::ios::binary).read(start, 4);
  return std::string_view(start, 4) == "\x89PNG";
}

}  // namespace

CaughtSignals::CaughtSignals() {
  for (const int number : kSignals)
    if (std::signal(number, on_signal) == SIG_IGN) std::signal(number, SIG_IGN);  // as nohup and a shell's & have it
}

CaughtSignals::~CaughtSignals() {
  alarm(0);
  for (const int number : kSignals)
    if (std::signal(number, SIG_DFL) == SIG_IGN) std::signal(number, SIG_IGN);
}

RunOptions watched_run(ProgressBar& bar, std::stop_source& stop) {
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): the mark of the highest memory begins anew; this process is the program's own
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

void check_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) throw Error(ErrorCode::io, "standard output cannot be written to");
}

}  // namespace calotype::cli
