// The tiny decoder beside the VAE's, both of SDXL's size with random weights: prints seconds of each and their ratio at
// 512 x 512 and 1024 x 1024, the best of several runs in turn.
//
//   bench_decoders [float32|bfloat16] [RUNS]
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "networks/components/autoencoder.h"
#include "networks/components/tiny_decoder.h"

namespace {
using namespace calotype::networks;

/// Random weights under the names that the networks ask for.
class Random {
 public:
  explicit Random(at::ScalarType type) : type_(type) {}
  void layer(const std::string& name, std::vector<int64_t> shape) {
    int64_t inputs = 1;
    for (size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
    put(name + ".bias", at::randn({shape[0]}).mul(0.1));
    put(name + ".weight", at::randn(shape).div(std::sqrt(double(inputs))));
  }
  void conv(const std::string& name, int64_t in, int64_t out, int64_t kernel = 3) {
    layer(name, {out, in, kernel, kernel});
  }
  void norm(const std::string& name, int64_t channels) { layer(name, {channels}); }
  void resnet(const std::string& name, int64_t in, int64_t out) {
    norm(name + ".norm1", in), norm(name + ".norm2", out);
    conv(name + ".conv1", in, out), conv(name + ".conv2", out, out);
    if (in != out) conv(name + ".conv_shortcut", in, out, 1);
  }
  Weights weights() const { return {std::make_shared<const Weights::Map>(tensors_), "random"}; }

 private:
  void put(const std::string& name, const at::Tensor& tensor) { tensors_[name] = tensor.to(type_); }
  at::ScalarType type_;
  Weights::Map tensors_;
};

Weights vae(at::ScalarType type) {
  Random r(type);
  r.conv("encoder.conv_in", 3, 32), r.norm("encoder.conv_norm_out", 32),
      r.conv("encoder.conv_out", 32, 8);  // only decoded with
  for (const char* name : {"mid_block.resnets.0", "down_blocks.0.resnets.0"})
    r.resnet(std::string("encoder.") + name, 32, 32);
  const std::string d = "decoder.", attention = d + "mid_block.attentions.0.";
  r.conv("post_quant_conv", 4, 4, 1);
  r.conv(d + "conv_in", 4, 512), r.norm(d + "conv_norm_out", 128), r.conv(d + "conv_out", 128, 3);
  for (const char* name : {"0", "1"}) r.resnet(d + "mid_block.resnets." + name, 512, 512);
  r.norm(attention + "group_norm", 512);
  for (const char* name : {"to_q", "to_k", "to_v", "to_out.0"}) r.layer(attention + name, {512, 512});
  int64_t channels = 512;
  for (int block = 0; block < 4; ++block) {
    const std::string name = d + "up_blocks." + std::to_string(block) + '.';
    const int64_t out = block < 2 ? 512 : block == 2 ? 256 : 128;
    for (int i = 0; i < 3; ++i) r.resnet(name + "resnets." + std::to_string(i), i ? out : channels, out);
    if (block < 3) r.conv(name + "upsamplers.0.conv", out, out);
    channels = out;
  }
  return r.weights();
}

Weights taesd(at::ScalarType type) {
  constexpr int kChannels = 64;
  Random r(type);
  r.conv("1", 4, kChannels);
  int number = 3;
  for (const int blocks : {3, 3, 3, 1}) {
    for (int i = 0; i < blocks; ++i, ++number)
      for (const char* part : {"0", "2", "4"}) r.conv(std::to_string(number) + ".conv." + part, kChannels, kChannels);
    const bool is_last = blocks == 1;
    number += !is_last;
    r.conv(std::to_string(number++), kChannels, is_last ? 3 : kChannels);
  }
  return r.weights();
}

template <class Body>
double seconds_of(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** words) {
  const at::NoGradGuard no_grad;
  const bool is_wide = count > 1 && std::strcmp(words[1], "float32") == 0;
  const at::ScalarType type = is_wide ? at::kFloat : at::kBFloat16;
  const int runs = count > 2 ? std::atoi(words[2]) : 3;
  const Autoencoder exact(vae(type), ModelConfig("random"));
  const TinyDecoder tiny(taesd(type));
  for (const int side : {512, 1024}) {
    const at::Tensor latents = at::randn({1, 4, side / 8, side / 8});
    double best_exact = 1e9, best_tiny = 1e9;
    for (int run = 0; run < runs; ++run) {
      best_exact = std::min(best_exact, seconds_of([&] { exact.decode(exact.unscaled(latents)); }));
      best_tiny = std::min(best_tiny, seconds_of([&] { tiny(latents); }));
    }
    std::printf("{\"side\": %d, \"dtype\": \"%s\", \"vae_seconds\": %.3f, \"tiny_seconds\": %.3f, \"ratio\": %.4f}\n",
                side, is_wide ? "float32" : "bfloat16", best_exact, best_tiny, best_tiny / best_exact);
    std::fflush(stdout);
  }
}
