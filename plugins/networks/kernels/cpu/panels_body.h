// What linear layers of all types of numbers have in common. Part of each_instruction_set.h.
#include "networks/kernels/cpu/activations_body.h"
#include "networks/kernels/simd/tile_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

/// Where panels of weights are: kPanel outputs each, the last one fewer, filled up to a multiple of kLanes. Of a gated
/// layer the panel of b follows that of a. A panel is [steps][columns] words, after which may come `more` rows.
struct Panels {
  int64_t outputs, halves, filled, steps, more;

  Panels(const LinearShape& shape, int64_t steps, int64_t more = 0)
      : outputs(shape.outputs),
        halves(shape.gated ? 2 : 1),
        filled((outputs + Vector::kLanes - 1) / Vector::kLanes * Vector::kLanes),
        steps(steps),
        more(more) {}
  int64_t count() const { return (filled + kPanel - 1) / kPanel; }
  int64_t words() const { return halves * filled * (steps + more); }
  int64_t columns(int64_t panel) const { return std::min<int64_t>(kPanel, filled - panel * kPanel); }
  int64_t begin(int64_t panel, int64_t half) const {
    return (halves * panel * kPanel + half * columns(panel)) * (steps + more);
  }
  /// Which row of weights is a column, -1 where it is filled up.
  int64_t row(int64_t panel, int64_t half, int64_t column) const {
    const int64_t output = panel * kPanel + column;
    return output < outputs ? half * outputs + output : -1;
  }
};

/// Fills a panel, which begins at `to`: read(row, step, words) is to fetch 16 words of a row of weights, or as many as
/// there are, from the one of `step` on.
template <class F>
void pack_panel(const Panels& all, int64_t panel, int64_t half, uint32_t* to, F read) {
  constexpr int64_t kAtOnce = 16;
  const int64_t columns = all.columns(panel);
  for (int64_t column = 0; column < columns; column += kSquare)
    for (int64_t step = 0; step < all.steps; step += kAtOnce) {
      alignas(64) uint32_t words[kSquare][kAtOnce];
      for (int64_t i = 0; i < kSquare; ++i) {
        const int64_t row = all.row(panel, half, column + i);
        if (row < 0)
          std::memset(words[i], 0, sizeof words[i]);
        else
          read(row, step, words[i]);
      }
      uint32_t* place = to + step * columns + column;
      const int64_t left = all.steps - step;
      if (left >= kAtOnce)
        for (int64_t i = 0; i < kAtOnce; i += kSquare)
          transpose<kSquare>(&words[0][i], kAtOnce, place + i * columns, columns);
      else
        for (int64_t i = 0; i < left; i += 4)
          for (int64_t j = 0; j < kSquare; j += 4)
            transpose<4>(&words[j][i], kAtOnce, place + i * columns + j, columns);
    }
}

/// Results of a tile of rows and a panel, or of its two halves.
struct PanelTile {
  alignas(64) float sums[2][kTileRows][kPanel];
};

/// Writes what the rows from `row` on have, of the outputs from `first` on.
template <class T>
void write(const LinearShape& shape, const LinearOutput<T>& output, const PanelTile& tile, int64_t row, int64_t first) {
  const int64_t count = std::min<int64_t>(kPanel, shape.outputs - first);
  for (int64_t r = 0; r < std::min<int64_t>(kTileRows, output.rows - row); ++r)
    for (int64_t i = 0; i < count; i += Wide::kLanes) {
      const int64_t left = count - i, at = (row + r) * shape.outputs + first + i;
      const auto half = [&](int64_t index) {
        const Wide sum = Wide::load(tile.sums[index][r] + i);
        return output.bias ? sum + load_up_to<Wide>(left, output.bias + index * shape.outputs + first + i) : sum;
      };
      Wide y = half(0);
      if (shape.gated) y = y * gelu<kAccuracy<T>>(half(1));
      if (output.residual) y = y + load_up_to<Wide>(left, output.residual + at);
      store_up_to(left, y, output.out + at);
    }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
