#include "sdxl/tiny_model.h"

using namespace calotype;
using namespace calotype::sdxl;
namespace fs = std::filesystem;

namespace {

std::string single_file_error(const std::string& header, size_t bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("x.safetensors", safetensors(header, bytes));
  return error_of(path, [&] { describe<SingleFileLoader>(path); });
}
std::string error_with_tensor(const std::string& name) {
  return single_file_error("{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1);
}

}  // namespace

TEST_CASE("loader: a shard's name cannot lead out of the folder") {
  const Copy copy;
  fs::remove(copy.path("unet/diffusion_pytorch_model.safetensors"));
  for (const std::string name :
       {"../x.safetensors", "/x.safetensors", "a/b.safetensors", "..safetensors", "a\\\\b.safetensors", "x.bin", ""}) {
    copy.folder.write("unet/diffusion_pytorch_model.safetensors.index.json", R"({"weight_map":{"w":")" + name + "\"}}");
    CHECK(copy.error().find(": want the plain name of a .safetensors file, got ") != std::string::npos);
  }
}

TEST_CASE("loader: other pipelines and other networks are refused") {
  const Copy copy;
  copy.replace("model_index.json", "StableDiffusionXLPipeline", "FluxPipeline");
  CHECK(copy.error() == R"(ROOT/model_index.json: "_class_name": want StableDiffusionXLPipeline, got "FluxPipeline")");
  copy.replace("model_index.json", "FluxPipeline", "StableDiffusionXLPipeline");
  copy.replace("model_index.json", "AutoencoderKL", "AutoencoderTiny");
  CHECK(copy.error() == R"(ROOT/model_index.json: component "vae": want AutoencoderKL, got "AutoencoderTiny")");
  copy.replace("model_index.json", "AutoencoderTiny", "AutoencoderKL");
  copy.replace("model_index.json", "\"text_encoder_2\"", "\"other\"");
  CHECK(copy.error() ==
        R"(ROOT/model_index.json: component "text_encoder_2": want CLIPTextModelWithProjection, got none)");
}

TEST_CASE("loader: what a folder lacks is named") {
  const Copy copy;
  fs::remove_all(copy.path("tokenizer_2"));
  CHECK(copy.error() == R"(ROOT/tokenizer_2: want the component "tokenizer_2", got no such folder)");
  fs::remove(copy.path("vae/diffusion_pytorch_model.safetensors"));
  CHECK(copy.error() == "ROOT/vae: weights: want diffusion_pytorch_model.safetensors, got none");
  fs::remove(copy.path("vae/config.json"));
  CHECK(copy.error() == "ROOT/vae/config.json: cannot be read, No such file or directory");
  fs::remove_all(copy.path("unet"));
  CHECK(copy.error() == R"(ROOT/unet: want the component "unet", got no such folder)");
  fs::remove(copy.path("model_index.json"));
  CHECK(copy.error() == "ROOT/model_index.json: cannot be read, No such file or directory");
}

TEST_CASE("loader: missing tensors are named before any weight is read") {
  const Copy copy;
  copy.folder.write("unet/diffusion_pytorch_model.safetensors", safetensors("{}", 0));
  CHECK(
      copy.error() ==
      R"(ROOT: unet: tensors "add_embedding.linear_1.bias", "add_embedding.linear_1.weight", "add_embedding.linear_2.)"
      "bias\" and 169 more are missing");
}

TEST_CASE("loader: a tensor of another shape than its layer takes is named, before any weight is read") {
  const auto error = [](const std::string& name, const std::string& shape, const std::string& as) {
    const TemporaryFolder folder;
    std::ifstream in(CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const size_t at = bytes.find("[" + shape + "]", bytes.find("\"" + name + "\""));
    REQUIRE(at != bytes.npos);
    std::string other = "[" + as + "]";
    other.resize(shape.size() + 2, ' ');
    bytes.replace(at, other.size(), other);
    const std::string path = folder.write("x.safetensors", bytes);
    return error_of(path, [&] { describe<SingleFileLoader>(path); });
  };
  CHECK(error("model.diffusion_model.out.2.weight", "4,32,3,3", "4,32,9") ==
        R"(ROOT: unet: tensor "model.diffusion_model.out.2.weight": want [4,32,3,3], got [4,32,9])");
  CHECK(error("model.diffusion_model.time_embed.0.weight", "128,32", "4096") ==
        R"(ROOT: unet: tensor "model.diffusion_model.time_embed.0.weight": want [128,32], got [4096])");
  CHECK(error("conditioner.embedders.1.model.token_embedding.weight", "1514,128", "193792") ==
        R"(ROOT: text_encoder_2: tensor "conditioner.embedders.1.model.token_embedding.weight": )"
        "want [49408,128], got [193792]");
}

TEST_CASE("loader: pickles are refused, with the way out") {
  const Copy copy;
  copy.rename("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.bin");
  CHECK(copy.error() ==
        "ROOT/unet: weights: want diffusion_pytorch_model.safetensors, got diffusion_pytorch_model.bin, which can run "
        "code "
        "when it is opened; "
        "convert the model with python -c \"from diffusers import StableDiffusionXLPipeline as P; "
        "P.from_pretrained('FOLDER').save_pretrained('NEW_FOLDER', safe_serialization=True)\"");
  for (const std::string extension : {".ckpt", ".pt", ".pth", ".bin"})
    CHECK(error_of("/m/sdxl", [&] { describe<SingleFileLoader>("/m/sdxl" + extension); }) ==
          "ROOT" + extension + ": want .safetensors, got " + extension +
              ", a pickle, which can run code when it is opened; convert it with python -c \"import torch, "
              "safetensors.torch as s; d = "
              "torch.load('sdxl" +
              extension +
              "', map_location='cpu', weights_only=True); d = d.get('state_dict', d); s.save_file({k: "
              "v.clone().contiguous() "
              "for k, v in d.items() "
              "if hasattr(v, 'shape')}, 'sdxl.safetensors')\"");
}

TEST_CASE("loader: what is no SDXL checkpoint is refused by what it is") {
  const auto wanted = [](const std::string& what) { return "ROOT: want an SDXL checkpoint, got " + what; };
  CHECK(error_with_tensor("lora_unet_x.lora_down.weight") == wanted("a LoRA, which changes a model"));
  CHECK(error_with_tensor("unet.x.lora_A.weight") == wanted("a LoRA, which changes a model"));
  CHECK(error_with_tensor("cond_stage_model.transformer.x") == wanted("a Stable Diffusion 1 checkpoint"));
  CHECK(error_with_tensor("cond_stage_model.model.x") == wanted("a Stable Diffusion 2 checkpoint"));
  CHECK(error_with_tensor("text_encoders.clip_l.x") == wanted("a checkpoint of Stable Diffusion 3, Flux or later"));
  CHECK(error_with_tensor("model.diffusion_model.double_blocks.0.x") == wanted("a Flux model"));
  CHECK(error_with_tensor("model.diffusion_model.joint_blocks.0.x") == wanted("a Stable Diffusion 3 model"));
  CHECK(error_with_tensor("encoder.down.0.x") == wanted("a VAE alone"));
  CHECK(error_with_tensor("down_blocks.0.x") == wanted("a UNet alone, from a diffusers folder"));
  CHECK(error_with_tensor("something") ==
        R"(ROOT: not an SDXL checkpoint, tensor "model.diffusion_model.input_blocks.0.0.weight" is missing)");
  CHECK(single_file_error("{}", 0) ==
        R"(ROOT: not an SDXL checkpoint, tensor "model.diffusion_model.input_blocks.0.0.weight" is missing)");
}
