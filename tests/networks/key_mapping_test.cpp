#include "networks/files/key_mapping.h"

#include <ATen/ops/equal.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include "networks/ops/weight_loading.h"
#include "sdxl/layouts.h"
#include "temporary_folder.h"

using namespace calotype;
using namespace calotype::networks;

namespace {

/// Both have the same tensors, bit for bit.
void check_equal(const TensorSources& folder, const TensorSources& file, const char* network) {
  CAPTURE(network);
  const Weights theirs = load_weights(folder, at::kCPU, at::kHalf, "folder"),
                ours = load_weights(file, at::kCPU, at::kHalf, "file");
  CHECK(folder.size() == file.size());
  for (const auto& [name, source] : folder) {
    CAPTURE(name);
    const at::Tensor a = theirs[name], b = ours.find(name);
    REQUIRE(b.defined());
    const bool same = a.sizes() == b.sizes() && at::equal(a, b) && b.is_contiguous();
    CHECK(same);
  }
}

void check_equal(const std::string& folder, const std::string& file) {
  const ModelLayout a = sdxl::find_diffusers_folder(folder, "auto"), b = sdxl::find_single_file(file);
  check_equal(a.networks.unet, b.networks.unet, "unet");
  check_equal(a.networks.vae, b.networks.vae, "vae");
  check_equal(a.networks.text_encoder, b.networks.text_encoder, "text_encoder");
  check_equal(a.networks.text_encoder_2, b.networks.text_encoder_2, "text_encoder_2");
}

/// One number for each name.
std::string checkpoint(const std::vector<std::string>& names) {
  std::string header;
  for (size_t i = 0; i < names.size(); ++i)
    header += (i ? ",\"" : "{\"") + names[i] + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" + std::to_string(i) +
              "," + std::to_string(i + 1) + "]}";
  return safetensors(header + "}", names.size());
}

Networks named(const std::vector<std::string>& names) {
  const TemporaryFolder folder;
  return name_checkpoint_tensors(SafetensorsFile(folder.write("c.safetensors", checkpoint(names))),
                                 sdxl::family().names, "c.safetensors");
}

std::string unet_name(const std::string& name) {
  // two resnets a level, as the third block being a downsampler tells
  const std::string u = "model.diffusion_model.", blocks = u + "input_blocks.";
  const auto unet = named({blocks + "1.0.in_layers.0.weight", blocks + "2.0.in_layers.0.weight", u + name}).unet;
  for (const auto& [found, source] : unet)
    if (found != "down_blocks.0.resnets.0.norm1.weight" && found != "down_blocks.0.resnets.1.norm1.weight")
      return found;
  return "";
}

}  // namespace

TEST_CASE("tensor names: the tiny model's single file has the tensors of its folder") {
  check_equal(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers", CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors");
}

TEST_CASE("tensor names: levels and layers of the UNet are counted, not assumed") {
  CHECK(unet_name("input_blocks.3.0.op.bias") == "down_blocks.0.downsamplers.0.conv.bias");
  CHECK(unet_name("input_blocks.14.0.skip_connection.bias") == "down_blocks.4.resnets.1.conv_shortcut.bias");
  CHECK(unet_name("input_blocks.8.1.transformer_blocks.9.attn2.to_k.weight") ==
        "down_blocks.2.attentions.1.transformer_blocks.9.attn2.to_k.weight");
  CHECK(unet_name("output_blocks.5.2.conv.weight") == "up_blocks.1.upsamplers.0.conv.weight");
  CHECK(unet_name("output_blocks.11.1.conv.weight") == "up_blocks.3.upsamplers.0.conv.weight");
  CHECK(unet_name("middle_block.2.out_layers.3.weight") == "mid_block.resnets.1.conv2.weight");
  CHECK(unet_name("middle_block.1.proj_in.weight") == "mid_block.attentions.0.proj_in.weight");
  CHECK(unet_name("label_emb.0.2.bias") == "add_embedding.linear_2.bias");
}

