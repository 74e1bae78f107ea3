#pragma once

namespace calotype {

/// Until it ends, libtorch computes with so many threads where this thread calls it. The thread finds the number that
/// it had before.
class TorchThreads {
 public:
  explicit TorchThreads(int count);
  TorchThreads(const TorchThreads&) = delete;
  ~TorchThreads();

 private:
  int before_, before_mkl_ = 0;
};

/// `wanted`, or 1 where the system does not grant as many threads: libgomp ends the process when it cannot start one.
int granted_threads(int wanted);

}  // namespace calotype
