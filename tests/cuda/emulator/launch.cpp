#include "launch.h"

#include <memory>
#include <mutex>
#include <numeric>

#include "block.h"
#include "findings.h"

namespace calotype::emulator {
namespace {

constexpr unsigned kMostThreads = 1024, kMostShared = 48 << 10;

// one launch at a time: threadIdx and the others are variables
std::mutex running;
Order order(1);
Memory* memory = nullptr;
const Body* body_of_launch = nullptr;

thread_local std::vector<Range> buffers;

std::string text(dim3 size) {
  return std::to_string(size.x) + " x " + std::to_string(size.y) + " x " + std::to_string(size.z);
}

/// Why a GPU refuses to start it, or "".
std::string refusal(const Configuration& how) {
  const dim3 grid = how.grid, block = how.block;
  const uint64_t threads = uint64_t(block.x) * block.y * block.z;
  if (!grid.x || !grid.y || !grid.z || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
    return "a grid of " + text(grid);
  if (!threads || threads > kMostThreads || block.z > 64) return "a block of " + text(block);
  if (how.threads_at_most && threads > how.threads_at_most)
    return "a block of " + text(block) + ", where its bounds say " + std::to_string(how.threads_at_most);
  return how.shared_memory > kMostShared ? std::to_string(how.shared_memory) + " bytes of shared memory" : "";
}

std::vector<Range> opened(std::vector<Range> ranges) {
  for (Range& range : ranges) range.data = inside(range.data);
  return ranges;
}

/// Blocks one after the other; in a random order by a step that has no divisor in common with their number.
void run(const char* kernel, const Configuration& how, const std::vector<Range>& ranges, const Body& body) {
  const std::lock_guard lock(running);
  Memory all(looks_at_buffers ? opened(ranges) : std::vector<Range>());
  memory = &all, body_of_launch = &body;
  Block block(kernel, how.grid, how.block, order);
  const dim3 grid = how.grid;
  const uint64_t count = uint64_t(grid.x) * grid.y * grid.z, offset = order.is_random() ? order.below(count) : 0;
  uint64_t step = 1;
  while (order.is_random() && std::gcd(step = 1 + order.below(count), count) != 1) continue;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t b = (offset + i * step) % count;
    all.begin_block();
    if (!block.run({unsigned(b % grid.x), unsigned(b / grid.x % grid.y), unsigned(b / grid.x / grid.y)},
                   [] { body_of_launch->run(); }))
      break;
  }
  memory = nullptr;
}

}  // namespace

Queue queue = [](cudaStream_t, const char*, const std::vector<Range>&, std::function<void()> run) { run(); };

const void* (*inside)(const void* p) = [](const void* p) { return p; };
bool looks_at_buffers = true;

void launch(const char* kernel, const Configuration& how, cudaStream_t stream, std::unique_ptr<const Body> body) {
  if (const std::string why = refusal(how); !why.empty())
    return find(std::string(kernel) + ": cannot be started: " + why);
  queue(stream, kernel, buffers, [=, ranges = buffers, body = std::shared_ptr<const Body>(std::move(body))] {
    run(kernel, how, ranges, *body);
  });
}

void set_buffers(std::vector<Range> all) {
  buffers = std::move(all);
}

void set_seed(uint64_t seed) {
  const std::lock_guard lock(running);
  order = Order(seed);
}

void* shared_memory(int line, size_t size) {
  return memory->shared(line, size);
}

void touch(const void* p, size_t size, bool writes, const void* code) {
  if (!block) return;
  const auto* address = static_cast<const char*>(p);
  if (block->fiber().is_on_stack(p) || size_t(address - reinterpret_cast<const char*>(&place)) < sizeof place) return;
  memory->touch(p, size, writes, code);
}

}  // namespace calotype::emulator
