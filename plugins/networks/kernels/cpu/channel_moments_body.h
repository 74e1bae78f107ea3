// Mean and variance of channels, without cancellation. Part of each_instruction_set.h.
//
// For up to 32 rows each channel sums d = x - x0 and d^2, x0 the first row: as x0 is one of the numbers, (mean - x0)^2
// is at most 32 variances, so sum d^2 - (sum d)^2 / 32 keeps all but 5 of float32's 24 bits. Blocks of rows are joined
// as Chan, Golub and LeVeque have it (1979, "Updating formulae and a pairwise algorithm for computing sample
// variances").

namespace calotype::networks::cpu::CALOTYPE_SET {

constexpr int64_t kMomentRows = 32;

/// Of `vectors` vectors of channels: the mean, and the sum of squared distances from it.
template <int vectors>
struct ChannelMoments {
  Vector mean[vectors], squares[vectors];

  /// x [rows][stride], of which the first `count` channels.
  template <class T>
  CALOTYPE_INLINE ChannelMoments(const T* x, int64_t stride, int64_t rows, int64_t count) {
    for (int j = 0; j < vectors; ++j) mean[j] = squares[j] = Vector::all(0);
    for (int64_t row = 0; row < rows; row += kMomentRows)
      add(x + row * stride, stride, row, std::min(kMomentRows, rows - row), count);
  }

 private:
  /// `before` rows are in already.
  template <class T>
  CALOTYPE_INLINE void add(const T* x, int64_t stride, int64_t before, int64_t rows, int64_t count) {
    if constexpr (vectors > 1) count = vectors * Vector::kLanes;  // known to the compiler
    Vector first[vectors], sum[vectors], square[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      first[j] = load_up_to<Vector>(count - j * Vector::kLanes, x + j * Vector::kLanes);
      sum[j] = square[j] = Vector::all(0);
    }
    for (int64_t r = 1; r < rows; ++r) {
      x += stride;
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        const Vector d = load_up_to<Vector>(count - j * Vector::kLanes, x + j * Vector::kLanes) - first[j];
        sum[j] = sum[j] + d;
        square[j] = fma(d, d, square[j]);
      }
    }
    const Vector per_row = Vector::all(1 / float(rows)), share = Vector::all(float(rows) / float(before + rows));
    const Vector weight = Vector::all(float(before)) * share;
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      const Vector distance_from_first = sum[j] * per_row, distance = first[j] + distance_from_first - mean[j];
      mean[j] = fma(distance, share, mean[j]);
      squares[j] = squares[j] + fma(distance * distance, weight, square[j] - sum[j] * distance_from_first);
    }
  }
};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
