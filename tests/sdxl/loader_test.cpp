#include "sdxl/loader.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>

#include "networks/files/safetensors.h"
#include "sdxl/tiny_model.h"

using namespace calotype;
using namespace calotype::networks;
using namespace calotype::sdxl;
namespace fs = std::filesystem;

namespace {

const std::string kFolder = kTinyFolder, kFile = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kDemo = CALOTYPE_SOURCE "/configs/demo_model/demo.safetensors";

/// One call of each part of the model.
at::Tensor image(Model& model) {
  Request request;
  request.prompt = "a red cat";
  request.width = request.height = 32;
  const auto denoiser = model.condition(request, {});
  const at::Tensor x = at::full(model.latents_shape(32, 32), 0.5, at::kFloat);
  return model.decode(denoiser->denoise(x, 2.0));
}

}  // namespace

TEST_CASE("loader: a folder is described without its weights") {
  const auto d = describe<DiffusersLoader>(kFolder);
  CHECK(d.family == "sdxl");
  CHECK(d.layout == "diffusers folder");
  CHECK(d.prediction == "epsilon");
  CHECK(d.training_sigmas.size() == 1000);
  CHECK(d.width == 128);
  CHECK(d.height == 128);
  REQUIRE(d.components.size() == 4);
  CHECK(d.components[0].name == "unet");
  CHECK(d.components[0].dtype == "F16");
  CHECK(d.components[0].bytes == uint64_t(d.components[0].parameters) * 2);
}

TEST_CASE("loader: a single file is described like its folder; without a config it is for 1024 pixels") {
  const auto a = describe<DiffusersLoader>(kFolder), b = describe<SingleFileLoader>(kFile);
  CHECK(b.layout == "single file");
  CHECK(b.width == 1024);
  CHECK(a.training_sigmas == b.training_sigmas);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(a.components[i].name == b.components[i].name);
    CHECK(a.components[i].parameters == b.components[i].parameters);
    CHECK(a.components[i].bytes == b.components[i].bytes);
  }
}

