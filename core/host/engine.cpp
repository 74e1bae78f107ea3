#include "host/engine.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <unistd.h>

#include <exception>

#include "base/file.h"
#include "base/install_folder.h"

namespace calotype {
namespace {

/// Somewhere else than in a working folder that was removed, while it lives: MKL, which comes with libtorch, looks
/// where it is when it is loaded, even by its absolute path, and ends the process.
class SomeFolder {
 public:
  SomeFolder() {
    if (working_folder().empty()) removed_ = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (removed_ >= 0 && chdir("/") != 0) fail();
  }
  SomeFolder(const SomeFolder&) = delete;
  ~SomeFolder() {
    if (removed_ < 0) return;
    if (fchdir(removed_) != 0) std::terminate();  // relative paths would mean others
    close(removed_);
  }

 private:
  [[noreturn]] static void fail() {
    throw Error(ErrorCode::unavailable, "the working folder was removed; start in another");
  }
  int removed_ = -1;
};

MakeEngine* find_engine() {
  const SomeFolder folder;
  return reinterpret_cast<MakeEngine*>(load_part("libcalotype_engine.so", "calotype_make_engine"));
}

}  // namespace

void load_engine() {
  find_engine();
}

std::unique_ptr<Engine> make_engine(Libraries& libraries) {
  return std::unique_ptr<Engine>(find_engine()(libraries, library_mutex()));
}

}  // namespace calotype
