// For LD_PRELOAD: makes the k-th call of a kind fail, once or from then on; or ends the process there, as a power cut
// would.
//   FAIL_KIND   one of kNames
//   FAIL_AT     k, from 1; without it calls are only counted
//   FAIL_ON     set: all later ones too
//   FAIL_ERRNO  what it fails with, EIO; 0: it does half of its work (read, write)
//   FAIL_KILL   set: SIGKILL at the k-th call of any kind but malloc, in the middle of a write
//   FAIL_COUNTS a file for the counts of all kinds, then whether the call was reached, then all calls together: 64 bits
//   each; then the
//               path of the library that made the call, of those that are not the C or C++ library
// Calls count once the program has set up its signals: what the dynamic loader does before is not the program's.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum Kind {
  kOpen,
  kRead,
  kWrite,
  kFsync,
  kRename,
  kClose,
  kMmap,
  kMalloc,
  kStat,
  kOpendir,
  kFopen,
  kThread,
  kMkdir,
  kUnlink,
  kKinds
};
static const char* const kNames[kKinds] = {"open",   "read", "write",   "fsync", "rename", "close", "mmap",
                                           "malloc", "stat", "opendir", "fopen", "thread", "mkdir", "unlink"};
enum { kReached = kKinds, kAll, kCounts, kPathBytes = 512 };

static char unseen[kCounts * sizeof(long) + kPathBytes];
static long* counts = (long*)(void*)unseen;
static int is_on, kind = -1, stays, kills, error = EIO;
static long at;
static __thread int inside;

static long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void) {
  const char* text = getenv("FAIL_KIND");
  for (int i = 0; text && i < kKinds; ++i)
    if (!strcmp(text, kNames[i])) kind = i;
  at = number("FAIL_AT", 0), error = (int)number("FAIL_ERRNO", EIO);
  void* frame;
  ++inside;
  backtrace(&frame, 1);  // loads what it needs
  --inside;
  stays = getenv("FAIL_ON") != NULL, kills = getenv("FAIL_KILL") != NULL;
  if (!(text = getenv("FAIL_COUNTS"))) return;
  const int file = (int)syscall(SYS_open, text, O_RDWR | O_CREAT, 0600);
  if (file < 0 || syscall(SYS_ftruncate, file, sizeof unseen)) _exit(98);
  void* shared = (void*)syscall(SYS_mmap, 0, sizeof unseen, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) _exit(98);
  counts = shared;
  syscall(SYS_close, file);
}

static int is_of_language(const char* path) {
  static const char* const kLibraries[] = {"libc.so",  "libstdc++.so", "libm.so",
                                           "ld-linux", "libgcc_s.so",  "failing_calls"};
  for (size_t i = 0; i < sizeof kLibraries / sizeof *kLibraries; ++i)
    if (strstr(path, kLibraries[i])) return 1;
  return 0;
}

/// Writes down whose call this is.
static void tell_caller(void) {
  void* frames[48];
  Dl_info info;
  ++inside;
  const int n = backtrace(frames, sizeof frames / sizeof *frames);
  for (int i = 0; i < n; ++i)
    if (dladdr(frames[i], &info) && info.dli_fname && !is_of_language(info.dli_fname)) {
      strncpy((char*)(counts + kCounts), info.dli_fname, kPathBytes - 1);
      break;
    }
  --inside;
}

