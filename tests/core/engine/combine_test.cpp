#include "engine/combine.h"

#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/randn.h>
#include <doctest/doctest.h>

#include <vector>

using namespace calotype;

namespace {

double error_of(size_t count, size_t aliased) {
  std::vector<at::Tensor> terms;
  std::vector<double> c;
  at::Tensor want = at::randn({2, 4, 5, 7}, at::kDouble).mul(0);
  for (size_t i = 0; i < count; ++i) {
    terms.push_back(at::randn({2, 4, 5, 7}));
    c.push_back(0.3 * double(i) - 1);
    want = want.add(terms.back().to(at::kDouble), c.back());
  }
  std::vector<const at::Tensor*> pointers;
  for (const auto& t : terms) pointers.push_back(&t);
  at::Tensor out = aliased < count ? terms[aliased] : at::randn({2, 4, 5, 7});
  combine(c, pointers, out);
  return out.to(at::kDouble).sub(want).abs().max().item().toDouble();
}

}  // namespace

TEST_CASE("combine: any number of terms, the target among them or not") {
  for (size_t count = 1; count <= 14; ++count)
    for (size_t aliased = 0; aliased <= count; ++aliased) {
      CAPTURE(count);
      CAPTURE(aliased);
      CHECK(error_of(count, aliased) < 1e-5);
    }
}

TEST_CASE("combine: a term that stands twice counts twice") {
  const at::Tensor x = at::randn({3, 3});
  at::Tensor out = at::randn({3, 3});
  const std::vector<double> c{2, 3};
  const std::vector<const at::Tensor*> terms{&x, &x};
  combine(c, terms, out);
  CHECK(out.sub(x.mul(5)).abs().max().item().toDouble() < 1e-5);
}

TEST_CASE("combine: a device that no plugin has a kernel for adds term by term") {
  const at::Tensor x = at::randn({3, 3}).to(at::kMeta), y = x.clone();
  at::Tensor out = x.clone();
  combine(std::vector<double>{2, 3}, std::vector<const at::Tensor*>{&x, &y}, out);
  CHECK(out.is_meta());
  CHECK(out.sizes() == x.sizes());
}
