#pragma once
#include <algorithm>
#include <cstdint>

namespace calotype::networks::cuda {

/// How threads lie over rows of packs, of several images. A block is `wide` x `tall`: x over the packs of a row, at
/// most a warp of them, so that a row's are read side by side; y over rows. The grid is `parts` x `tiles` x `images`:
/// over the rest of the rows, over the rest of a row's packs, and over images. A thread has the same pack in each of
/// its rows: those from its first, part * tall + y, in steps of parts * tall.
struct Tiling {
  unsigned wide, tall, parts, tiles, images;
};
constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 1 << 20;

inline int64_t over(int64_t count, int64_t part) {
  return (count + part - 1) / part;
}

/// `rows_of_thread`: what each thread takes at least, where there are as many. `most` blocks at most, if need be of
/// more rows. No count is 0.
inline Tiling tile(int64_t rows, int64_t packs, int64_t images, int rows_of_thread, int64_t most) {
  const int64_t tiles = over(packs, 32), wide = over(packs, tiles), tall = kThreads / wide;
  const int64_t parts =
      std::clamp<int64_t>(over(rows, tall * rows_of_thread), 1, std::max<int64_t>(1, most / (tiles * images)));
  return {unsigned(wide), unsigned(tall), unsigned(parts), unsigned(tiles), unsigned(images)};
}

}  // namespace calotype::networks::cuda
