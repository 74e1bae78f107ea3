// Faults put into a host: after each it must generate the next image as if nothing had been. CALOTYPE_FAULTS sets how
// many, 100 by default; docs/embed.md has the command for 1,000 under AddressSanitizer.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>

#include "core/fixtures/fault.h"

namespace {
thread_local long allocations = 0, failing_allocation = 0;  // of this thread; 0: none fails
}

// noinline: seen through, they look to the compiler as if they did not belong together
[[gnu::noinline]] void* operator new(size_t size) {
  if (++allocations == failing_allocation) throw std::bad_alloc();
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return ++allocations == failing_allocation ? nullptr : std::malloc(size ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace {
using namespace calotype;
namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_faults_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

const std::string kTiny = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";

GenerateRequest tiny(const std::string& model = kTiny) {
  GenerateRequest request;
  request.model = model;
  request.prompt = "a red cat";
  request.width = request.height = 64;
  request.steps = 1;
  request.seed = 7;
  request.device = "cpu";
  request.dtype = "float32";
  return request;
}

/// A host, the image that it must go on generating, and how the faults were answered.
class Patient {
 public:
  Patient() : host_(options()), expected_(generate().pictures[0].image.rgb) {}

  /// Generates with a fault in the way, then without. `must_fail`: the fault may not pass unnoticed.
  template <class Body>
  void treat(Body&& body, bool must_fail) {
    std::string answer;
    bool failed = true;
    try {
      body(host_);
      failed = false;
    } catch (const Error& e) {
      answer = e.what();
    }  // anything else ends the test
    failing_allocation = 0;
    CAPTURE(answer);
    REQUIRE(!(must_fail && !failed));
    failed_ += failed;
    ++faults_;
    REQUIRE(generate().pictures[0].image.rgb == expected_);
  }
  int faults() const { return faults_; }
  int failed() const { return failed_; }

 private:
  static Host::Options options() {
    Host::Options options;
    options.plugin_folders = {CALOTYPE_FIXTURES};
    options.environment = false;
    return options;
  }
  Result generate() { return host_.generate(tiny()); }
  Host host_;
  std::vector<uint8_t> expected_;
  int faults_ = 0, failed_ = 0;
};

/// How many faults of each of the four kinds.
int each() {
  const char* text = std::getenv("CALOTYPE_FAULTS");
  return std::max(4, text ? std::atoi(text) : 100) / 4;
}

void report(const char* kind, const Patient& patient) {
  std::printf("%d faults of %s, %d of them ended the run with an error\n", patient.faults(), kind, patient.failed());
}

}  // namespace

TEST_CASE("faults: memory that runs out at any allocation of a run leaves the host as it was") {
  Patient patient;
  const GenerateRequest request = tiny();
  long in_all = 0;
  for (const bool fresh : {false, true}) {
    const auto run = [&](Host& host) {
      const long before = allocations;
      const bool went_on = !host.generate(request).fallbacks.empty();
      in_all = allocations - before;
      if (went_on) throw Error(ErrorCode::out_of_memory, "generated with less memory");
    };
    const auto prepare = [&](Host& host) {
      if (fresh) host.unload();
    };
    patient.treat([&](Host& host) { prepare(host), run(host); }, false);
    const int count = (each() - 1) / 2;
    const long all = in_all;
    for (int i = 0; i < count; ++i)
      patient.treat(
          [&](Host& host) {
            prepare(host);
            failing_allocation = allocations + 1 + all * i / count;
            run(host);
          },
          false);
  }
  report("memory", patient);
  CHECK(patient.failed() >
        patient.faults() / 3);  // the host tries again with less memory, and libtorch without its caches
}

TEST_CASE("faults: a run that is stopped at any of its progress calls leaves the host as it was") {
  Patient patient;
  for (int i = 0; i < each(); ++i)
    patient.treat(
        [&](Host& host) {
          GenerateRequest request = tiny();
          request.steps = 1 + i % 3;
          request.images = 1 + i % 2;
          std::stop_source stop;
          RunOptions options;
          options.stop = stop.get_token();
          int call = 0;
          options.progress = [&](const Progress&) {
            if (call++ == i % (4 + request.steps))
              i % 4 ? void(stop.request_stop()) : throw std::runtime_error("of the caller");
          };
          host.generate(request, options);
        },
        false);
  report("progress", patient);
  CHECK(patient.failed() > patient.faults() * 2 / 3);
}

TEST_CASE("faults: files that are missing, cut, spoiled or cannot be written leave the host as it was") {
  Patient patient;
  const Folder folder;
  std::ifstream in(kTiny, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  const std::string copy = (folder.path / "copy.safetensors").string(), output = (folder.path / "a.png").string();
  std::signal(SIGXFSZ, SIG_IGN);
  for (int i = 0; i < each(); ++i) {
    const int kind = i % 4;
    const auto fault = [&](Host& host) {
      GenerateRequest request = tiny(copy);
      fs::remove(copy);
      if (kind == 1)
        std::ofstream(copy, std::ios::binary) << whole.substr(0, whole.size() * size_t(i) / size_t(each()));
      if (kind == 2) {
        std::string spoiled = whole;
        spoiled[size_t(i) % 3000] = char(0x80);  // of the header, where no such byte may be
        std::ofstream(copy, std::ios::binary) << spoiled;
      }
      if (kind != 3) return host.generate(request);
      request.model = kTiny;
      request.output = i % 8 == 3 ? output : copy + "/is a file/a.png";
      std::ofstream(copy) << "";
      const rlimit before{RLIM_INFINITY, RLIM_INFINITY}, small{100, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &small);  // as if the disk were full
      try {
        host.generate(request);
        setrlimit(RLIMIT_FSIZE, &before);
      } catch (...) {
        setrlimit(RLIMIT_FSIZE, &before);
        throw;
      }
      return Result{};
    };
    patient.treat(fault, true);
    for (const auto& file : fs::directory_iterator(folder.path)) REQUIRE(file.path() == copy);
  }
  report("files", patient);
}

TEST_CASE("faults: plugins that throw anything anywhere leave the host as it was") {
  Patient patient;
  const Folder folder;
  std::ofstream(folder.path / "m.faulty") << "";
  Fault fault;
  std::ostringstream address;
  address << std::hex << reinterpret_cast<uintptr_t>(&fault);
  setenv("CALOTYPE_FAULT", address.str().c_str(), 1);
  const std::vector<const char*> functions{
      "make_loader", "open",    "description", "load", "make_pipeline", "begin",   "latents_shape",   "condition",
      "denoise",     "between", "decode",      "end",  "scheduler",     "sampler", "sampler_holding", "leaking"};
  for (int i = 0; i < each(); ++i) {
    const std::string where = functions[size_t(i) % functions.size()];
    where.copy(fault.where, sizeof fault.where);
    fault.where[where.size()] = 0;
    // the sampler runs twice, once to count its calls
    const bool loops = where == "denoise" || where.starts_with("sampler") || where == "leaking";
    fault.countdown = loops ? 1 + i / int(functions.size()) % 3 : 1;
    fault.how = Fault::How(i % 3);
    const auto run = [&](Host& host) {
      host.unload();  // or it would still have the model opened
      GenerateRequest request = tiny((folder.path / "m.faulty").string());
      request.steps = 3;
      request.pipeline.id = request.scheduler.id = "faulty";
      request.sampler.id = where == "leaking" ? "leaking" : "faulty";
      try {
        host.generate(request);
      } catch (const Error& e) {
        CAPTURE(e.what());
        CHECK((std::string(e.what()).find("\"faulty\"") != std::string::npos ||
               std::string(e.what()).find("\"leaking\"") != std::string::npos));
        throw;
      }
    };
    CAPTURE(where);
    patient.treat(run, true);
    fault.countdown = 0;
  }
  unsetenv("CALOTYPE_FAULT");
  report("plugins", patient);
}
