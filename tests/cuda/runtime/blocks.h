#pragma once
#include <cstddef>

#include "stand_in.h"

namespace stand_in {

// What libtorch's caching allocator has of device memory in use, by what it says itself: a segment is what it got of
// CUDA, a block is a part of it that a tensor has.

/// The number of the block that holds the range now, 0 for none. No two blocks ever had one number.
uint64_t block_of(const Range& range);
/// Whether the range is in a segment, but in no block.
bool is_returned(const Range& range);
/// Whether it was taken from a graph's pool by a capture that is still on.
bool is_of_capture(const Range& range);
/// Whether the range is in a block that was taken from a graph's pool when there were `first` blocks or more.
bool is_own(const Range& range, uint64_t first);

void forget_segment(const void* data);

}  // namespace stand_in
