// The words of matrix products of floating-point numbers, for every processor. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// A word is one float.
struct FloatDot {
  using Number = float;
  using Sum = Vector;
  using Result = float;
  static constexpr int kNumbers = 1;  // in a word

  CALOTYPE_INLINE static Vector load(const uint32_t* words) { return Vector::load((const float*)words); }
  CALOTYPE_INLINE static Vector all(const uint32_t* word) {
    float x;
    std::memcpy(&x, word, sizeof x);
    return Vector::all(x);
  }
  CALOTYPE_INLINE static Sum add(Sum sum, Vector a, Vector b) { return fma(a, b, sum); }

  /// The words of `count` numbers (a multiple of 16) that follow each other.
  template <class T>
  CALOTYPE_INLINE static void copy(const T* numbers, int64_t count, uint32_t* words) {
    for (int64_t i = 0; i < count; i += Vector::kLanes) Vector::load(numbers + i).store((float*)(words + i));
  }
  /// kLanes words, each with the number of one column. There is no second row.
  template <class T>
  CALOTYPE_INLINE static void interleave(const T* row, const T*, uint32_t* words) {
    Vector::load(row).store((float*)words);
  }
};

/// How numbers of a type T are multiplied: unless said otherwise for an instruction set, as float32.
template <class T>
struct Dot : FloatDot {};

}  // namespace calotype::networks::cpu::CALOTYPE_SET
