// The program and the library within a process, and of a system that grants less than usual.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "core/program.h"
#include "device/cgroup.h"

using namespace calotype;
using namespace program_test;

namespace {

const std::string kTiny = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kConfig =
    "prompt: a cat\nwidth: 64\nheight: 64\nsteps: 1\ndevice: cpu\ndtype: float32\nscheduler: karras\nsampler: "
    "euler\noutput: x.png\n";

Config tiny() {
  return Config::from_text(
      "{model: '" + kTiny + "', prompt: a cat, width: 64, height: 64, steps: 2, device: cpu, dtype: float32}", "test");
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

const std::string kBusy =
    "this host is in another call; want one at a time, and none from its callbacks, or a host for each thread";

/// A library to be preloaded, compiled from C.
std::string preloaded(const Folder& folder, const std::string& source) {
  folder.write("shim.c", "#define _GNU_SOURCE\n" + source);
  REQUIRE(shell(folder, CALOTYPE_CXX " -x c -shared -fPIC shim.c -o shim.so -ldl").err == "");
  return "LD_PRELOAD=$PWD/shim.so ";
}

}  // namespace

// the first: no image was made in this process yet
TEST_CASE("process: a child of a process that has run a plan is refused, and one that was forked before runs") {
  RunOptions options;
  options.write_files = false;
  const auto in_child = [&](const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      try {
        _exit(body());
      } catch (...) {
        _exit(99);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  };
  CHECK(in_child([&] {
          Host host;
          host.run(host.resolve(tiny()), options);
          return in_child([&] {
            return error_of([&] {
                     host.run(host.resolve(tiny()), options);
                   }).starts_with("this process was forked from one that had used libtorch")
                       ? 7
                       : 8;
          });
        }) == 7);
}

TEST_CASE("process: a host refuses a call from its own callback, and one from another thread, and goes on") {
  Host host;
  const ResolvedConfig config = host.resolve(tiny());
  std::string inside, beside;
  RunOptions options;
  options.write_files = false;
  options.progress = [&](const Progress& p) {
    if (p.call != 1) return;
    inside = error_of([&] { host.plan(config); });
    std::thread([&] { beside = error_of([&] { host.unload(); }); }).join();
  };
  CHECK(host.run(config, options).pictures.size() == 1);
  CHECK(inside == kBusy);
  CHECK(beside == kBusy);
  CHECK(host.run(config, options).pictures.size() == 1);
}

TEST_CASE("process: a cold host that two threads use at once serves one and refuses the other, or both in turn") {
  for (int i = 0; i < 5; ++i) {
    Host host;
    const ResolvedConfig config = host.resolve(tiny());
    std::string errors[2];
    {
      std::jthread one([&] { errors[0] = error_of([&] { host.plan(config); }); });
      std::jthread two([&] { errors[1] = error_of([&] { host.plan(config); }); });
    }
    for (const auto& error : errors) CHECK((error == "" || error == kBusy));
    CHECK((errors[0] == "" || errors[1] == ""));
  }
}

TEST_CASE("process: the signals that a caller ignores stay ignored, and SIGBUS is as it was found") {
  Host host;
  RunOptions options;
  options.write_files = false;
  struct sigaction before[NSIG]{}, after{};
  for (int i = 1; i < NSIG; ++i) sigaction(i, nullptr, &before[i]);
  host.run(host.resolve(tiny()), options);
  for (int i = 1; i < NSIG; ++i)
    if (sigaction(i, nullptr, &after) == 0) CHECK((after.sa_handler == before[i].sa_handler));
}

TEST_CASE("process: one Ctrl-C ends a plugin that hangs, and so does one SIGTERM") {
  const Folder folder;
  folder.write("a.yaml", "model: " + kTiny + "\n" + kConfig + "plugins: {path: p}\n");
  fs::create_directory(folder.path / "p");
  folder.write("hang.c", R"(#include <calotype/c_entry.h>
#include <unistd.h>
static int32_t schedule(uint32_t n, const calotype_noise_levels *l, const calotype_settings *s, double *sigmas,
                        calotype_message *m) {
  (void)n, (void)l, (void)s, (void)sigmas, (void)m;
  for (;;) pause();
}
CALOTYPE_C_SCHEDULER("hangs", schedule, "summary": "never ends", "settings": [])
)");
  REQUIRE(shell(folder, "cc -shared -fPIC -I" CALOTYPE_SOURCE "/sdk/include hang.c -o p/hangs.so").err == "");
  for (const char* signal : {"INT", "TERM"}) {
    const Ended e = shell(folder, "timeout --preserve-status -s " + std::string(signal) +
                                      " -k 20 2 " CALOTYPE_PROGRAM " run a.yaml --set scheduler=hangs; echo $?");
    CHECK(e.out == (std::string(signal) == "INT" ? "130\n" : "143\n"));
  }
}

TEST_CASE("process: a pipe that nobody writes to is no config and no model, and is not waited for") {
  const Folder folder;
  REQUIRE(shell(folder, "mkfifo a.yaml m.safetensors").code == 0);
  CHECK(shell(folder, "timeout 20 " CALOTYPE_PROGRAM " run a.yaml").code == 66);
  folder.write("b.yaml", "model: m.safetensors\n" + kConfig);
  const Ended e = shell(folder, "timeout 20 " CALOTYPE_PROGRAM " run b.yaml");
  CHECK(e.code != 124);
  CHECK(e.code != 0);
}

TEST_CASE("process: with no thread to be had, or few, there is an image, or an error of the program's own") {
  const Folder folder;
  folder.write("a.yaml", "model: " + kTiny + "\n" + kConfig);
  const std::string shim = preloaded(folder, R"(#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x) {
  static int made;
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
  return __sync_fetch_and_add(&made, 1) >= atoi(getenv("MOST")) ? EAGAIN : real(t, a, f, x);
}
)");
  for (const int most : {0, 1, 3, 6, 8, 9, 12}) {
    CAPTURE(most);
    fs::remove(folder.path / "x.png");
    const Ended e = shell(folder, "MOST=" + std::to_string(most) + " OMP_NUM_THREADS=4 " + shim +
                                      "timeout -k 1 60 " CALOTYPE_PROGRAM " run a.yaml");
    if (e.code == 0)
      CHECK(fs::exists(folder.path / "x.png"));
    else
      CHECK(e.code == 75);
    if (most < 4) CHECK(e.code == 0);
  }
}

TEST_CASE(
    "process: a working folder that was removed and HOME unset are no hindrance, and nothing is written where nobody "
    "asked") {
  const Folder folder;
  folder.write("a.yaml", "model: " + kTiny + "\n" + kConfig);
  CHECK(shell(folder, "mkdir gone && cd gone && rmdir ../gone && " CALOTYPE_PROGRAM
                      " run $HOME/a.yaml --set output.path=$HOME/x.png")
            .err == "");
  CHECK(fs::exists(folder.path / "x.png"));
  const Ended relative =
      shell(folder, "mkdir gone && cd gone && rmdir ../gone && " CALOTYPE_PROGRAM " run $HOME/a.yaml");
  CHECK(relative.code == 73);
  CHECK(relative.err == "x.png: cannot be written: the working folder was removed\n");
  CHECK(shell(folder, "mkdir here && cd here && env -i XDG_CACHE_HOME=cache " CALOTYPE_PROGRAM
                      " list samplers > /dev/null; ls -A")
            .out == "");
}

TEST_CASE("process: limits of control groups, of version 1 and 2, and of groups around the own one, are seen") {
  const Folder folder;
  const auto put = [&](const std::string& path, const std::string& text) {
    fs::create_directories((folder.path / path).parent_path());
    folder.write(path, text);
  };
  put("proc/self/cgroup", "4:cpu,memory:/job/step\n0::/unit/own\n");
  CHECK(!left_in_control_groups(folder.path));
  const std::string one = "sys/fs/cgroup/memory/", two = "sys/fs/cgroup/";
  put(one + "job/step/memory.limit_in_bytes", "9223372036854771712\n"),
      put(one + "job/step/memory.usage_in_bytes", "300\n");
  put(one + "job/memory.limit_in_bytes", "1000\n"), put(one + "job/memory.usage_in_bytes", "400\n");
  put(one + "job/memory.stat", "cache 70\ntotal_inactive_file 50\n");
  CHECK(left_in_control_groups(folder.path) == 650);
  put(two + "unit/own/memory.max", "max\n"), put(two + "unit/own/memory.current", "10\n");
  CHECK(left_in_control_groups(folder.path) == 650);
  put(two + "unit/memory.max", "500\n"), put(two + "unit/memory.current", "450\n"),
      put(two + "unit/memory.stat", "anon 1\ninactive_file 30\n");
  CHECK(left_in_control_groups(folder.path) == 80);
  put(two + "memory.max", "100\n"), put(two + "memory.current", "130\n");
  CHECK(left_in_control_groups(folder.path) == 0);
}

TEST_CASE("process: a plan that cannot fit ends before it starts, unless it must go on") {
  const Folder folder;
  folder.write("a.yaml", "model: " + kTiny + "\n" + kConfig);
  const std::string shim = preloaded(folder, R"(#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
/* /proc/meminfo has 1 MiB */
FILE *fopen64(const char *p, const char *m) {
  FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen64");
  return real(strcmp(p, "/proc/meminfo") ? p : getenv("MEMINFO"), m);
}
)");
  folder.write("meminfo", "MemAvailable:    1024 kB\n");
  const std::string program = "MEMINFO=$PWD/meminfo " + shim + CALOTYPE_PROGRAM " run a.yaml ";
  const Ended short_of = shell(folder, program);
  CAPTURE(short_of.err);
  CHECK(short_of.code == 75);
  CHECK(short_of.err.find("MiB, and 1 MiB are free; want a smaller width, height or batch, or memory: force") !=
        std::string::npos);
  CHECK(!fs::exists(folder.path / "x.png"));
  CHECK(shell(folder, program + "--dry-run").code == 0);
  CHECK(shell(folder, program + "--set memory=force").code == 0);
  CHECK(fs::exists(folder.path / "x.png"));
}

TEST_CASE("process: a model that is cut or overwritten while it is read is an error, and its image is not kept") {
  const Folder folder;
  folder.write("a.yaml", "model: m.safetensors\n" + kConfig + "images: 8\n");
  const std::string run = CALOTYPE_PROGRAM " run a.yaml --set output.path='{seed}.png' --set steps=20 ";
  for (const std::string change :
       {"truncate -s 300000 m.safetensors",
        "dd if=/dev/zero of=m.safetensors bs=65536 count=4 seek=4 conv=notrunc status=none"}) {
    CAPTURE(change);
    REQUIRE(shell(folder, "rm -f *.png reported; cp " + kTiny + " m.safetensors").code == 0);
    const Ended e = shell(
        folder, run + "> reported & pid=$!; until [ -s reported ]; do sleep 0.05; done; " + change + "; wait $pid");
    CHECK(e.code == 74);
    CHECK(e.err.find("m.safetensors: was changed, or could not be read, while it was used") != std::string::npos);
    CHECK(shell(folder, "ls *.png | wc -l").out == shell(folder, "wc -l < reported").out);
    REQUIRE(shell(folder, "rm -f *.png reported; cp " + kTiny + " m.safetensors").code == 0);
    const Ended copied =
        shell(folder, run + "--set model.read=copy > reported & pid=$!; until [ -s reported ]; do sleep 0.05; done; " +
                          change + "; wait $pid");
    CHECK(copied.code == 0);
  }
}

TEST_CASE("process: a model that is replaced while it is read is read to its end") {
  const Folder folder;
  folder.write("a.yaml", "model: m.safetensors\n" + kConfig + "images: 4\n");
  REQUIRE(shell(folder, "cp " + kTiny + " m.safetensors; cp m.safetensors n").code == 0);
  const Ended e = shell(
      folder, CALOTYPE_PROGRAM
      " run a.yaml --set output.path='{seed}.png' --set steps=20 > reported & pid=$!; until [ -s reported ]; do sleep "
      "0.05; done; mv n m.safetensors; wait $pid");
  CHECK(e.err == "");
  CHECK(e.code == 0);
}
