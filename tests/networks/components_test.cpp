// Each network of a tiny SDXL against diffusers and transformers: components.safetensors, float32 on the CPU.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <span>

#include "networks/components/autoencoder.h"
#include "networks/components/deep_cache.h"
#include "networks/components/text_encoder.h"
#include "networks/components/token_merging.h"
#include "networks/components/unet.h"
#include "networks/golden_tensors.h"
#include "networks/ops/weight_loading.h"
#include "sdxl/layouts.h"

namespace {
using namespace calotype;
using namespace calotype::networks;

constexpr double kTolerance = 2e-5;
constexpr int64_t kPooledWidth = 128;
const std::string kFolder = CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers";

ModelLayout tiny() {
  return sdxl::find_diffusers_folder(kFolder, "auto");
}
Weights weights(const TensorSources& sources) {
  return load_weights(sources, at::kCPU, at::kFloat, "tiny");
}
GoldenTensors components() {
  return GoldenTensors("components.safetensors");
}

TextEncoder encoder(const ModelLayout& model, int n) {
  return n == 1 ? TextEncoder(weights(model.networks.text_encoder), model.text_encoder, "quick_gelu")
                : TextEncoder(weights(model.networks.text_encoder_2), model.text_encoder_2, "gelu");
}

void check_text_encoder(int n) {
  const auto golden = components();
  const TextEncoder encode = encoder(tiny(), n);
  for (int i = 0; i < 6; ++i) {
    CAPTURE(i);
    const std::string text = "text." + std::to_string(i) + '.', suffix = '_' + std::to_string(n);
    const at::Tensor tensor = golden[text + "ids" + suffix];
    const std::span<const int64_t> ids(tensor.const_data_ptr<int64_t>(), size_t(tensor.numel()));
    const int64_t end = std::find(ids.begin(), ids.end(), encode.vocabulary() - 1) - ids.begin();
    const auto y = encode(ids, end, 0);
    CHECK(relative_error(y.hidden, golden[text + "penultimate" + suffix]) < kTolerance);
    CHECK(relative_error(encode(ids, end, 1).hidden, golden[text + "before_penultimate" + suffix]) < kTolerance);
    if (n == 2) CHECK(relative_error(y.pooled, golden[text + "pooled"]) < kTolerance);
    if (n == 2) CHECK(relative_error(encode(ids, end, 1).pooled, golden[text + "pooled"]) < kTolerance);
    if (n == 1) CHECK(!y.pooled.defined());
  }
}

void check_unet(const ModelConfig& config) {
  const at::NoGradGuard no_grad;
  const auto golden = components();
  const Unet unet(weights(tiny().networks.unet), config, kPooledWidth);
  for (const std::string run : {"unet.0.", "unet.1.", "unet.2."}) {
    CAPTURE(run);
    const auto conditioning = unet.condition(golden[run + "context"], golden[run + "pooled"], golden[run + "time_ids"]);
    const at::Tensor y = unet(golden[run + "x"], golden[run + "t"].item<double>(), conditioning);
    CHECK(relative_error(y, golden[run + "y"]) < kTolerance);
  }
}

ModelConfig unet_config(const std::string& json) {
  return ModelConfig::parse(json, "unet/config.json");
}
std::string unet_error(const std::string& json, int64_t pooled_width = kPooledWidth) {
  return error_of([&] { Unet(weights(tiny().networks.unet), unet_config(json), pooled_width); });
}
}  // namespace

TEST_CASE("text encoder 1: hidden states equal transformers'") {
  check_text_encoder(1);
}
TEST_CASE("text encoder 2: hidden states and pooled text equal transformers'") {
  check_text_encoder(2);
}

TEST_CASE("text encoder: without a config it has heads of 64 and the activation it is given") {
  ModelLayout model = tiny();
  model.text_encoder = ModelConfig("none");
  const std::vector<int64_t> ids(77, 5);
  const auto ours = encoder(model, 1)(ids, 1, 0).hidden, theirs = encoder(tiny(), 1)(ids, 1, 0).hidden;
  CHECK(relative_error(ours, theirs) == 0);
}

TEST_CASE("text encoder: an activation that CLIP does not have is refused") {
  ModelLayout model = tiny();
  model.text_encoder = ModelConfig::parse(R"({"hidden_act": "relu"})", "text_encoder/config.json");
  CHECK(error_of([&] { encoder(model, 1); }) ==
        R"(text_encoder/config.json: "hidden_act": want "gelu" or "quick_gelu", got "relu")");
}

TEST_CASE("unet: equals diffusers', also for two images and for odd sizes") {
  check_unet(tiny().unet);
}
TEST_CASE("unet: without a config it has SDXL's settings, the widths from its tensors") {
  check_unet(ModelConfig("none"));
}

