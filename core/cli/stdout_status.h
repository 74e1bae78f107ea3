#pragma once
#include <calotype/error.h>

#include <cstdio>

namespace calotype::cli {

/// The exit code of a program that ends with `status`: where standard output did not take all that was printed, that is
/// reported and is an error.
inline int written_out(int status) {
  if (status || (std::fflush(stdout) == 0 && !std::ferror(stdout))) return status;
  std::fputs("standard output cannot be written to\n", stderr);
  return int(ErrorCode::io);
}

}  // namespace calotype::cli
