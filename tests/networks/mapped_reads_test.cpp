#include "networks/files/mapped_reads.h"

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "temporary_folder.h"

namespace {

constexpr size_t kSize = 1 << 20, kLate = kSize - 1;

/// A library with this code of its own, as a plugin has it.
class Reader {
 public:
  explicit Reader(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) { REQUIRE(handle_); }
  void begin(const std::string& file) const { call<void(const char*, size_t)>("reader_begin")(file.c_str(), kSize); }
  int read(size_t place) const { return call<int(size_t)>("reader_read")(place); }
  bool is_broken() const { return call<bool()>("reader_is_broken")(); }
  void end() const { call<void()>("reader_end")(); }

 private:
  template <class F>
  F* call(const char* name) const {
    return reinterpret_cast<F*>(dlsym(handle_, name));
  }
  void* handle_;
};

struct sigaction handler() {
  struct sigaction now{};
  sigaction(SIGBUS, nullptr, &now);
  return now;
}

bool is_default(const struct sigaction& handler) {
  return !(handler.sa_flags & SA_SIGINFO) && handler.sa_handler == SIG_DFL;
}

struct Files {
  TemporaryFolder folder;
  std::string one = folder.write("one", std::string(kSize, 'x')),
              other = folder.write("other", std::string(kSize, 'y'));
};

/// Cuts the file that is read, so that its end cannot be read any more.
void check_cut(const Reader& reader, const std::string& file) {
  std::filesystem::resize_file(file, 0);
  CHECK(reader.read(kLate) == 0);
  CHECK(reader.is_broken());
}

}  // namespace

TEST_CASE("mapped reads: of two libraries each minds its own files, whichever ends first") {
  const Files files;
  const Reader one(CALOTYPE_READER_one), other(CALOTYPE_READER_other);
  one.begin(files.one);
  other.begin(files.other);
  CHECK(one.read(0) == 'x');
  SUBCASE("the first ends first") {
    one.end();
    check_cut(other, files.other);
    other.end();
  }
  SUBCASE("the second ends first") {
    other.end();
    check_cut(one, files.one);
    one.end();
  }
  SUBCASE("the first ends first and begins again, below the second") {
    one.end();
    one.begin(files.one);
    check_cut(one, files.one);
    other.end();
    one.end();
    CHECK(is_default(handler()));
  }
}

TEST_CASE("mapped reads: after all have ended in any order, another begins and ends and leaves the handler as it was") {
  const Files files;
  const Reader one(CALOTYPE_READER_one), other(CALOTYPE_READER_other);
  one.begin(files.one), other.begin(files.other), one.end(), other.end();
  one.begin(files.one);
  check_cut(one, files.one);
  one.end();
  CHECK(is_default(handler()));
}
