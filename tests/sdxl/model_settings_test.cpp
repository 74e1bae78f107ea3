// What the configs of a model say and its tensors do not.
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>

#include "family_models.h"
#include "sdxl/tiny_model.h"

using namespace calotype;
using namespace calotype::sdxl;

namespace {

const std::string kFile = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";

/// Of the tiny folder with `to` for `from` in one of its files.
std::string error_with(const std::string& file, const std::string& from, const std::string& to) {
  const Copy copy;
  copy.replace(file, from, to);
  return copy.error();
}

std::string unet_error(const std::string& from, const std::string& to) {
  return error_with("unet/config.json", from, to);
}

std::string single_file_error(const NamedTensors& more) {
  const TemporaryFolder folder;
  NamedTensors all = read_tensors(kFile);
  for (const auto& [name, tensor] : more) all[name] = tensor;
  const std::string path = folder.path("x.safetensors");
  write_tensors(path, all);
  return error_of(path, [&] { describe<SingleFileLoader>(path); });
}

}  // namespace

TEST_CASE("settings: what a UNet's config says of its tensors is what they are") {
  const std::string unet = "ROOT/unet/config.json: ";
  CHECK(unet_error("\"in_channels\": 4", "\"in_channels\": 9") ==
        unet + R"("in_channels": want 4, as the tensors have, got 9)");
  CHECK(unet_error("\"out_channels\": 4", "\"out_channels\": 8") ==
        unet + R"("out_channels": want 4, as the tensors have, got 8)");
  CHECK(unet_error("\"conv_in_kernel\": 3", "\"conv_in_kernel\": 1") ==
        unet + R"("conv_in_kernel": want 3, as the tensors have, got 1)");
  CHECK(unet_error("\"conv_out_kernel\": 3", "\"conv_out_kernel\": 5") ==
        unet + R"("conv_out_kernel": want 3, as the tensors have, got 5)");
  CHECK(unet_error("\"cross_attention_dim\": 192", "\"cross_attention_dim\": 2048") ==
        unet + R"("cross_attention_dim": want 192, as the tensors have, got 2048)");
  CHECK(unet_error("\"time_cond_proj_dim\": null", "\"time_cond_proj_dim\": 256") ==
        unet + R"("time_cond_proj_dim": want 0, as the tensors have, got 256)");
  CHECK(unet_error("_input_dim\": 320", "_input_dim\": 2816") ==
        unet + R"("projection_class_embeddings_input_dim": want 320, as the tensors have, got 2816)");
  CHECK(unet_error("UNetMidBlock2DCrossAttn", "UNetMidBlock2D") ==
        unet + R"("mid_block_type": want "UNetMidBlock2DCrossAttn", as the tensors have, got "UNetMidBlock2D")");
  CHECK(unet_error("\"layers_per_block\": 2", "\"layers_per_block\": 1") ==
        unet + R"("layers_per_block": want [2,2,2], as the tensors have, got 1)");
  CHECK(unet_error("32,\n    64,\n    64", "32,\n    64,\n    128") ==
        unet + R"("block_out_channels": want [32,64,64], as the tensors have, got [32,64,128])");
  CHECK(unet_error("1,\n    1,\n    2\n", "1,\n    1,\n    1\n") ==
        unet + R"("transformer_layers_per_block": want [1,1,2], as the tensors have, got [1,1,1])");
  CHECK(unet_error("\"DownBlock2D\"", "\"AttnDownBlock2D\"") ==
        unet + R"("down_block_types": want ["DownBlock2D","CrossAttnDownBlock2D","CrossAttnDownBlock2D"], as )"
               R"(the tensors have, got ["AttnDownBlock2D","CrossAttnDownBlock2D","CrossAttnDownBlock2D"])");
}

TEST_CASE("settings: a UNet of another kind is refused before a weight is read") {
  const std::string unet = "ROOT/unet/config.json: ";
  CHECK(unet_error("\"resnet_time_scale_shift\": \"default\"", "\"resnet_time_scale_shift\": \"scale_shift\"") ==
        unet + R"("resnet_time_scale_shift": want "default", got "scale_shift")");
  CHECK(unet_error("\"class_embed_type\": null", "\"class_embed_type\": \"timestep\"") ==
        unet + R"("class_embed_type": want nothing, got "timestep")");
  CHECK(unet_error("\"num_class_embeds\": null", "\"num_class_embeds\": 7") ==
        unet + R"("num_class_embeds": want nothing, got 7)");
  CHECK(unet_error("\"dual_cross_attention\": false", "\"dual_cross_attention\": true") ==
        unet + R"("dual_cross_attention": want false, got true)");
}