TEST_CASE("loader: a config inside the single file is followed" * doctest::skip(!fs::exists(kDemo))) {
  const auto d = describe<SingleFileLoader>(kDemo);
  CHECK(d.width == 128);
  CHECK(d.components[0].parameters == 2'697'540);
  CHECK(d.components[1].parameters == 391'687);
  CHECK(d.components[2].parameters == 270'016);
  CHECK(d.components[3].parameters == 617'856);
  CHECK(image(*load<SingleFileLoader>(kDemo)).isfinite().all().item<bool>());
}

TEST_CASE("loader: both layouts draw the same image, bit for bit, in every type") {
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor a = image(*load<DiffusersLoader>(kFolder, {}, dtype)),
                     b = image(*load<SingleFileLoader>(kFile, {}, dtype));
    const bool same = at::equal(a, b) && a.isfinite().all().item<bool>() && a.std().item<double>() > 0;
    CHECK(same);
  }
}

TEST_CASE("loader: settings go before the model's own config") {
  const auto d = describe<DiffusersLoader>(kFolder, {.prediction_type = "v_prediction", .zero_terminal_snr = "yes"});
  CHECK(d.prediction == "v_prediction");
  CHECK(d.training_sigmas.back() == doctest::Approx(4096));
}

TEST_CASE("loader: v_pred and ztsnr in a single file tell its prediction and sigmas") {
  std::ifstream in(kFile, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  const std::string extra = R"("v_pred":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                            R"("ztsnr":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)";
  bytes.insert(9, extra);
  length += extra.size();
  std::memcpy(bytes.data(), &length, 8);
  const TemporaryFolder folder;
  const std::string path = folder.write("v.safetensors", bytes);
  CHECK(describe<SingleFileLoader>(path).prediction == "v_prediction");
  CHECK(describe<SingleFileLoader>(path).training_sigmas.back() == doctest::Approx(4096));
  CHECK(describe<SingleFileLoader>(path, {.prediction_type = "epsilon", .zero_terminal_snr = "no"}).prediction ==
        "epsilon");
  CHECK(describe<SingleFileLoader>(path, {.zero_terminal_snr = "no"}).training_sigmas.back() < 15);
}

TEST_CASE("loader: fp16 variants") {
  const Copy copy;
  copy.rename("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.fp16.safetensors");
  CHECK(copy.error() == "");
  CHECK(copy.error({.variant = "none"}) ==
        "ROOT/unet: weights: want diffusion_pytorch_model.safetensors, got diffusion_pytorch_model.fp16.safetensors");
  CHECK(copy.error({.variant = "fp16"}) ==
        "ROOT/vae: weights: want diffusion_pytorch_model.fp16.safetensors, got diffusion_pytorch_model.safetensors");
}

TEST_CASE("loader: shards are read by their index") {
  const Copy copy;
  const std::string text = "text_encoder/", index = text + "model.safetensors.index.json";
  copy.rename(text + "model.safetensors", text + "all.safetensors");
  std::string map;
  const networks::SafetensorsFile file(copy.path(text + "all.safetensors"));
  for (const auto& [name, t] : file.tensors()) map += (map.empty() ? "\"" : ",\"") + name + R"(":"all.safetensors")";
  copy.folder.write(index, R"({"weight_map":{)" + map + "}}");
  CHECK(copy.error() == "");
  CHECK(describe<DiffusersLoader>(copy.path()).components[2].parameters ==
        describe<DiffusersLoader>(kFolder).components[2].parameters);

  copy.folder.write(index, R"({"weight_map":{"x":"all.safetensors"}})");
  CHECK(copy.error() ==
        R"(ROOT/text_encoder/model.safetensors.index.json: tensor "x": want it in all.safetensors, got none there)");
  const std::string first = file.tensors().begin()->first, second = std::next(file.tensors().begin())->first;
  copy.folder.write(index, R"({"weight_map":{")" + first + R"(":"all.safetensors"}})");
  CHECK(copy.error() == "ROOT/text_encoder/all.safetensors: tensor \"" + second +
                            "\": want it where model.safetensors.index.json says, got it in this shard");
  copy.folder.write(index, "{}");
  CHECK(
      copy.error() ==
      R"(ROOT/text_encoder/model.safetensors.index.json: want a "weight_map" with the shard of each tensor, got none)");
}

TEST_CASE("loader: text encoders' names may lack text_model, merges may be in tokenizer.json") {
  const Copy copy;
  const at::Tensor expected = image(*load<DiffusersLoader>(copy.path()));
  // the name in the header becomes shorter, spaces make up for it
  std::stringstream text;
  text << std::ifstream(copy.path("text_encoder/model.safetensors"), std::ios::binary).rdbuf();
  std::string bytes = text.str();
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  std::string header = bytes.substr(8, length);
  for (size_t at; (at = header.find("text_model.")) != header.npos;) header.erase(at, 11);
  header.resize(length, ' ');
  copy.folder.write("text_encoder/model.safetensors", bytes.replace(8, length, header));

  for (const bool pairs : {false, true}) {
    std::ifstream merges(kFolder + "/tokenizer/merges.txt");
    std::string rules;
    const auto escaped = [](std::string s) {
      for (size_t at = 0; (at = s.find_first_of("\"\\", at)) != s.npos; at += 2) s.insert(at, "\\");
      return '"' + s + '"';
    };
    for (std::string line; std::getline(merges, line);) {
      if (line.empty() || line.starts_with("#version")) continue;
      const auto space = line.find(' ');
      rules +=
          (rules.empty() ? "" : ",") +
          (pairs ? "[" + escaped(line.substr(0, space)) + "," + escaped(line.substr(space + 1)) + "]" : escaped(line));
    }
    fs::remove(copy.path("tokenizer/merges.txt"));
    copy.folder.write("tokenizer/tokenizer.json", R"({"model":{"merges":[)" + rules + "]}}");
    CHECK(at::equal(image(*load<DiffusersLoader>(copy.path())), expected));
  }
  copy.folder.write("tokenizer/tokenizer.json", R"({"model":{"merges":[1]}})");
  CHECK(copy.load_error() ==
        R"(ROOT/tokenizer/tokenizer.json: model: "merges": want rules as "a b" or ["a","b"], got [1])");
  fs::remove(copy.path("tokenizer/tokenizer.json"));
  CHECK(copy.load_error() == "ROOT/tokenizer: want merges.txt or tokenizer.json, got neither");
}
