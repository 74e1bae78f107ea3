// Times what token merging saves: a transformer of SDXL at the largest size that has attention (two layers, 640 wide,
// both halves of guidance, bfloat16), on one thread, the best of some runs in seconds of the thread's CPU time.
//
//   bench_token_merging
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>

#include "networks/components/spatial_transformer.h"

namespace {
using namespace calotype::networks;

constexpr int64_t kChannels = 640, kContext = 2048, kHeads = 10, kGroups = 32;

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

at::Tensor random(std::vector<int64_t> shape) {
  return (at::randn(shape) * 0.03).to(at::kBFloat16);
}

SpatialTransformer transformer() {
  auto tensors = std::make_shared<Weights::Map>();
  const auto add = [&](const std::string& name, int64_t out, int64_t in, bool biased = true) {
    (*tensors)[name + ".weight"] = in ? random({out, in}) : random({out});
    if (biased) (*tensors)[name + ".bias"] = random({out});
  };
  add("norm", kChannels, 0), add("proj_in", kChannels, kChannels), add("proj_out", kChannels, kChannels);
  for (const std::string block : {"transformer_blocks.0.", "transformer_blocks.1."}) {
    for (const char* norm : {"norm1", "norm2", "norm3"}) add(block + norm, kChannels, 0);
    for (const std::string part : {"attn1.", "attn2."}) {
      add(block + part + "to_q", kChannels, kChannels, false), add(block + part + "to_out.0", kChannels, kChannels);
      for (const char* name : {"to_k", "to_v"})
        add(block + part + name, kChannels, part == "attn1." ? kChannels : kContext, false);
    }
    add(block + "ff.net.0.proj", 8 * kChannels, kChannels), add(block + "ff.net.2", kChannels, 4 * kChannels);
  }
  return {Weights(std::shared_ptr<const Weights::Map>(tensors), "random"), kHeads, kGroups, /*is_largest=*/true};
}

double best_of_some(const SpatialTransformer& transformer, int64_t side, double ratio) {
  const at::Tensor x = random({2, kChannels, side, side}).contiguous(at::MemoryFormat::ChannelsLast);
  const Context context{random({2, 77, kContext}), ratio};
  double best = 1e9;
  for (int run = 0; run < 5; ++run) {
    context.memory->begin(0);
    const double start = seconds();
    transformer(x, context);
    best = std::min(best, seconds() - start);
  }
  return best;
}

}  // namespace

int main() {
  const at::NoGradGuard no_grad;
  at::set_num_threads(1);
  const SpatialTransformer one = transformer();
  for (const int64_t side : {32, 64}) {  // of 512 and 1024 pixels
    const double exact = best_of_some(one, side, 0);
    for (const double ratio : {0.25, 0.5, 0.75}) {
      const double merged = best_of_some(one, side, ratio);
      std::printf("%4d pixels, token_merging %.2f: %7.1f ms, exact %7.1f ms, ratio %.2f\n", int(side) * 16, ratio,
                  merged * 1e3, exact * 1e3, merged / exact);
      std::fflush(stdout);
    }
  }
}
