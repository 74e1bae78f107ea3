#include "cli/run_support.h"

#include <calotype/file_kind.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "image/png_metadata.h"

namespace calotype::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
volatile std::sig_atomic_t caught_signal = 0;

constexpr unsigned kGraceSeconds = 3;

void end_by_signal(int) {
  std::signal(caught_signal, SIG_DFL);
  std::raise(caught_signal);
}

/// The first signal ends the run after the model evaluation that is under way, so that what is generated is written;
/// where that does not end, in a plugin that hangs, a few seconds end the program. The second signal does so at once.
void on_signal(int number) {
  caught_signal = number;
  std::signal(number, SIG_DFL);
  std::signal(SIGALRM, end_by_signal);
  alarm(kGraceSeconds);
}

bool is_png(std::string_view bytes) {
  return bytes.starts_with("\x89PNG");
}

/// Whether a file begins as a PNG does. A pipe is not looked at: what is read of it is gone.
bool is_png_file(const std::string& path) {
  char start[4]{};
  if (is_file(path)) std::ifstream(path, std::ios::binary).read(start, 4);
  return is_png({start, 4});
}

Config config_of_png(std::string_view bytes, const std::string& name, const std::vector<std::string>& overrides) {
  const auto texts = read_png_texts(bytes, name);
  const auto record = texts.find("calotype");
  if (record == texts.end())
    throw Error(ErrorCode::bad_data,
                name + ": holds no \"calotype\" record; want an image that calotype made, or a config");
  return Config::from_json(record->second, name, overrides);
}

Config config_of_bytes(const std::string& bytes, const std::string& name, const std::vector<std::string>& overrides) {
  return is_png(bytes) ? config_of_png(bytes, name, overrides) : Config::from_text(bytes, name, overrides);
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
  std::ofstream("/proc/self/clear_refs")
      << "5";  // proc(5): the mark of the highest memory begins again; this process is the program's own
  RunOptions out;
  out.stop = stop.get_token();
  out.keep_pixels = false;
  out.progress = [&](const Progress& p) {
    if (caught_signal) stop.request_stop();
    bar.show(p);
  };
  return out;
}

int signal_status() {
  return caught_signal ? 128 + caught_signal : 0;
}

Config open_config(const std::string& path, const std::vector<std::string>& overrides) {
  constexpr size_t kMost = size_t(256) << 20;
  constexpr const char* kInput = "standard input";
  if (path == "-") return config_of_bytes(read_descriptor(STDIN_FILENO, kInput, kMost), kInput, overrides);
  if (is_png_file(path)) return config_of_png(read_file(path, kMost), path, overrides);
  std::error_code none;
  if (std::filesystem::is_fifo(path, none)) return config_of_bytes(read_file_or_pipe(path, kMost), path, overrides);
  return Config::from_file(path, overrides);
}

void check_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    throw Error(ErrorCode::io, "standard output cannot be written to");
}

}  // namespace calotype::cli
