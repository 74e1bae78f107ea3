#include "check/child_process.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace calotype::check {
namespace {

constexpr size_t kMostOutput = 2000;

int answer_pipe = -1;  // in a child process

constexpr size_t kMostOfCall = 400;

/// Memory that a child process shares with this process.
struct Shared {
  char call[kMostOfCall + 1];  ///< the current call; ends in 0
  int answer_lost;             ///< errno
};

Shared& shared() {
  static Shared* const memory = [] {
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) cannot_run();
    return static_cast<Shared*>(memory);
  }();
  return *memory;
}

void send(const std::string& answer) {
  for (size_t at = 0; at < answer.size();) {
    const ssize_t n = write(answer_pipe, answer.data() + at, answer.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      shared().answer_lost = errno;
      break;
    }
    at += size_t(n);
  }
  close(answer_pipe);
}

[[noreturn]] void be_child(const std::function<std::string()>& body, int pipe, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(output, 1), dup2(output, 2);
  answer_pipe = pipe;
  send(body());
  _exit(0);
}

std::string end_of(int file) {
  const off_t size = lseek(file, 0, SEEK_END), start = std::max<off_t>(size - off_t(kMostOutput), 0);
  std::string out(size_t(std::max<off_t>(size - start, 0)), '\0');
  const ssize_t n = pread(file, out.data(), out.size(), start);
  out.resize(size_t(std::max<ssize_t>(n, 0)));
  return out;
}

}  // namespace

void cannot_run() {
  throw Error(errno == ENOMEM ? ErrorCode::out_of_memory : ErrorCode::io,
              std::string("a check cannot be run: ") + std::strerror(errno));
}

void now_calls(std::string_view what) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const size_t size = what.copy(shared().call, kMostOfCall);
  shared().call[size] = 0;
}

void answer_and_exit(const std::string& answer) {
  now_calls("exit");
  send(answer);
  std::exit(0);
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? std::string("SIG") + name : "signal " + std::to_string(number);
}

Ended run_in_child(const std::function<std::string()>& body, int time_limit) {
  now_calls("");
  shared().answer_lost = 0;
  std::fflush(nullptr);  // else the child would write it again
  int ends[2];
  const int output = memfd_create("said", MFD_CLOEXEC);
  if (output < 0 || pipe2(ends, O_CLOEXEC) != 0) cannot_run();
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const pid_t child = fork();
  if (child < 0) cannot_run();
  if (child == 0) close(ends[0]), be_child(body, ends[1], output);
  close(ends[1]);

  Ended out;
  int status = 0, lost = 0;
  for (bool is_open = true; waitpid(child, &status, WNOHANG) == 0;) {
    if (passed() > time_limit) {
      out.is_late = true;
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    pollfd wait{is_open ? ends[0] : -1, POLLIN, 0};
    if (poll(&wait, 1, is_open ? 20 : 1) <= 0) continue;
    char text[4096];
    const ssize_t n = read(ends[0], text, sizeof text);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) lost = errno;
    if (n <= 0)
      is_open = false;
    else
      out.answer.append(text, size_t(n));
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);  // a process that the plugin started may still hold the other end open
  char text[4096];
  for (ssize_t n = 1; n != 0;) {
    n = read(ends[0], text, sizeof text);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) lost = errno;
    if (n < 0) break;
    out.answer.append(text, size_t(n));
  }
  close(ends[0]);
  out.seconds = passed();
  out.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  out.output = end_of(output);
  out.last_call = shared().call;
  out.answer_lost = lost ? lost : shared().answer_lost;
  close(output);
  return out;
}

}  // namespace calotype::check
