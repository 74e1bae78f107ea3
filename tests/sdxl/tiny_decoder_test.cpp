// The tiny decoder against diffusers' AutoencoderTiny, tests/data/tiny_decoder, float32 on the CPU; and what is none.
#include "networks/components/tiny_decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "family_models.h"
#include "networks/golden_tensors.h"
#include "networks/layouts/tiny_decoder_file.h"
#include "networks/ops/weight_loading.h"
#include "sdxl/tiny_model.h"

namespace {
using namespace calotype;
using namespace calotype::networks;
using namespace calotype::sdxl;

const std::string kFile = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors",
                  kData = CALOTYPE_TEST_DATA "/tiny_decoder/";

at::Tensor drawn(const std::string& path, const at::Tensor& latents) {
  const at::NoGradGuard no_grad;
  const FoundTinyDecoder found = find_tiny_decoder(path);
  return TinyDecoder(load_weights(found.sources, at::kCPU, at::kFloat, path))(latents);
}

/// What is said of such a file, as `tiny_decoder` of a model.
std::string error(const NamedTensors& tensors) {
  const TemporaryFolder folder;
  const std::string path = folder.path("x.safetensors");
  write_tensors(path, tensors);
  return error_of(path, [&] { describe<SingleFileLoader>(kFile, {.tiny_decoder = path}); });
}
/// A decoder of two channels that does not enlarge, with `changes` in it.
NamedTensors smallest(const NamedTensors& changes = {}) {
  const at::Tensor square = at::ones({2, 2, 3, 3});
  NamedTensors out{{"1.weight", at::ones({2, 4, 3, 3})}, {"3.conv.0.weight", square},
                   {"3.conv.2.weight", square},          {"3.conv.4.weight", square},
                   {"4.weight", at::ones({3, 2, 3, 3})}, {"4.bias", at::ones({3})}};
  for (const char* name : {"1", "3.conv.0", "3.conv.2", "3.conv.4"}) out[std::string(name) + ".bias"] = at::ones({2});
  for (const auto& [name, tensor] : changes) out.insert_or_assign(name, tensor);
  return out;
}
}  // namespace

TEST_CASE("tiny decoder: every layout draws what diffusers' AutoencoderTiny draws") {
  const GoldenTensors golden("../tiny_decoder/golden.safetensors");
  const at::Tensor first = drawn(kData + "diffusers", golden["latents"]);
  CHECK(relative_error(first * 2 - 1, golden["picture"]) < 2e-5);
  for (const char* name : {"decoder.safetensors", "both.safetensors", "comfyui.safetensors",
                           "diffusers/diffusion_pytorch_model.safetensors"}) {
    CAPTURE(name);
    CHECK(at::equal(drawn(kData + name, golden["latents"]), first));
  }
}

TEST_CASE("tiny decoder: a model shows with it, and draws with it where that is asked for") {
  const at::Tensor latents = GoldenTensors("../tiny_decoder/golden.safetensors")["latents"];
  const at::Tensor tiny = drawn(kData + "decoder.safetensors", latents).clamp(0, 1);
  const auto shows = load<SingleFileLoader>(kFile, {.tiny_decoder = kData + "decoder.safetensors"});
  const auto draws = load<DiffusersLoader>(kTinyFolder, {.tiny_decoder = kData + "diffusers", .decoder = "tiny"});
  const auto neither = load<SingleFileLoader>(kFile);
  CHECK(at::equal(shows->preview(latents), tiny));
  CHECK(at::equal(draws->preview(latents), tiny));
  CHECK(at::equal(draws->decode(latents), tiny));
  CHECK(at::equal(shows->decode(latents), neither->decode(latents)));
  // without a tiny decoder, SDXL's linear map: of latents (1, 0, 0, 0) its first factors and its bias
  const at::Tensor one = at::zeros({1, 4, 2, 3});
  one.select(1, 0).fill_(1);
  const at::Tensor shown = neither->preview(one);
  REQUIRE(shown.sizes() == at::IntArrayRef({1, 3, 2, 3}));
  constexpr double kColor[] = {0.3651 + 0.1084, 0.4232 - 0.0175, 0.4341 - 0.0011};
  for (int64_t c = 0; c < 3; ++c)
    CHECK(shown[0][c][1][2].item<double>() == doctest::Approx((kColor[c] + 1) / 2).epsilon(1e-6));
}