TEST_CASE("settings: what the other networks' configs say of their tensors is what they are") {
  const auto vae = [](const char* from, const char* to) { return error_with("vae/config.json", from, to); };
  CHECK(vae("\"latent_channels\": 4", "\"latent_channels\": 16") ==
        R"(ROOT/vae/config.json: "latent_channels": want 4, as the tensors have, got 16)");
  CHECK(vae("\"use_quant_conv\": true", "\"use_quant_conv\": false") ==
        R"(ROOT/vae/config.json: "use_quant_conv": want true, as the tensors have, got false)");
  CHECK(vae("\"mid_block_add_attention\": true", "\"mid_block_add_attention\": false") ==
        R"(ROOT/vae/config.json: "mid_block_add_attention": want true, as the tensors have, got false)");
  CHECK(vae("\"shift_factor\": null", "\"shift_factor\": 0.1159") ==
        R"(ROOT/vae/config.json: "shift_factor": want nothing, got 0.1159)");
  CHECK(error_with("text_encoder/config.json", "\"hidden_size\": 64", "\"hidden_size\": 768") ==
        R"(ROOT/text_encoder/config.json: "hidden_size": want 64, as the tensors have, got 768)");
  CHECK(error_with("text_encoder_2/config.json", "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 3") ==
        R"(ROOT/text_encoder_2/config.json: "num_hidden_layers": want 4, as the tensors have, got 3)");
}

TEST_CASE("settings: a scheduler of another kind of noise is refused") {
  const auto error = [](const char* from, const char* to) {
    return error_with("scheduler/scheduler_config.json", from, to);
  };
  const std::string scheduler = "ROOT/scheduler/scheduler_config.json: ";
  CHECK(error("\"use_beta_sigmas\"", "\"use_flow_sigmas\": true, \"use_beta_sigmas\"") ==
        scheduler + R"("use_flow_sigmas": want false, as SDXL's networks are of no flow, got true)");
  CHECK(error("\"use_beta_sigmas\"", "\"use_dynamic_shifting\": true, \"use_beta_sigmas\"") ==
        scheduler + R"("use_dynamic_shifting": want false, as SDXL's networks are of no flow, got true)");
  CHECK(error("\"timestep_type\": \"discrete\"", "\"timestep_type\": \"continuous\"") ==
        scheduler + R"("timestep_type": want "discrete", got "continuous")");
}

TEST_CASE("settings: a model that reads no aesthetic score cannot require one") {
  CHECK(error_with("model_index.json", "{", "{\"requires_aesthetics_score\": true,") ==
        R"(ROOT/model_index.json: "requires_aesthetics_score": want false, as the UNet reads six )"
        "numbers beside the text and not five, got true");
}

TEST_CASE("settings: a limit of the sigmas that nothing reads is refused") {
  const at::Tensor one = at::ones({1});
  CHECK(single_file_error({{"edm_sigma_max", one}}) ==
        R"(ROOT: want tensors of an SDXL checkpoint, got "edm_sigma_max")");
  CHECK(single_file_error({{"edm_vpred.sigma_min", one}}) ==
        R"(ROOT: tensor "edm_vpred.sigma_min": want "edm_vpred.sigma_max" beside it, got none)");
  CHECK(single_file_error({{"edm_mean", at::ones({4})}}) ==
        R"(ROOT: tensor "edm_mean": want "edm_std" beside it, got none)");
  CHECK(single_file_error({{"edm_mean", at::ones({4})}, {"edm_std", at::ones({4})}, {"edm_vpred.sigma_max", one}}) ==
        R"(ROOT: want tensors "edm_mean" or "edm_vpred.sigma_max", got both)");
}

TEST_CASE("parts: a UNet for another text is named itself") {
  const FamilyModels models;
  const std::string refiner = models.file("refiner");
  CHECK(error_of(refiner, [&] { describe<SingleFileLoader>(kFile, {.unet = refiner}); }) ==
        "ROOT: unet: want attentions for text with a width of 192, as the text encoders of " + kFile +
            " have, got 128");
}

TEST_CASE("parts: a VAE of other latents is named itself") {
  const TemporaryFolder folder;
  NamedTensors vae = read_tensors(kTinyFolder + "/vae/diffusion_pytorch_model.safetensors");
  for (const char* name : {"encoder.conv_out", "quant_conv", "post_quant_conv"})
    for (const char* kind : {".weight", ".bias"}) {
      at::Tensor& tensor = vae[std::string(name) + kind];
      tensor = at::cat({tensor, tensor});
    }
  for (const char* name : {"quant_conv.weight", "post_quant_conv.weight", "decoder.conv_in.weight"})
    vae[name] = at::cat({vae[name], vae[name]}, 1);
  const std::string path = folder.path("vae.safetensors");
  write_tensors(path, vae);
  CHECK(error_of(path, [&] { describe<SingleFileLoader>(kFile, {.vae = path}); }) ==
        "ROOT: vae: want latents of 4, as the UNet of " + kFile + " makes, got 8");
}

TEST_CASE("parts: a text encoder of another width is named itself") {
  const std::string second = kTinyFolder + "/text_encoder_2/model.safetensors";
  CHECK(error_of(second, [&] { describe<SingleFileLoader>(kFile, {.text_encoder = second}); }) ==
        "ROOT: text_encoder: want a width of 64, as the UNet of " + kFile + " reads, got 128");
  const TemporaryFolder folder;
  NamedTensors narrow = read_tensors(kTinyFolder + "/text_encoder/model.safetensors");
  narrow["text_projection.weight"] = at::ones({64, 64}).to(at::kHalf);
  const std::string path = folder.path("narrow.safetensors");
  write_tensors(path, narrow);
  CHECK(error_of(path, [&] { describe<SingleFileLoader>(kFile, {.text_encoder_2 = path}); }) ==
        "ROOT: text_encoder_2: want a width of 128, as the UNet of " + kFile + " reads, got 64");
}
