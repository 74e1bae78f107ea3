// LayerNorm, a row at a time, which stays in cache. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

template <class T>
void normalise_row(const LayerNormOptions<T>& options, const T* x, T* y) {
  const int64_t channels = options.channels, whole = channels / Wide::kLanes * Wide::kLanes;
  Wide sums = Wide::all(0), squares = Wide::all(0);
  for (int64_t i = 0; i < channels; i += Wide::kLanes) sums = sums + load_up_to<Wide>(channels - i, x + i);
  const float mean = sums.sum() / float(channels);
  for (int64_t i = 0; i < whole; i += Wide::kLanes) {
    const Wide d = Wide::load(x + i) - Wide::all(mean);
    squares = fma(d, d, squares);
  }
  float square = squares.sum();
  for (int64_t i = whole; i < channels; ++i) square += (widened(x[i]) - mean) * (widened(x[i]) - mean);
  const Wide factor = Wide::all(float(1 / std::sqrt(double(square) / double(channels) + options.epsilon)));
  for (int64_t i = 0; i < channels; i += Wide::kLanes) {
    const int64_t left = channels - i;
    const Wide weight = load_up_to<Wide>(left, options.weight + i), bias = load_up_to<Wide>(left, options.bias + i);
    store_up_to(left, fma((load_up_to<Wide>(left, x + i) - Wide::all(mean)) * factor, weight, bias), y + i);
  }
}

template <class T>
void layer_norm(const LayerNormOptions<T>& options, const T* x, T* y, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row)
    normalise_row(options, x + row * options.channels, y + row * options.channels);
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
