#pragma once
#include <calotype/tensor.h>

#include <functional>
#include <vector>

namespace calotype::networks {

/// How many tiles a side of so many pixels is cut into.
int64_t tiles_along(int64_t size);

/// What is done with one tile: [N,C,h,w] -> [N,D,scale*h,scale*w].
using TileBody = std::function<at::Tensor(const at::Tensor&)>;

/// x [N,C,H,W] -> [N,D,scale*H,scale*W], tile by tile. Tiles overlap by a rim of one pixel, which `body` may look at
/// and whose results are cut off: what looks no further gives the same as in one piece. Into `onto`, where it is given,
/// the results are added.
at::Tensor in_tiles(const at::Tensor& x, int64_t scale, const TileBody& body, at::Tensor onto = {});

/// Mean and variance [N,groups] float64 of groups of channels of x [N,C,H,W], read tile by tile.
struct GroupStatistics {
  at::Tensor mean, variance;
};
GroupStatistics group_statistics(const at::Tensor& x, int64_t groups);

}  // namespace calotype::networks