TEST_CASE("tiny decoder: a file that is something else is refused by what it is") {
  const at::Tensor one = at::ones({1, 1});
  const auto found = [](const std::string& what) {
    return "ROOT: want TAESD's decoder for \"tiny_decoder\", got " + what;
  };
  CHECK(error({{"x.lora_down.weight", one}}) == found("a LoRA, which changes a model"));
  CHECK(error({{"decoder.up.0.block.0.norm1.weight", one}}) == found("a VAE alone"));
  CHECK(error({{"decoder.up_blocks.0.x", one}}) == found("a VAE alone, from a diffusers folder"));
  CHECK(error({{"model.diffusion_model.out.2.weight", one}}) == found("a whole checkpoint"));
  CHECK(error({{"something", one}}) == found("none of its tensors"));
  const auto message = [](const std::string& path) {
    return error_of(path, [&] { describe<SingleFileLoader>(kFile, {.tiny_decoder = path}); });
  };
  CHECK(message(kData + "encoder.safetensors") == found("TAESD's encoder"));
  CHECK(message(kFile) == found("a Stable Diffusion XL checkpoint"));
  CHECK(message("/none.safetensors") == "ROOT: cannot be read, No such file or directory");
  CHECK(message("/taesdxl_decoder.pth")
            .starts_with("ROOT: want .safetensors, got .pth, a pickle, which can run code when it is opened"));
}

TEST_CASE("tiny decoder: it is refused by name where a model or a VAE is wanted") {
  for (const char* name : {"decoder.safetensors", "encoder.safetensors", "both.safetensors", "comfyui.safetensors",
                           "diffusers/diffusion_pytorch_model.safetensors"}) {
    const std::string path = kData + name;
    CHECK(error_of(path, [&] { describe<SingleFileLoader>(path); }) ==
          "ROOT: want an SDXL checkpoint, got TAESD, a tiny autoencoder");
    CHECK(error_of(path, [&] { describe<SingleFileLoader>(kFile, {.vae = path}); }) ==
          "ROOT: want a VAE of SDXL for \"vae\", got TAESD, a tiny autoencoder");
  }
}

TEST_CASE("tiny decoder: layers that do not fit together, or not the model, are named") {
  CHECK(error(smallest()) == "ROOT: pixels to a latent: want 8, as the model has, got 1");
  CHECK(error(smallest({{"1.weight", at::ones({2, 16, 3, 3})}})) ==
        "ROOT: channels of latents: want 4, as the model has, got 16");
  CHECK(error(smallest({{"3.conv.2.weight", at::ones({2, 5, 3, 3})}})) ==
        R"(ROOT: tensor "3.conv.2.weight": want 2 input channels, got 5)");
  CHECK(error(smallest({{"3.conv.4.weight", at::ones({3, 2, 3, 3})}, {"3.conv.4.bias", at::ones({3})}})) ==
        R"(ROOT: tensor "3.conv.4.weight": want 2 output channels, got 3)");
  CHECK(error(smallest({{"4.weight", at::ones({4, 2, 3, 3})}, {"4.bias", at::ones({4})}})) ==
        R"(ROOT: tensor "4.weight": want the last one, of 3 output channels, got 4)");
  CHECK(error(smallest({{"5.weight", at::ones({3, 3, 3, 3})}})) ==
        R"(ROOT: tensor "4.weight": want the last one, of 3 output channels, got more layers behind it)");
  CHECK(error(smallest({{"3.conv.0.bias", at::ones({1})}})) ==
        R"(ROOT: tensor "3.conv.0.bias": want 2 outputs, as the weight has, got 1)");
  CHECK(error(smallest({{"4.weight", at::ones({0, 2, 3, 3})}})) ==
        R"(ROOT: tensor "4.weight": want no dimension of 0)");
  CHECK(error(smallest({{"1.weight", at::ones({2, 4})}})) ==
        R"(ROOT: tensor "1.weight": want a convolution of 3 x 3, got [2,4])");
  CHECK(error(smallest({{"1.bias", at::ones({2, 1})}})) == R"(ROOT: tensor "1.bias": want 1 dimension, got [2,1])");
  CHECK(error(smallest({{"3.pool.0.weight", at::ones({2})}})) ==
        R"(ROOT: want only the tensors of TAESD's decoder for "tiny_decoder", got "3.pool.0.weight")");
  NamedTensors without = smallest();
  without.erase("3.conv.2.bias");
  CHECK(error(without) == R"(ROOT: tensor "3.conv.2.bias" is missing)");
  NamedTensors cut = smallest();
  cut.erase("4.weight");
  CHECK(error(cut) == R"(ROOT: tensor "4.weight" is missing)");
}

TEST_CASE("tiny decoder: a folder whose config asks for other functions is refused") {
  const TemporaryFolder folder;
  std::filesystem::copy(kData + "diffusers", folder.path(),
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const auto with_config = [&](const std::string& json) {
    folder.write("config.json", json);
    return error_of(folder.path(), [&] { find_tiny_decoder(folder.path()); });
  };
  CHECK(with_config("{}") == "");
  CHECK(with_config(R"({"act_fn": "silu"})") == R"(ROOT/config.json: "act_fn": want relu, got "silu")");
  CHECK(with_config(R"({"upsampling_scaling_factor": 3})") ==
        R"(ROOT/config.json: "upsampling_scaling_factor": want 2, got 3)");
}

TEST_CASE("tiny decoder: to draw with one there must be one") {
  CHECK(error_of(kFile, [&] { describe<SingleFileLoader>(kFile, {.decoder = "tiny"}); }) ==
        "decoder: want tiny_decoder too, got none");
}