TEST_CASE("unet: a size that halves to odd ones comes back") {
  const at::NoGradGuard no_grad;
  const auto golden = components();
  const Unet unet(weights(tiny().networks.unet), tiny().unet, kPooledWidth);
  const auto conditioning =
      unet.condition(golden["unet.0.context"], golden["unet.0.pooled"], golden["unet.0.time_ids"]);
  const at::Tensor x = golden["unet.0.x"].narrow(2, 0, 9).narrow(3, 0, 13);
  const bool same_size = unet(x, 500, conditioning).sizes() == x.sizes();
  CHECK(same_size);
}

TEST_CASE("unet: deep features that are kept are those of the call, and what is outside of them runs alone") {
  const at::NoGradGuard no_grad;
  const auto golden = components();
  const ModelLayout model = tiny();
  std::set<std::string> read;
  std::mutex mutex;
  const auto note = [&](std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex);
    for (const auto& [name, source] : model.networks.unet)
      if (source.data.data() == bytes.data()) read.insert(name);
  };
  const Unet unet(weights(model.networks.unet), model.unet, kPooledWidth);
  {
    const Weights opened = open_weights(model.networks.unet, at::kCPU, at::kFloat, "tiny", note);
    const Unet streamed(opened, model.unet, kPooledWidth, true);
    const at::Tensor x = golden["unet.1.x"];
    const auto conditioning = [&](const Unet& u) {
      return u.condition(golden["unet.1.context"], golden["unet.1.pooled"], golden["unet.1.time_ids"]);
    };
    const auto about = conditioning(unet), same = conditioning(streamed);
    at::Tensor deep, deep_too;
    const at::Tensor y = unet(x, 500, about, &deep);
    CHECK(at::equal(y, unet(x, 500, about)));
    CHECK(at::equal(y, unet(x, 500, about, &deep)));
    CHECK(at::equal(y, streamed(x, 500, same, &deep_too)));
    read.clear();
    CHECK(at::equal(unet(x, 400, about, &deep), streamed(x, 400, same, &deep_too)));
    CHECK_FALSE(at::equal(unet(x, 400, about, &deep), unet(x, 400, about)));
    const std::lock_guard lock(mutex);
    CHECK_FALSE(read.empty());
    for (const std::string& name : read) {
      CAPTURE(name);
      CHECK((name.starts_with("down_blocks.0.") || name.starts_with("up_blocks.2.")));
    }
  }
}

TEST_CASE(
    "deep cache: of so many steps the first call computes, the others take over, unless noise or prompt are others") {
  const Unet::Conditioning one, other;
  DeepCache cache(2, {8, 4, 2, 1, 0});
  const auto computes = [&](double sigma, const Unet::Conditioning& about, size_t part = 0) {
    at::Tensor* deep = cache.at(sigma, about, part);
    return deep->defined() ? false : (*deep = at::zeros({1}), true);
  };
  CHECK(computes(8, one));
  CHECK(computes(8, one, 1));     // the next one of a batch
  CHECK_FALSE(computes(6, one));  // in the middle of a step
  CHECK_FALSE(computes(4, one, 1));
  CHECK_FALSE(computes(4, one));
  CHECK(computes(2, one));
  CHECK_FALSE(computes(1, one));
  CHECK(computes(1, other));  // guidance has ended, the prompt has changed
  CHECK(computes(3, one));    // the noise rose again
  CHECK(computes(8, one));    // the next image
  CHECK(computes(8, one));
  CHECK(DeepCache(1, {}).at(8, one, 0) == nullptr);
  CHECK(error_of([] { DeepCache(2, {}); }) == "sigmas: want the sigmas of the steps, for deep_cache, got none");
}

TEST_CASE("token merging: what is not merged comes back as it was, in images of any size") {
  for (const auto& [height, width] : {std::pair{4, 6}, {3, 5}, {1, 4}, {5, 1}, {1, 1}}) {
    CAPTURE(height);
    CAPTURE(width);
    const at::Tensor x = at::randn({2, height * width, 8});
    const TokenMerging none(x, height, width, 0), half(x, height, width, 0.5);
    CHECK(at::equal(none.spread(none.merged(x)), x));
    const int staying = (height + 1) / 2 * ((width + 1) / 2), all = height * width;
    CHECK(half.merged(x).size(1) == all - std::min(all / 2, all - staying));
    CHECK(half.spread(half.merged(x)).sizes() == x.sizes());
    CHECK(at::equal(TokenMerging(x, height, width, 0.5).merged(x), half.merged(x)));
  }
}

TEST_CASE("token merging: the most alike are merged first, into their mean") {
  // 2 x 2 places: the second is nearly the first, and only the first stays
  const at::Tensor x = at::tensor({1.0, 0.0, 3.0, 0.1, 0.0, 1.0, -1.0, 0.0}).to(at::kFloat).view({1, 4, 2});
  const TokenMerging one(x, 2, 2, 0.25), all(x, 2, 2, 0.75);
  const at::Tensor y = one.spread(one.merged(x));
  CHECK(relative_error(y, at::tensor({2.0, 0.05, 2.0, 0.05, 0.0, 1.0, -1.0, 0.0}).to(at::kFloat).view({1, 4, 2})) <
        1e-6);
  CHECK(relative_error(all.merged(x), x.mean(1, true)) < 1e-6);
}

