// Recorded calls of the UNet against the same calls as they are, and the choice of attention.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>

#include <tuple>

#include "networks/components/unet_graphs.h"
#include "networks/cuda_test.h"
#include "networks/ops/attention.h"

namespace {
using namespace cuda_test;

constexpr UnetGraphs::Use kOn{};

}  // namespace

TEST_SUITE("gpu") {
  TEST_CASE("attention choice: whichever is the fastest gives libtorch's numbers, for parts of wider tensors too") {
    AttentionChoice choice;
    for (const at::ScalarType type : kTypes)
      for (const int64_t keys : {1024, 77}) {
        CAPTURE(text(type));
        CAPTURE(keys);
        const at::Tensor wide = random({2, 1024, 3 * 128}, type), other = random({2, keys, 2 * 128}, type);
        const auto halves = other.chunk(2, -1);
        const auto on = [&](const at::Tensor& t) { return on_gpu(t, type); };
        const auto parts = on(other).chunk(2, -1);
        const at::Tensor want = attention(wide.narrow(-1, 0, 128), halves[0], halves[1], 2);
        const at::Tensor q = on(wide).narrow(-1, 0, 128);
        const at::Tensor got = attention(q, parts[0], parts[1], 2, false, &choice);
        CHECK(got.equal(attention(q, parts[0], parts[1], 2, false, &choice)));
        CHECK(excess(got, want, type == at::kFloat ? 1e-4 : type == at::kHalf ? 1e-3 : 1e-2) < 1);
      }
  }

  TEST_CASE("attention choice: measured_text leaves attention among an image's places to libtorch's rule") {
    const Unet unet = tiny_unet(at::kBFloat16);
    const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 16, 16}), at::kBFloat16);
    const auto measured = [&](AttentionRule rule) {
      Unet::Conditioning about = conditioning(unet, 2);
      about.context.attention = std::make_shared<AttentionChoice>(rule);
      unet(x, 9, about);
      return about.context.attention->measured();
    };
    CHECK(measured(AttentionRule::measured_text) > 0);
    CHECK(measured(AttentionRule::measured) ==
          2 * measured(AttentionRule::measured_text));  // one of each in every layer
  }

  TEST_CASE("graphs: a measured attention is recorded as it ran") {
    const Unet unet = tiny_unet(at::kBFloat16);
    Unet::Conditioning about = conditioning(unet, 2);
    about.context.attention = std::make_shared<AttentionChoice>();
    UnetGraphs graphs(kCuda);
    const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 16, 16}), at::kBFloat16),
                     want = graphs(unet, x, 9, about, nullptr, kOn);
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 9, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
  }

  TEST_CASE("graphs: every recorded call gives the bits of the same call as it is, whatever the prompt") {
    for (const at::ScalarType type : kTypes) {
      const Unet unet = tiny_unet(type);
      const Unet::Conditioning one = conditioning(unet, 2), other = conditioning(unet, 2);
      UnetGraphs graphs(kCuda);
      const std::tuple<double, int64_t, const Unet::Conditioning*> calls[] = {
          {999, 8, &one}, {3.25, 8, &other}, {500, 12, &other}, {500, 8, &one}, {999, 12, &one}};
      for (const auto& [time, width, about] : calls) {
        CAPTURE(text(type));
        CAPTURE(time);
        CAPTURE(width);
        const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, width}), type), kept = x.clone();
        CHECK(graphs(unet, x, time, *about, nullptr, kOn).equal(unet(x, time, *about)));
        CHECK(x.equal(kept));
      }
      CHECK(graphs.recorded() == 2);  // one for each width
      CHECK(graphs.take_warnings().empty());
    }
  }

  TEST_CASE("graphs: one is recorded for three requests of a size, which has no part of their prompts") {
    const Unet unet = tiny_unet(at::kFloat);
    UnetGraphs graphs(kCuda);
    for (int request = 0; request < 3; ++request) {
      const Unet::Conditioning about = conditioning(unet, 2);  // gone when the next one begins
      const UnetGraphs::Use use{calotype::CudaGraphs::automatic, graphs.new_pass()};
      for (const double time : {900.0, 500.0, 100.0}) {
        const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, 8}), at::kFloat);
        CHECK(graphs(unet, x, time, about, nullptr, use).equal(unet(x, time, about)));
      }
      CHECK(graphs.recorded() == (request == 0 ? 0 : 1));
    }
  }

  TEST_CASE("graphs: none is recorded where they are off, and a size has at most eight") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const auto call = [&](int64_t width, calotype::CudaGraphs mode) {
      const at::Tensor x = at::ones({1, unet.channels(), 4, width}, unet.options());
      graphs(unet, x, 3, about, nullptr, {mode, graphs.new_pass()});
    };
    for (int i = 0; i < 3; ++i) call(8, calotype::CudaGraphs::off);
    CHECK(graphs.is_empty());
    for (int64_t width = 8; width < 8 + 9 * 4; width += 4)
      for (int i = 0; i < 2; ++i) call(width, calotype::CudaGraphs::on);
    CHECK(graphs.recorded() == 9);
    call(8 + 4, calotype::CudaGraphs::on);  // still there
    CHECK(graphs.recorded() == 9);
    call(8, calotype::CudaGraphs::on);  // the oldest, which had to go
    CHECK(graphs.recorded() == 10);
  }

  TEST_CASE("graphs: calls that keep deep features and calls that take them over are recorded too") {
    const Unet unet = tiny_unet(at::kBFloat16);
    const Unet::Conditioning about = conditioning(unet, 2);
    UnetGraphs graphs(kCuda);
    std::vector<at::Tensor> all, wanted;
    for (int i = 0; i < 2; ++i) {
      const at::Tensor x = on_gpu(at::randn({2, unet.channels(), 8, 8}), at::kBFloat16);
      at::Tensor deep, want;
      for (const double time : {900.0, 800.0, 700.0}) {  // the first one computes
        const bool equal = graphs(unet, x, time, about, &deep, kOn).equal(unet(x, time, about, &want));
        CHECK(equal);
        CHECK(deep.equal(want));
      }
      all.push_back(deep), wanted.push_back(want);
    }
    // later launches leave them alone
    for (size_t i = 0; i < all.size(); ++i) CHECK(all[i].equal(wanted[i]));
    CHECK(graphs.recorded() == 2);
  }

  TEST_CASE("graphs: what a call gave stays as it is when the next one is launched") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const auto call = [&](double time) {
      return graphs(unet, at::ones({1, unet.channels(), 8, 8}, unet.options()), time, about, nullptr, kOn);
    };
    call(1);
    const at::Tensor second = call(2), kept = second.clone();
    call(900);
    CHECK(second.equal(kept));
  }

  TEST_CASE("graphs: memory does not grow from one request to the next, and goes when they are let go") {
    const Unet unet = tiny_unet(at::kBFloat16);
    UnetGraphs graphs(kCuda);
    const auto used = [&] {
      {
        const Unet::Conditioning about = conditioning(unet, 2);
        for (int i = 0; i < 3; ++i)
          graphs(unet, at::ones({2, unet.channels(), 8, 8}, unet.options()), i, about, nullptr, kOn);
      }
      at::accelerator::synchronizeDevice(0);
      at::accelerator::emptyCache();
      return reserved();
    };
    const auto let_go = [&] {
      graphs.clear();
      at::accelerator::emptyCache();
      return reserved();
    };
    used();
    const auto once = used();
    used();
    CHECK(used() == once);
    const auto without = let_go();
    CHECK(without < once);
    used();
    CHECK(let_go() == without);
  }

  TEST_CASE("graphs: where one cannot be recorded a warning says so, the others stay, and the device works on") {
    const Unet unet = tiny_unet(at::kFloat);
    const Unet::Conditioning about = conditioning(unet, 1);
    UnetGraphs graphs(kCuda);
    const at::Tensor x = at::ones({1, unet.channels(), 8, 8}, unet.options());
    at::Tensor deep;
    const at::Tensor want = graphs(unet, x, 5, about, nullptr, kOn);
    graphs(unet, x, 5, about, nullptr, kOn);
    graphs(unet, x, 5, about, &deep, kOn);
    graphs(unet, x, 4, about, &deep, kOn);
    CHECK(graphs.recorded() == 1);
    deep = deep.cpu();  // on the wrong side: neither a recording nor a call as it is can read it
    CHECK_THROWS(graphs(unet, x, 4, about, &deep, kOn));
    const auto warnings = graphs.take_warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].starts_with("cuda_graphs: the UNet's calls cannot be recorded: "));
    CHECK(warnings[0].ends_with("; they run one kernel at a time, as with cuda_graphs: off"));
    // what a recording cut short left to the allocators would be asked by the next to want memory
    CHECK(at::ones({64}).pin_memory().to(kCuda).sum().item<double>() == 64);
    at::accelerator::emptyCache();
    at::ones({1 << 24}, unet.options());
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
    CHECK(graphs.take_warnings().empty());
  }

  TEST_CASE("graphs: a first call that fails does not count as one") {
    const Unet unet = tiny_unet(at::kFloat);
    Unet::Conditioning about = conditioning(unet, 1);
    const at::Tensor added = about.added, x = at::ones({1, unet.channels(), 8, 8}, unet.options());
    UnetGraphs graphs(kCuda);
    about.added = added.cpu();
    CHECK_THROWS(graphs(unet, x, 5, about, nullptr, kOn));
    about.added = added;
    const at::Tensor want = unet(x, 5, about);
    CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 0);
    for (int i = 0; i < 3; ++i) CHECK(graphs(unet, x, 5, about, nullptr, kOn).equal(want));
    CHECK(graphs.recorded() == 1);
  }
}