TEST_CASE("tensor names: levels of the autoencoder are counted, the decoder's from the other end") {
  const std::string v = "first_stage_model.";
  const auto vae = named({v + "decoder.up.0.block.0.norm1.weight", v + "decoder.up.1.block.0.norm1.weight",
                          v + "encoder.down.1.downsample.conv.bias", v + "decoder.mid.attn_1.proj_out.bias",
                          v + "encoder.mid.block_2.norm2.bias"})
                       .vae;
  CHECK(vae.contains("decoder.up_blocks.1.resnets.0.norm1.weight"));
  CHECK(vae.contains("decoder.up_blocks.0.resnets.0.norm1.weight"));
  CHECK(vae.contains("encoder.down_blocks.1.downsamplers.0.conv.bias"));
  CHECK(vae.contains("decoder.mid_block.attentions.0.to_out.0.bias"));
  CHECK(vae.contains("encoder.mid_block.resnets.1.norm2.bias"));
}

TEST_CASE("tensor names: what checkpoints carry besides is stepped over") {
  const auto n = named({"model_ema.decay", "denoiser.sigmas", "v_pred", "ztsnr", "alphas_cumprod",
                        "conditioner.embedders.0.transformer.text_model.embeddings.position_ids",
                        "conditioner.embedders.1.model.logit_scale"});
  CHECK(n.unet.size() + n.vae.size() + n.text_encoder.size() + n.text_encoder_2.size() == 0);
}

TEST_CASE("tensor names: unknown tensors are an error that names the first") {
  CHECK_THROWS_WITH_AS(named({"b", "a", "model.diffusion_model.input_blocks.x.weight",
                              "model.diffusion_model.out.1.weight", "first_stage_model.up"}),
                       R"(c.safetensors: want tensors of an SDXL checkpoint, got "a", "b", )"
                       R"("first_stage_model.up" and 2 more)",
                       calotype::Error);
  CHECK_THROWS_WITH_AS(named({"model.diffusion_model.output_blocks.99999999999999.0.in_layers.0.weight"}),
                       R"(c.safetensors: want tensors of an SDXL checkpoint, got )"
                       R"("model.diffusion_model.output_blocks.99999999999999.0.in_layers.0.weight")",
                       calotype::Error);
}

TEST_CASE("weights: types that are no floats are refused by name") {
  const auto n = named({"first_stage_model.quant_conv.weight"});
  CHECK_THROWS_WITH_AS(load_weights(n.vae, at::kCPU, at::kFloat, "c: vae"),
                       R"(c: vae: tensor "quant_conv.weight": type of weights: want F16, BF16, F32, F64, )"
                       "F8_E4M3 or F8_E5M2, got U8",
                       calotype::Error);
}

TEST_CASE("weights: a tensor at an odd address is read all the same") {
  const TemporaryFolder folder;
  std::string bytes = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 0);
  CHECK(bytes.size() % 4 != 0);
  const float values[] = {1.5f, -2.f};
  bytes.append(reinterpret_cast<const char*>(values), 8);
  const SafetensorsFile file(folder.write("a.safetensors", bytes));
  const auto& a = file.tensors().at("a");
  const at::Tensor t = load_weights({{"a", {a.dtype, a.shape, a.data}}}, at::kCPU, at::kFloat, "a")["a"];
  CHECK(t[0].item<float>() == 1.5f);
  CHECK(t[1].item<float>() == -2.f);
}

TEST_CASE("weights: missing tensors, parts and counts") {
  auto map = std::make_shared<Weights::Map>();
  for (const char* name : {"a.0.w", "a.1.w", "a.3.w", "ab.w"}) map->emplace(name, at::Tensor());
  const Weights weights(map, "f: unet");
  CHECK(weights.count("a") == 2);
  CHECK(weights.has("a.3"));
  CHECK_FALSE(weights.has("a.2"));
  CHECK_FALSE(weights.has("a.3.w.x"));
  CHECK_THROWS_WITH_AS(weights.at("a").at("2")["w"], R"(f: unet: tensor "a.2.w" is missing)", calotype::Error);
}