TEST_CASE("token merging: attention at the largest size of it changes, and only where it is asked for") {
  const at::NoGradGuard no_grad;
  const auto golden = components();
  const Unet unet(weights(tiny().networks.unet), tiny().unet, kPooledWidth);
  auto conditioning = unet.condition(golden["unet.1.context"], golden["unet.1.pooled"], golden["unet.1.time_ids"]);
  const at::Tensor x = golden["unet.1.x"], exact = unet(x, 500, conditioning);
  conditioning.context.token_merging = 0.5;
  const at::Tensor merged = unet(x, 500, conditioning);
  CHECK_FALSE(at::equal(merged, exact));
  CHECK(relative_error(merged, exact) < 0.5);
  CHECK(at::equal(merged, unet(x, 500, conditioning)));
}

TEST_CASE("unet: settings that do not fit its tensors are refused") {
  CHECK(unet_error(R"({"norm_num_groups": 24})") == "tiny: norm_num_groups: want a divisor of 32 channels, got 24");
  CHECK(unet_error(R"({"attention_head_dim": 3})") == "tiny: attention heads: want a divisor of 64 channels, got 3");
  CHECK(unet_error(R"({"attention_head_dim": [1, 1]})") ==
        R"(unet/config.json: "attention_head_dim": want one number, or one for each of 3 blocks, got [1,1])");
  CHECK(unet_error(R"({"addition_time_embed_dim": 256})") ==
        "tiny: add_embedding: want 128 + 6 * 256 inputs, for the pooled text and six even widths, got 320");
  CHECK(unet_error("{}", 101) ==
        "tiny: add_embedding: want 101 + 6 * 36 inputs, for the pooled text and six even widths, got 320");
}

TEST_CASE("unet: blocks that do not match are refused") {
  const ModelLayout model = tiny();
  TensorSources sources = model.networks.unet;
  std::erase_if(sources, [](const auto& tensor) { return tensor.first.starts_with("up_blocks.2.resnets.2."); });
  CHECK(error_of([&] { Unet(weights(sources), model.unet, kPooledWidth); }) ==
        "tiny: up_blocks: want 9 resnets, one for each output of down_blocks, and no upsampler after the last, got 8");
}

TEST_CASE("autoencoder: decodes and encodes as diffusers' does") {
  const at::NoGradGuard no_grad;
  const auto golden = components();
  for (const ModelConfig& config : {tiny().vae, ModelConfig("none")}) {
    const Autoencoder autoencoder(weights(tiny().networks.vae), config);
    CHECK(autoencoder.factor() == 8);
    CHECK(relative_error(autoencoder.decode(golden["vae.latents"]), golden["vae.decoded"]) < kTolerance);
    CHECK(relative_error(autoencoder.moments(golden["vae.image"]), golden["vae.moments"]) < kTolerance);
  }
}

TEST_CASE("autoencoder: scaling follows its config, and back") {
  const at::Tensor x = components()["vae.latents"];
  const auto with = [](const std::string& json) {
    return Autoencoder(weights(tiny().networks.vae), ModelConfig::parse(json, "vae/config.json"));
  };
  CHECK(relative_error(with("{}").unscaled(x), x.div(0.13025)) < 1e-6);
  const Autoencoder plain = with(R"({"scaling_factor": 0.5})");
  CHECK(relative_error(plain.unscaled(x), x.mul(2)) < 1e-6);
  CHECK(relative_error(plain.scaled(plain.unscaled(x)), x) < 1e-6);
  const Autoencoder whitened =
      with(R"({"scaling_factor": 0.5, "latents_mean": [1, 1, 1, 1], "latents_std": [3, 3, 3, 3]})");
  CHECK(relative_error(whitened.unscaled(x), x.mul(6).add(1)) < 1e-6);
  CHECK(relative_error(whitened.scaled(whitened.unscaled(x)), x) < 1e-6);
  CHECK(error_of([&] { with(R"({"latents_mean": [1], "latents_std": [1]})"); }) ==
        R"(vae/config.json: "latents_mean": want 4 numbers, got [1])");
}

TEST_CASE("autoencoder: only float16 is too small for one that must be upcast") {
  const auto chosen = [](at::ScalarType type, const char* json) {
    return std::string(c10::toString(vae_dtype(type, ModelConfig::parse(json, "vae/config.json"))));
  };
  CHECK(chosen(at::kHalf, "{}") == "Float");
  CHECK(chosen(at::kHalf, R"({"force_upcast": false})") == "Half");
  CHECK(chosen(at::kBFloat16, "{}") == "BFloat16");
}
