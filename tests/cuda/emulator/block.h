#pragma once
#include <vector_types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fiber.h"
#include "order.h"

namespace calotype::emulator {

/// threadIdx, blockIdx, blockDim and gridDim of the thread that runs.
struct Place {
  uint3 thread, block;
  dim3 block_size, grid_size;
};
extern Place place;

/// The threads of one block: fibers that change at barriers and shuffles, in a random order. Some warps stand still
/// until the others can go no further, so that one warp runs far ahead of another as it may on a GPU.
class Block {
 public:
  Block(std::string kernel, dim3 grid, dim3 size, Order& order);
  ~Block();
  /// Runs `body` in each thread of the block of that index; false where they can go no further, which is a finding, and
  /// the block is of no more use.
  bool run(uint3 index, void (*body)());

  // Called by the thread that runs.
  void barrier(const char* file, int line);
  uint32_t shuffle_xor(uint32_t mask, uint32_t value, int other, const char* file, int line);

  /// The thread that runs, and how many barriers its block has passed.
  int thread() const { return running_; }
  uint32_t barriers_passed() const { return barriers_passed_; }
  const Fiber& fiber() const { return *threads_[size_t(running_)].fiber; }
  const std::string& kernel() const { return kernel_; }

 private:
  enum class State { kReady, kAtBarrier, kInShuffle, kDone };
  struct Spot {
    const char* file;
    int line;
    bool operator==(const Spot& o) const { return file == o.file && line == o.line; }
  };
  struct Thread {
    std::unique_ptr<Fiber> fiber;
    uint3 place{};
    State state = State::kDone;
    Spot waits_at{};
    uint32_t value = 0, received = 0;  // of a shuffle
  };
  /// Lanes of a warp that wait for each other.
  struct Shuffle {
    Spot at;
    uint32_t mask;
    int other;
    uint32_t arrived;
    bool is(Spot a, uint32_t m, int o) const { return at == a && mask == m && other == o; }
  };
  struct Warp {
    uint32_t alive;
    Shuffle shuffle;              // nobody has arrived: none
    std::vector<Shuffle> others;  // of other lanes at the same time
  };
  static void run_threads();
  void begin_block(uint3 index);
  void end_thread();
  /// Another thread runs until this one is ready again; or the block stops, where none is.
  void wait();
  int next_ready();
  static Shuffle& join_shuffle(Warp& warp, Spot at, uint32_t mask, int other, int lane);
  void finish_shuffle(int first_of_warp, const Shuffle& shuffle);
  void pass_barrier();
  void note(const std::string& what, Spot at) const;
  void note_stuck() const;

  std::string kernel_;
  dim3 grid_, size_;
  Order& order_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<int> in_turn_, ready_;  // what runs one after the other now; what has become ready since
  size_t turn_ = 0;
  uint32_t still_ = 0;  // warps that stand still
  Fiber outside_;
  int running_ = 0, alive_ = 0, at_barrier_ = 0;
  uint32_t barriers_passed_ = 0;
};

/// The one whose thread runs; null outside kernels.
extern Block* block;

// What a kernel calls.
void barrier(const char* file, int line);
uint32_t shuffle_xor(uint32_t mask, uint32_t value, int other, const char* file, int line);

}  // namespace calotype::emulator