static void end(void) {
  counts[kReached] = 1;
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

/// Whether this call is the one at which the process is to end.
static int ends_here(enum Kind what) {
  if (!is_on || inside || what == kMalloc) return 0;
  return __atomic_add_fetch(&counts[kAll], 1, __ATOMIC_SEQ_CST) == at && kills;
}

static int fails(enum Kind what) {
  if (!is_on || inside) return 0;
  const long n = __atomic_add_fetch(&counts[what], 1, __ATOMIC_SEQ_CST);
  if (kills || (int)what != kind || !at || !(n == at || (stays && n > at))) return 0;
  if (!__atomic_exchange_n(&counts[kReached], 1, __ATOMIC_SEQ_CST)) tell_caller();
  errno = error;
  return 1;
}
/// Counts a call; whether it is to fail.
static int called(enum Kind what) {
  if (ends_here(what)) end();
  return fails(what);
}

#define REAL(result, name, ...)               \
  static result (*real)(__VA_ARGS__);         \
  if (!real) {                                \
    ++inside;                                 \
    *(void**)&real = dlsym(RTLD_NEXT, #name); \
    --inside;                                 \
  }
#define EXPORT __attribute__((visibility("default")))

EXPORT void (*signal(int n, void (*handler)(int)))(int) {
  static void (*(*real)(int, void (*)(int)))(int);
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, "signal");
  is_on = 1;
  return real(n, handler);
}
EXPORT int sigaction(int n, const struct sigaction* now, struct sigaction* old) {
  REAL(int, sigaction, int, const struct sigaction*, struct sigaction*)
  if (now) is_on = 1;
  return real(n, now, old);
}

#define OPEN(name)                                       \
  EXPORT int name(const char* path, int flags, ...) {    \
    va_list more;                                        \
    va_start(more, flags);                               \
    const int mode = va_arg(more, int);                  \
    va_end(more);                                        \
    REAL(int, name, const char*, int, ...)               \
    return called(kOpen) ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                              \
  EXPORT int name(int folder, const char* path, int flags, ...) { \
    va_list more;                                                 \
    va_start(more, flags);                                        \
    const int mode = va_arg(more, int);                           \
    va_end(more);                                                 \
    REAL(int, name, int, const char*, int, ...)                   \
    return called(kOpen) ? -1 : real(folder, path, flags, mode);  \
  }
OPENAT(openat)
OPENAT(openat64)
#define FOPEN(name)                                       \
  EXPORT FILE* name(const char* path, const char* mode) { \
    REAL(FILE*, name, const char*, const char*)           \
    return called(kFopen) ? NULL : real(path, mode);      \
  }
FOPEN(fopen)
FOPEN(fopen64)

static int is_half(size_t n) {
  return error == 0 && n > 1;
}
EXPORT ssize_t read(int file, void* to, size_t n) {
  REAL(ssize_t, read, int, void*, size_t)
  if (called(kRead)) return is_half(n) ? real(file, to, n / 2) : -1;
  return real(file, to, n);
}
#define PREAD(name, Offset)                                                    \
  EXPORT ssize_t name(int file, void* to, size_t n, Offset offset) {           \
    REAL(ssize_t, name, int, void*, size_t, Offset)                            \
    if (called(kRead)) return is_half(n) ? real(file, to, n / 2, offset) : -1; \
    return real(file, to, n, offset);                                          \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)
EXPORT ssize_t write(int file, const void* from, size_t n) {
  REAL(ssize_t, write, int, const void*, size_t)
  if (file == STDERR_FILENO) return real(file, from, n);
  if (ends_here(kWrite)) {
    if (n > 1 && real(file, from, n / 2) < 0) n = 0;
    end();
  }
  if (fails(kWrite)) return is_half(n) ? real(file, from, n / 2) : -1;
  return real(file, from, n);
}

#define CALL(Kind, result, failed, name, parameters, arguments, ...) \
  EXPORT result name parameters {                                    \
    REAL(result, name, __VA_ARGS__)                                  \
    return called(Kind) ? failed : real arguments;                   \
  }
CALL(kFsync, int, -1, fsync, (int file), (file), int)
CALL(kRename, int, -1, rename, (const char* from, const char* to), (from, to), const char*, const char*)
CALL(kRename, int, -1, renameat2, (int a, const char* from, int b, const char* to, unsigned flags),
     (a, from, b, to, flags), int, const char*, int, const char*, unsigned)
CALL(kRename, int, -1, link, (const char* from, const char* to), (from, to), const char*, const char*)
CALL(kUnlink, int, -1, unlink, (const char* path), (path), const char*)
CALL(kMkdir, int, -1, mkdir, (const char* path, mode_t mode), (path, mode), const char*, mode_t)
CALL(kMmap, void*, MAP_FAILED, mmap, (void* a, size_t n, int p, int f, int file, off_t o), (a, n, p, f, file, o), void*,
     size_t, int, int, int, off_t)
CALL(kMmap, void*, MAP_FAILED, mmap64, (void* a, size_t n, int p, int f, int file, off64_t o), (a, n, p, f, file, o),
     void*, size_t, int, int, int, off64_t)
CALL(kStat, int, -1, stat, (const char* path, struct stat* s), (path, s), const char*, struct stat*)
CALL(kStat, int, -1, lstat, (const char* path, struct stat* s), (path, s), const char*, struct stat*)
CALL(kStat, int, -1, fstat, (int file, struct stat* s), (file, s), int, struct stat*)
CALL(kOpendir, DIR*, NULL, opendir, (const char* path), (path), const char*)
CALL(kThread, int, EAGAIN, pthread_create, (pthread_t * t, const pthread_attr_t* a, void* (*f)(void*), void* x),
     (t, a, f, x), pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)
/// A close that fails has closed.
EXPORT int close(int file) {
  REAL(int, close, int)
  const int result = real(file);
  return called(kClose) ? -1 : result;
}

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
static int is_without_memory(void) {
  const int before = errno;
  if (called(kMalloc)) return 1;
  errno = before;
  return 0;
}
EXPORT void* malloc(size_t n) {
  return is_without_memory() ? NULL : __libc_malloc(n);
}
EXPORT void* calloc(size_t a, size_t b) {
  return is_without_memory() ? NULL : __libc_calloc(a, b);
}
EXPORT void* realloc(void* p, size_t n) {
  return is_without_memory() ? NULL : __libc_realloc(p, n);
}
EXPORT void* memalign(size_t a, size_t n) {
  return is_without_memory() ? NULL : __libc_memalign(a, n);
}
EXPORT void* aligned_alloc(size_t a, size_t n) {
  return memalign(a, n);
}
EXPORT int posix_memalign(void** p, size_t a, size_t n) {
  return (*p = memalign(a, n)) ? 0 : ENOMEM;
}
