// Convolutions in int8. Part of each_instruction_set.h.
#include "networks/kernels/cpu/int8_linear_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

/// The pixels of x that a tile of results sees at one position of the kernel. Outside of the image is a row of scale 0.
struct Window {
  TileRows rows;
  float scales[kTileRows];
  bool sees_any = false;

  Window(const Int8ConvolutionShape& shape, const Int8Rows& x, int64_t place, int64_t pixel, int64_t pixels) {
    for (int64_t r = 0; r < kTileRows; ++r) {
      const int64_t at = std::min(pixel + r, pixels - 1), out_width = shape.out_width();
      const int64_t row = at / out_width * shape.stride + place / shape.kernel - shape.padding;
      const int64_t column = at % out_width * shape.stride + place % shape.kernel - shape.padding;
      const bool inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width;
      const int64_t from = inside ? row * shape.width + column : 0;
      rows[r] = (const uint32_t*)(x.bytes + from * int8_row_bytes(shape.inputs));
      scales[r] = inside ? x.scales[from] : 0;
      sees_any = sees_any || inside;
    }
  }
};

template <class T>
void int8_convolution(const Int8ConvolutionShape& shape, const Int8Rows& x, const Int8Weights& weights,
                      const LinearOutput<T>& output, int64_t panel, int64_t begin, int64_t end) {
  constexpr int64_t kTiles = 16;  // for which a position's weights are read once from beyond the second cache
  const LinearShape layer = shape.place();
  const Panels all = int8_panels(layer);
  const int64_t columns = all.columns(panel), first = panel * kPanel,
                count = std::min<int64_t>(kPanel, shape.outputs - first);
  alignas(64) int32_t sums[kTileRows][kPanel];
  PanelTile tiles[kTiles], product;
  for (int64_t block = begin; block < end; block += kTiles * kTileRows) {
    const int64_t used = (std::min(end - block, kTiles * kTileRows) + kTileRows - 1) / kTileRows;
    for (int64_t i = 0; i < used; ++i) std::memset(tiles[i].sums[0], 0, sizeof tiles[i].sums[0]);
    for (int64_t place = 0; place < shape.places(); ++place) {
      const uint32_t* words = weights.packed + place * all.words() + all.begin(panel, 0);
      const auto* start = (const int32_t*)(words + all.steps * columns);
      for (int64_t i = 0; i < used; ++i) {
        const Window seen(shape, x, place, block + i * kTileRows, output.rows);
        if (!seen.sees_any) continue;
        multiply<ByteDot>(seen.rows, words, columns, all.steps, start, 0, sums[0], kPanel);
        scale(sums, seen.scales, weights.scales + place * shape.outputs + first, count, product.sums[0]);
        for (int64_t r = 0; r < kTileRows; ++r)
          for (int64_t j = 0; j < count; j += Vector::kLanes)
            (Vector::load(tiles[i].sums[0][r] + j) + Vector::load(product.sums[0][r] + j))
                .store(tiles[i].sums[0][r] + j);
      }
    }
    for (int64_t i = 0; i < used; ++i) write(layer, output, tiles[i], block + i * kTileRows, first);
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
