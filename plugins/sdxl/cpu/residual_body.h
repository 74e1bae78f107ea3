// Sums in one pass. Part of each_instruction_set.h.

namespace calotype::sdxl::cpu::CALOTYPE_SET {

template <class T>
void add(const T* a, const T* b, T* out, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i += Wide::kLanes)
    store_up_to(end - i, load_up_to<Wide>(end - i, a + i) + load_up_to<Wide>(end - i, b + i), out + i);
}

template <class T>
void add_bias_and_residual(const T* x, const T* bias, const T* residual, int64_t channels, T* out, int64_t begin,
                           int64_t end) {
  for (int64_t row = begin; row < end; ++row)
    for (int64_t i = 0; i < channels; i += Wide::kLanes) {
      const int64_t left = channels - i, at = row * channels + i;
      const Wide sum = load_up_to<Wide>(left, x + at) + load_up_to<Wide>(left, bias + i);
      store_up_to(left, sum + load_up_to<Wide>(left, residual + at), out + at);
    }
}

}  // namespace calotype::sdxl::cpu::CALOTYPE_SET
