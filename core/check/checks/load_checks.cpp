// What loading and unloading the library changes in the process.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "check/check.h"
#include "check/child_process.h"
#include "check/loaded_library.h"
#include "check/process_state.h"

namespace calotype::check {
namespace {

void opens(const Subject& s) {
  Opened{s};
}

void loads_a_hundred_times(const Subject& s) {
  for (int i = 0; i < 100; ++i) Opened(s).table();
}

void is_really_unloaded(const Subject& s) {
  Opened(s).table();
  if (is_mapped(s.file)) throw Broken("it is still mapped after it was closed");
}

void loads_in_5_ms(const Subject& s) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Opened(s).table();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  if (best > 5) throw Broken("want at most 5 ms to load it, got " + std::to_string(best));
}

void loading_leaves_no_memory(const Subject& s) {
  const size_t grown = heap_growth(64, [&] { Opened(s).table(); });
  if (grown >= 64 * 64) throw Broken("loading and unloading 64 times left " + std::to_string(grown) + " bytes");
}

void loading_is_silent(const Subject& s) {
  const size_t before = written();
  Opened(s).table();
  if (written() != before) throw Broken("it writes to standard output or error when it is loaded");
}

void loading_starts_no_thread(const Subject& s) {
  const int before = threads();
  const Opened opened(s);
  if (threads() != before)
    throw Broken("want " + std::to_string(before) + " threads as before it was loaded, got " +
                 std::to_string(threads()));
}

void loading_opens_no_file(const Subject& s) {
  const int before = open_files();
  Opened(s).table();
  if (open_files() != before)
    throw Broken("want " + std::to_string(before) + " open files as before it was loaded, got " +
                 std::to_string(open_files()));
}

void loading_keeps_signals(const Subject& s) {
  struct sigaction before[NSIG]{}, after{};
  for (int i = 1; i < NSIG; ++i) sigaction(i, nullptr, &before[i]);
  const Opened opened(s);
  for (int i = 1; i < NSIG; ++i)
    if (sigaction(i, nullptr, &after) == 0 && after.sa_handler != before[i].sa_handler)
      throw Broken("it installs a handler for " + signal_name(i) + " when it is loaded");
}

void loading_keeps_locale(const Subject& s) {
  const std::string before = setlocale(LC_ALL, nullptr);
  const Opened opened(s);
  if (setlocale(LC_ALL, nullptr) != before)
    throw Broken("it changes the locale when it is loaded, to " + std::string(setlocale(LC_ALL, nullptr)));
}

void loading_keeps_float_mode(const Subject& s) {
  const uint32_t before = float_mode();
  const Opened opened(s);
  if (float_mode() != before)
    throw Broken("it changes rounding or denormals when it is loaded; link without -ffast-math");
}

void loading_keeps_folder(const Subject& s) {
  const auto before = std::filesystem::current_path();
  const mode_t mask = umask(022);
  umask(mask);
  const Opened opened(s);
  if (std::filesystem::current_path() != before) throw Broken("it changes the working folder when it is loaded");
  if (umask(mask) != mask) throw Broken("it changes the umask when it is loaded");
}

void exits_cleanly(const Subject& s) {
  new Opened(s);  // not closed
  answer_and_exit("p");
}

}  // namespace

const std::vector<Check>& load_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"opens", "it can be loaded, and all symbols that it uses are found", library, opens, "is-accepted"},
      {"loads-a-hundred-times", "it can be loaded and unloaded 100 times", library, loads_a_hundred_times, "opens"},
      {"is-really-unloaded", "nothing of it stays mapped after unloading", library, is_really_unloaded,
       "opens has-no-unique-symbols", true},
      {"loads-in-5-ms", "it loads within 5 ms", library, loads_in_5_ms, "opens"},
      {"loading-leaves-no-memory", "loading and unloading leave no memory allocated", library, loading_leaves_no_memory,
       "opens", true},
      {"loading-is-silent", "loading writes nothing to standard output and error", library, loading_is_silent, "opens"},
      {"loading-starts-no-thread", "loading starts no thread", library, loading_starts_no_thread, "opens"},
      {"loading-opens-no-file", "loading leaves no file open", library, loading_opens_no_file, "opens"},
      {"loading-keeps-signals", "loading installs no signal handler", library, loading_keeps_signals, "opens"},
      {"loading-keeps-locale", "loading does not change the locale", library, loading_keeps_locale, "opens"},
      {"loading-keeps-float-mode", "loading does not change rounding and denormals", library, loading_keeps_float_mode,
       "opens"},
      {"loading-keeps-folder", "loading does not change the working folder and umask", library, loading_keeps_folder,
       "opens"},
      {"exits-cleanly", "the process exits with 0 while it is loaded", library, exits_cleanly, "opens"}};
  return all;
}

}  // namespace calotype::check
