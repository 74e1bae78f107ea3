// torch_noise against at::randn, the same numbers in whatever way torch draws them on this processor.
#include "torch_noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Version.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "box_muller.h"
#include "noise_source.h"

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

TEST_CASE("torch_noise: draws what at::randn draws and leaves the generator as that does") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    at::Generator theirs = at::detail::createCPUGenerator(seed), ours = at::detail::createCPUGenerator(seed);
    for (const int64_t count : {16, 17, 1, 31, 64, 15, 1000, 624, 16384, 0, 65536, 100})
      for (int draw = 0; draw < 3; ++draw) {
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
  // fewer than 16 numbers are drawn in pairs: of one, the other is kept
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

TEST_CASE("noise source: another seed for the steps changes what is drawn there, from its own beginning, and nothing before") {
  for (const char* kind : {"torch", "philox"}) {
    CAPTURE(kind);
    const std::vector<int64_t> shape{1, 4, 3, 5};
    NoiseSource one(kind, 7, 7), other(kind, 7, 31344), steps(kind, 31344, 31344);
    CHECK(at::equal(one.draw(shape), other.draw(shape)));
    CHECK(at::equal(one.draw(shape), other.draw(shape)));
    for (int step = 0; step < 3; ++step) {
      const at::Tensor got = other.between(2, 1, shape);
      CHECK(at::equal(got, steps.draw(shape)));
      CHECK(!at::equal(got, one.between(2, 1, shape)));
    }
  }
  NoiseSource path("brownian", 7, 31344), same("brownian", 7, 7);
  CHECK(at::equal(path.between(2, 1, {1, 4}), same.between(2, 1, {1, 4})));
}
