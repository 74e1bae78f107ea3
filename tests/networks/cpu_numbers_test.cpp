// Conversions of plugins/networks/kernels/cpu, with every instruction set of this processor, against float64.
#include <limits>
#include <string>

#include "networks/float64_check.h"
#include "networks/kernels/cpu/convert.h"

namespace {
using namespace calotype::networks::cpu;
using enum NumberFormat;

/// Of a format: bits after the first, exponent of the smallest normal number, what is too large.
struct Precision {
  int bits, smallest;
  double limit;
};
Precision precision(NumberFormat format) {
  return format == kFloat16 ? Precision{10, -14, 0x1p16} : Precision{7, -126, 0x1p128};
}

/// The number of a format nearest to x, ties to even.
double nearest(double x, NumberFormat format) {
  if (format == kFloat32 || x == 0 || !std::isfinite(x)) return x;
  const auto [bits, smallest, limit] = precision(format);
  const double unit = std::ldexp(1.0, std::max(std::ilogb(x), smallest) - bits);
  const double rounded = std::nearbyint(x / unit) * unit;
  return std::abs(rounded) >= limit ? std::copysign(std::numeric_limits<double>::infinity(), x) : rounded;
}

/// What a number in memory stands for.
double stored(NumberFormat format, const void* numbers, size_t i) {
  if (format == kFloat32) return static_cast<const float*>(numbers)[i];
  const uint16_t x = static_cast<const uint16_t*>(numbers)[i];
  if (format == kBFloat16) return value(x);
  const int exponent = x >> 10 & 31, fraction = x & 1023;
  const double size = exponent == 31 ? (fraction ? NAN : INFINITY)
                                     : std::ldexp(fraction + (exponent ? 1024 : 0), std::max(exponent, 1) - 25);
  return x & 0x8000 ? -size : size;
}

/// How many of `count` numbers are converted to anything but the nearest of the other format.
int wrong(NumberFormat from, const void* x, NumberFormat to, int64_t count, InstructionSet set) {
  std::vector<float> y(count + 1, 7);
  convert(from, x, to, y.data(), count, set);
  int all = y.back() != 7;
  for (size_t i = 0; i < size_t(count); ++i) {
    const double want = nearest(stored(from, x, i), to), got = stored(to, y.data(), i);
    all += std::isnan(want) ? !std::isnan(got) : want != got || std::signbit(want) != std::signbit(got);
  }
  return all;
}
}  // namespace

TEST_CASE("cpu convert: all numbers of 16 bits become the nearest of the other formats") {
  std::vector<uint16_t> all(1 << 16);
  for (size_t i = 0; i < all.size(); ++i) all[i] = uint16_t(i);
  for (const auto set : sets())
    for (const auto from : {kFloat16, kBFloat16})
      for (const auto to : {kFloat32, kFloat16, kBFloat16}) {
        CAPTURE(std::string(name_of(set)));
        CHECK(wrong(from, all.data(), to, int64_t(all.size()), set) == 0);
      }
}

TEST_CASE("cpu convert: float32 becomes the nearest, also halfway, too small and too large") {
  std::vector<float> x;
  std::mt19937 generator(1);
  for (int i = 0; i < 200000; ++i) x.push_back(std::bit_cast<float>(uint32_t(generator())));
  for (uint32_t high = 0; high < 1 << 16; ++high)
    for (const uint32_t low : {0u, 0x0fffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
      x.push_back(std::bit_cast<float>(high << 16 | low));
  for (const auto set : sets())
    for (const auto to : {kFloat16, kBFloat16}) {
      CAPTURE(std::string(name_of(set)));
      CHECK(wrong(kFloat32, x.data(), to, int64_t(x.size()), set) == 0);
    }
}

TEST_CASE("cpu convert: any count is written and no more") {
  const auto x = random<float>(100, 1);
  for (const auto set : sets())
    for (int64_t count = 0; count < 70; ++count)
      CHECK(wrong(kFloat32, x.data(), kFloat32, count, set) + wrong(kFloat32, x.data(), kFloat16, count, set) == 0);
}
