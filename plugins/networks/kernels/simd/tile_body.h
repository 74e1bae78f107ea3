// The inner loop of all matrix products here: a tile of 6 rows and up to kTileVectors vectors of columns, summed in
// registers. Part of each_instruction_set.h.
//
// Numbers travel in words of 32 bits, see Dot: those of a word follow each other along the summed dimension. The right
// operand is cut into panels of kPanel columns, the last one narrower; a panel is [steps][columns] words, columns a
// multiple of kLanes, so that the loop reads it from its first word to its last.

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr int kTileRows = 6;
constexpr int kTileVectors = Vector::kLanes == 16 ? 4 : 2;
constexpr int kPanel = kTileVectors * Vector::kLanes;

/// The left operand: where the words of each row of a tile are.
using TileRows = const uint32_t* [kTileRows];

/// sum[r][j] += what rows[r] and the j-th vector of columns of the panel give over `steps` words.
template <class D, int vectors>
CALOTYPE_INLINE void add_tile(const TileRows& rows, const uint32_t* panel, int64_t steps,
                              typename D::Sum (&sum)[kTileRows][vectors]) {
  for (int64_t step = 0; step < steps; ++step, panel += vectors * Vector::kLanes) {
    decltype(D::load(panel)) b[vectors];
#pragma GCC unroll 4
    for (int j = 0; j < vectors; ++j) b[j] = D::load(panel + j * Vector::kLanes);
#pragma GCC unroll 6
    for (int r = 0; r < kTileRows; ++r) {
      const auto a = D::all(rows[r] + step);
#pragma GCC unroll 4
      for (int j = 0; j < vectors; ++j) sum[r][j] = D::add(sum[r][j], a, b[j]);
    }
  }
}

/// One panel of a product, which has `columns`: out[r][j] = start[r][j] + rows x panel, without `start` from 0. Rows of
/// `start` are start_stride apart, 0 if all begin alike, those of `out`, which may be the same, `stride`.
template <class D, int vectors = kTileVectors>
void multiply(const TileRows& rows, const uint32_t* panel, int64_t columns, int64_t steps,
              const typename D::Result* start, int64_t start_stride, typename D::Result* out, int64_t stride) {
  if constexpr (vectors > 1)
    if (columns != vectors * Vector::kLanes)
      return multiply<D, vectors - 1>(rows, panel, columns, steps, start, start_stride, out, stride);
  typename D::Sum sum[kTileRows][vectors];
#pragma GCC unroll 6
  for (int r = 0; r < kTileRows; ++r)
#pragma GCC unroll 4
    for (int j = 0; j < vectors; ++j)
      sum[r][j] = start ? D::Sum::load(start + r * start_stride + j * Vector::kLanes) : D::Sum::all(0);
  add_tile<D, vectors>(rows, panel, steps, sum);
#pragma GCC unroll 6
  for (int r = 0; r < kTileRows; ++r)
#pragma GCC unroll 4
    for (int j = 0; j < vectors; ++j) sum[r][j].store(out + r * stride + j * Vector::kLanes);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
