// torch_noise against at::randn, the same numbers in whatever way torch makes them on this processor.
#include "noise/torch_noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Version.h>
#include <ATen/ops/all.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/std.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "noise/box_muller.h"
#include "noise/noise_source.h"

using namespace calotype;

namespace {

/// The largest difference, in units of the larger of 1 and the number.
double difference(const at::Tensor& got, const at::Tensor& want) {
  const float *a = got.const_data_ptr<float>(), *b = want.const_data_ptr<float>();
  double most = 0;
  for (int64_t i = 0; i < want.numel(); ++i) {
    const double error = std::abs(double(a[i]) - double(b[i])) / std::max(1.0, std::abs(double(b[i])));
    most = std::max(most, std::isnan(error) ? 1e9 : error);
  }
  return most;
}

}  // namespace

TEST_CASE("torch_noise: gives what at::randn gives and leaves the generator as that does") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    at::Generator theirs = at::detail::createCPUGenerator(seed), ours = at::detail::createCPUGenerator(seed);
    for (const int64_t count : {16, 17, 1, 31, 64, 15, 1000, 624, 16384, 0, 65536, 100})
      for (int call = 0; call < 3; ++call) {
        CAPTURE(seed);
        CAPTURE(count);
        const at::Tensor want = at::randn({count}, theirs, at::kFloat);
        CHECK(difference(torch_noise({count}, ours), want) <= 4e-7);
        CHECK(at::equal(ours.get_state(), theirs.get_state()));
      }
  }
}

TEST_CASE("torch_noise: has the shape that was asked for") {
  CHECK(torch_noise({1, 4, 8, 6}, at::detail::createCPUGenerator(0)).sizes() == at::IntArrayRef{1, 4, 8, 6});
}

TEST_CASE("torch_noise: leaves alone the second number of a pair, which torch keeps for later") {
  at::Generator theirs = at::detail::createCPUGenerator(5), ours = at::detail::createCPUGenerator(5);
  // fewer than 16 numbers are sampled in pairs: of one, the other is kept
  CHECK(difference(torch_noise({1}, ours), at::randn({1}, theirs, at::kFloat)) == 0);
  CHECK(difference(torch_noise({64}, ours), at::randn({64}, theirs, at::kFloat)) <= 4e-7);
  CHECK(difference(torch_noise({1}, ours), at::randn({1}, theirs, at::kFloat)) == 0);
}

TEST_CASE("torch_noise: AVX2 and AVX-512 give the same bytes") {
  if (at::get_cpu_capability() != "AVX512") return;
  std::vector<uint32_t> state(624);
  for (uint32_t i = 0; i < 624; ++i) state[i] = 1812433253 * (i + 1);
  std::vector<std::vector<float>> results;
  for (const char* set : {"AVX2", "AVX512"}) {
    const NoiseKernels& kernels = *noise_kernels(set);
    std::vector<uint32_t> words = state;
    std::vector<float>& x = results.emplace_back(624 * 50);
    for (int turn = 0; turn < 50; ++turn)
      kernels.twist(words.data()), kernels.uniform(words.data(), &x[size_t(turn) * 624], 624);
    kernels.box_muller(x.data(), 624 * 50 / 16);
  }
  CHECK(results[0] == results[1]);
}

TEST_CASE(
    "noise source: another seed for the steps changes what is sampled there, from its own beginning, and nothing "
    "before") {
  for (const NoiseKind kind : {NoiseKind::torch, NoiseKind::philox}) {
    CAPTURE(kind);
    const std::vector<int64_t> shape{1, 4, 3, 5};
    NoiseSource one(kind, 7, 7), other(kind, 7, 31344), steps(kind, 31344, 31344);
    CHECK(at::equal(one.sample(shape), other.sample(shape)));
    CHECK(at::equal(one.sample(shape), other.sample(shape)));
    for (int step = 0; step < 3; ++step) {
      const at::Tensor got = other.between(2, 1, shape);
      CHECK(at::equal(got, steps.sample(shape)));
      CHECK(!at::equal(got, one.between(2, 1, shape)));
    }
  }
  NoiseSource path(NoiseKind::brownian, 7, 31344), same(NoiseKind::brownian, 7, 7);
  CHECK(at::equal(path.between(2, 1, {1, 4}), same.between(2, 1, {1, 4})));
}

