#include "block.h"

#include <algorithm>
#include <filesystem>

#include "findings.h"

namespace calotype::emulator {
namespace {

constexpr int kWarp = 32;

/// Stacks are kept for the next block.
std::vector<std::unique_ptr<Fiber>> spare_fibers;

void (*body_of_threads)() = nullptr;

}  // namespace

Place place;
Block* block = nullptr;

Block::Block(std::string kernel, dim3 grid, dim3 size, Order& order)
    : kernel_(std::move(kernel)),
      grid_(grid),
      size_(size),
      order_(order),
      threads_(size_t(size.x) * size.y * size.z),
      warps_((threads_.size() + kWarp - 1) / kWarp) {
  for (size_t i = 0; i < threads_.size(); ++i) {
    const auto id = unsigned(i);
    threads_[i].place = {id % size.x, id / size.x % size.y, id / size.x / size.y};
    if (spare_fibers.empty()) spare_fibers.push_back(std::make_unique<Fiber>(run_threads));
    threads_[i].fiber = std::move(spare_fibers.back());
    spare_fibers.pop_back();
  }
}

Block::~Block() {
  for (Thread& t : threads_)
    if (t.state == State::kDone)
      spare_fibers.push_back(std::move(t.fiber));  // one in the middle of its body cannot begin another
}

void Block::run_threads() {
  for (;;) {
    body_of_threads();
    block->end_thread();  // comes back as a thread of the next block, when this one may be gone
  }
}

bool Block::run(uint3 index, void (*body)()) {
  body_of_threads = body;
  block = this;
  begin_block(index);
  running_ = next_ready();
  place.thread = threads_[size_t(running_)].place;
  outside_.switch_to(*threads_[size_t(running_)].fiber);
  if (alive_) note_stuck();
  block = nullptr;
  return alive_ == 0;
}

void Block::begin_block(uint3 index) {
  place = {{}, index, size_, grid_};
  alive_ = int(threads_.size()), at_barrier_ = 0, barriers_passed_ = 0;
  for (size_t w = 0; w < warps_.size(); ++w) {
    const size_t lanes = std::min<size_t>(kWarp, threads_.size() - w * kWarp);
    warps_[w].alive = uint32_t((uint64_t(1) << lanes) - 1);
    warps_[w].shuffle.arrived = 0;
    warps_[w].others.clear();
  }
  in_turn_.clear(), ready_.clear(), turn_ = 0;
  for (size_t i = 0; i < threads_.size(); ++i) {
    threads_[i].state = State::kReady;
    ready_.push_back(int(i));
  }
}

/// In a random order, warps that stand still last; -1 for none.
int Block::next_ready() {
  if (!order_.is_random()) {
    if (ready_.empty()) return -1;
    const int last = ready_.back();  // of the warp that ran just now, whose stacks are still in the processor's cache
    ready_.pop_back();
    return last;
  }
  if (turn_ == in_turn_.size()) {
    const auto stands_still = [this](int i) { return still_ >> (i / kWarp) & 1; };
    if (std::all_of(ready_.begin(), ready_.end(), stands_still)) still_ = uint32_t(order_.next());
    if (std::all_of(ready_.begin(), ready_.end(), stands_still)) still_ = 0;
    in_turn_.clear(), turn_ = 0;
    const auto rest = std::partition(ready_.begin(), ready_.end(), stands_still);
    in_turn_.assign(rest, ready_.end());
    ready_.erase(rest, ready_.end());
    order_.shuffle(in_turn_);
  }
  return turn_ == in_turn_.size() ? -1 : in_turn_[turn_++];
}

void Block::wait() {
  const int next = next_ready();
  if (next == running_) return;
  Fiber& mine = *threads_[size_t(running_)].fiber;
  if (next < 0) return mine.switch_to(outside_);
  running_ = next;
  place.thread = threads_[size_t(next)].place;
  mine.switch_to(*threads_[size_t(next)].fiber);
}

void Block::end_thread() {
  threads_[size_t(running_)].state = State::kDone;
  warps_[size_t(running_ / kWarp)].alive &= ~(1u << running_ % kWarp);
  if (--alive_ && at_barrier_ == alive_) pass_barrier();
  wait();
}

void Block::barrier(const char* file, int line) {
  Thread& t = threads_[size_t(running_)];
  t.state = State::kAtBarrier, t.waits_at = {file, line};
  if (++at_barrier_ == alive_) pass_barrier();
  wait();
}

void Block::pass_barrier() {
  const auto is_waiting = [](const Thread& t) { return t.state == State::kAtBarrier; };
  const Spot first = std::find_if(threads_.begin(), threads_.end(), is_waiting)->waits_at;
  // a GPU may wait for ever for those that ended, or not: neither is right
  if (alive_ < int(threads_.size())) note("a barrier that some threads of the block never reach", first);
  for (Thread& t : threads_) {
    if (!is_waiting(t)) continue;
    if (!(t.waits_at == first))
      note("threads of a block wait at different barriers: the other one in line " + std::to_string(t.waits_at.line),
           first);
    t.state = State::kReady;
    ready_.push_back(int(&t - threads_.data()));
  }
  at_barrier_ = 0, ++barriers_passed_;
}

Block::Shuffle& Block::join_shuffle(Warp& warp, Spot at, uint32_t mask, int other, int lane) {
  const auto joined = [&](Shuffle& s) -> Shuffle& {
    if (!s.arrived) s.at = at, s.mask = mask, s.other = other;
    s.arrived |= 1u << lane;
    return s;
  };
  Shuffle* unused = warp.shuffle.arrived ? nullptr : &warp.shuffle;
  if (!unused && warp.shuffle.is(at, mask, other)) return joined(warp.shuffle);
  for (Shuffle& s : warp.others)
    if (!s.arrived)
      unused = unused ? unused : &s;
    else if (s.is(at, mask, other))
      return joined(s);
  return joined(unused ? *unused : warp.others.emplace_back());
}

uint32_t Block::shuffle_xor(uint32_t mask, uint32_t value, int other, const char* file, int line) {
  const Spot at{file, line};
  const int lane = running_ % kWarp;
  Thread& t = threads_[size_t(running_)];
  Warp& warp = warps_[size_t(running_ / kWarp)];
  if (!(mask >> lane & 1)) return note("a shuffle whose mask is without the lane itself", at), value;
  if (mask & ~warp.alive) return note("a shuffle with lanes that have ended or are not there", at), value;
  if (!(mask >> (lane ^ other) & 1)) note("a shuffle that reads from a lane outside its mask", at);
  t.state = State::kInShuffle, t.waits_at = at, t.value = value;
  Shuffle& all = join_shuffle(warp, at, mask, other, lane);
  if (all.arrived == mask) {
    all.arrived = 0;
    finish_shuffle(running_ - lane, all);
  }
  wait();
  return t.received;
}

void Block::finish_shuffle(int first_of_warp, const Shuffle& shuffle) {
  for (int lane = 0; lane < kWarp; ++lane) {
    if (!(shuffle.mask >> lane & 1)) continue;
    Thread& t = threads_[size_t(first_of_warp + lane)];
    const int from = lane ^ shuffle.other;
    t.received = shuffle.mask >> from & 1 ? threads_[size_t(first_of_warp + from)].value : t.value;
    t.state = State::kReady;
    ready_.push_back(first_of_warp + lane);
  }
}

void Block::note(const std::string& what, Spot at) const {
  find(kernel_ + ": " + what + ": " + std::filesystem::path(at.file).filename().string() + ", line " +
       std::to_string(at.line));
}

void Block::note_stuck() const {
  for (const Thread& t : threads_)
    if (t.state == State::kAtBarrier || t.state == State::kInShuffle)
      return note(
          t.state == State::kAtBarrier ? "threads wait for ever at a barrier" : "threads wait for ever in a shuffle",
          t.waits_at);
}

void barrier(const char* file, int line) {
  block->barrier(file, line);
}
uint32_t shuffle_xor(uint32_t mask, uint32_t value, int other, const char* file, int line) {
  return block->shuffle_xor(mask, value, other, file, line);
}

}  // namespace calotype::emulator