namespace {

/// What A1111's `slerp` makes of two noises [1,C,H,W], written down in double: each column of each channel on the arc
/// between them.
std::vector<double> turned(double share, const at::Tensor& from, const at::Tensor& to) {
  const int64_t channels = from.size(1), height = from.size(2), width = from.size(3);
  const float *a = from.const_data_ptr<float>(), *b = to.const_data_ptr<float>();
  std::vector<double> out(size_t(from.numel()));
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t x = 0; x < width; ++x) {
      const auto at = [&](int64_t y) { return size_t((c * height + y) * width + x); };
      double ab = 0, aa = 0, bb = 0;
      for (int64_t y = 0; y < height; ++y)
        ab += double(a[at(y)]) * b[at(y)], aa += double(a[at(y)]) * a[at(y)], bb += double(b[at(y)]) * b[at(y)];
      const double angle = std::acos(ab / std::sqrt(aa * bb));
      for (int64_t y = 0; y < height; ++y)
        out[at(y)] = (std::sin((1 - share) * angle) * a[at(y)] + std::sin(share * angle) * b[at(y)]) / std::sin(angle);
    }
  return out;
}

double largest_error(const at::Tensor& got, const std::vector<double>& wanted) {
  double out = 0;
  for (size_t i = 0; i < wanted.size(); ++i)
    out = std::max(out, std::abs(double(got.const_data_ptr<float>()[i]) - wanted[i]));
  return out;
}

}  // namespace

TEST_CASE(
    "noise source: variations turn what is sampled to another seed's noise as A1111 does, and leave what the steps "
    "sample") {
  for (const NoiseKind kind : {NoiseKind::torch, NoiseKind::philox, NoiseKind::brownian}) {
    CAPTURE(kind);
    const std::vector<int64_t> shape{1, 4, 24, 16};
    NoiseSource own(kind, 7, 7), other(kind, 11, 11), varied(kind, 7, 7);
    varied.vary(11, 0.3);
    for (int call = 0; call < 2; ++call) {
      const at::Tensor from = own.sample(shape), to = other.sample(shape), got = varied.sample(shape);
      CHECK(largest_error(got, turned(0.3, from, to)) < 2e-6);
      CHECK(largest_error(got, turned(0.4, from, to)) > 0.01);
    }
    CHECK(at::equal(varied.between(2, 1, shape), own.between(2, 1, shape)));
    CHECK(at::equal(varied.sample_unvaried(shape), own.sample(shape)));
  }
}

TEST_CASE(
    "noise source: a variation of strength 1 is the other seed's noise to the bit, and one towards itself is itself") {
  const std::vector<int64_t> shape{1, 4, 8, 8};
  NoiseSource other(NoiseKind::torch, 11, 11), own(NoiseKind::torch, 7, 7), whole(NoiseKind::torch, 7, 7),
      same(NoiseKind::torch, 7, 7);
  whole.vary(11, 1), same.vary(7, 0.4);
  CHECK(at::equal(whole.sample(shape), other.sample(shape)));
  CHECK(at::allclose(same.sample(shape), own.sample(shape), 1e-6, 1e-7));
}

TEST_CASE("noise source: a variation keeps the variance, and of one row, which has no angle, it is a number") {
  NoiseSource source(NoiseKind::torch, 7, 7);
  source.vary(11, 0.5);
  const at::Tensor large = source.sample({1, 4, 128, 128});
  CHECK(std::abs(at::std(large).item<double>() - 1) < 0.02);
  CHECK(at::isfinite(source.sample({1, 4, 1, 16})).all().item<bool>());
}
