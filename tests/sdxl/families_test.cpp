// The families related to SDXL, their networks and their files: tests/data/families.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <functional>

#include "family_models.h"
#include "networks/components/unet.h"
#include "networks/layouts/noise_schedule.h"
#include "networks/model/denoiser.h"
#include "networks/ops/weight_loading.h"
#include "sdxl/tiny_model.h"

using namespace calotype;
using namespace calotype::networks;
using namespace calotype::sdxl;
namespace fs = std::filesystem;

namespace {

const std::string kFile = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kUnet = "model.diffusion_model.", kVae = "first_stage_model.";

Request request_of(const FamilyModels& models, const std::string& family) {
  const auto& config = models.entry(family)["config"];
  Request request;
  request.prompt = config["prompt"], request.negative_prompt = config["negative_prompt"];
  request.width = config["width"], request.height = config["height"];
  request.guidance_scale = config["guidance_scale"];
  return request;
}

/// max |ours - theirs| over the deviation of theirs
double error(const at::Tensor& ours, const at::Tensor& theirs) {
  return (ours - theirs).abs().max().item<double>() / theirs.std().item<double>();
}

/// One call of each part of the model.
at::Tensor image(Model& model) {
  Request request;
  request.prompt = "a red cat", request.width = request.height = 32;
  return model.decode(
      model.condition(request, {})->denoise(at::full(model.latents_shape(32, 32), 0.5, at::kFloat), 2.0));
}

/// The networks of the tiny SDXL, each in a file of its own, under the original names and those of diffusers.
struct Parts {
  TemporaryFolder folder;
  std::string part(const std::string& name, const std::string& prefix) const {
    NamedTensors out;
    for (const auto& [key, tensor] : read_tensors(kFile))
      if (key.starts_with(prefix)) out[key.substr(prefix.size())] = tensor;
    write_tensors(folder.path(name), out);
    return folder.path(name);
  }
  std::string unet() const { return part("unet.safetensors", kUnet); }
  std::string vae() const { return part("vae.safetensors", kVae); }
  std::string clip() const { return part("clip.safetensors", "conditioner.embedders.0.transformer."); }
  std::string open_clip() const { return part("open_clip.safetensors", "conditioner.embedders.1.model."); }
};

/// The tiny checkpoint with its matrices changed.
std::string changed(const TemporaryFolder& folder,
                    const std::function<void(NamedTensors&, const std::string&, at::Tensor)>& f) {
  NamedTensors out;
  for (const auto& [name, tensor] : read_tensors(kFile))
    if (name.starts_with(kUnet) && name.ends_with(".weight") && tensor.dim() >= 2)
      f(out, name, tensor);
    else
      out[name] = tensor;
  write_tensors(folder.path("changed.safetensors"), out);
  return folder.path("changed.safetensors");
}

}  // namespace

TEST_CASE("families: each is told by its tensors and its schedule, in both layouts") {
  const FamilyModels models;
  const std::map<std::string, std::string> families{{"ssd_1b", "ssd-1b"},
                                                    {"segmind_vega", "segmind vega"},
                                                    {"koala_700m", "koala"},
                                                    {"koala_1b", "koala"},
                                                    {"lcm", "sdxl"},
                                                    {"v_prediction", "sdxl"},
                                                    {"cosxl", "cosxl"},
                                                    {"playground", "playground 2.5"},
                                                    {"inpaint", "sdxl inpaint"},
                                                    {"refiner", "sdxl refiner"}};
  for (const auto& name : models.names()) {
    CAPTURE(name);
    const auto folder = describe<DiffusersLoader>(models.folder(name));
    CHECK(folder.family == families.at(name));
    CHECK(folder.components.size() == (name == "refiner" ? 3 : 4));
    if (!models.has_file(name)) continue;
    const auto file = describe<SingleFileLoader>(models.file(name));
    CHECK(file.family == folder.family);
    CHECK(file.prediction == folder.prediction);
    CHECK(file.training_sigmas.size() == folder.training_sigmas.size());
    CHECK(file.training_sigmas.front() == doctest::Approx(folder.training_sigmas.front()));
    CHECK(file.training_sigmas.back() == doctest::Approx(folder.training_sigmas.back()));
  }
}

TEST_CASE("families: the refiner and the one that fills in give diffusers' clean latents, both halves of guidance") {
  const FamilyModels models;
  const NamedTensors goldens = [] {
    NamedTensors out;
    const SafetensorsFile file(CALOTYPE_TEST_DATA "/families/goldens.safetensors");
    for (const auto& [name, t] : file.tensors())
      if (t.dtype == "F32")
        out[name] = load_weights({{name, {t.dtype, t.shape, t.data}}}, at::kCPU, at::kFloat, "")[name];
    return out;
  }();
  for (const std::string name : {"refiner", "inpaint"}) {
    const auto golden = [&](const std::string& part) {
      const auto found = goldens.find(name + "." + part);
      return found == goldens.end() ? at::Tensor() : found->second;
    };
    for (const bool is_folder : {true, false}) {
      CAPTURE(name);
      const auto model =
          is_folder ? load<DiffusersLoader>(models.folder(name)) : load<SingleFileLoader>(models.file(name));
      const at::Tensor ours = model->condition(request_of(models, name), {}, golden("extra"))
                                  ->denoise(golden("x"), golden("sigma").item<float>());
      MESSAGE(name << ": " << error(ours, golden("denoised")) << " of their standard deviation");
      CHECK(error(ours, golden("denoised")) <= 1e-3);
    }
  }
}

TEST_CASE("families: a name's words give a hint and no more") {
  const TemporaryFolder folder;
  const auto usage = [&](const std::string& name) {
    fs::copy_file(kFile, folder.path(name));
    const auto d = describe<SingleFileLoader>(folder.path(name));
    CHECK(d.family == "sdxl");
    return d.usage;
  };
  CHECK(usage("juggernaut-xl-lightning.safetensors") ==
        "its name says lightning: scheduler sgm_uniform, sampler euler, 4 to 8 steps, guidance_scale 1 to 2");
  CHECK(usage("DreamShaperXL_Turbo_v2.safetensors") == "its name says turbo: 4 to 8 steps, guidance_scale 1 to 2");
  CHECK(usage("turbine.safetensors") == "");
}

TEST_CASE("parts: each network may come from a file or folder of its own, under either kind of names") {
  const Parts parts;
  const at::Tensor expected = image(*load<SingleFileLoader>(kFile));
  const auto same = [&](Choices choices) {
    const bool equal = at::equal(image(*load<SingleFileLoader>(kFile, choices)), expected) &&
                       at::equal(image(*load<DiffusersLoader>(kTinyFolder, choices)), expected);
    return equal;
  };
  const std::string stem = "/diffusion_pytorch_model.safetensors";
  for (const auto& path : {parts.vae(), kTinyFolder + "/vae" + stem, kTinyFolder + "/vae", kTinyFolder, kFile})
    CHECK(same({.vae = path}));
  for (const auto& path : {parts.unet(), kTinyFolder + "/unet" + stem, kTinyFolder + "/unet", kTinyFolder, kFile})
    CHECK(same({.unet = path}));
  for (const auto& path : {parts.clip(), kTinyFolder + "/text_encoder", kTinyFolder, kFile})
    CHECK(same({.text_encoder = path}));
  for (const auto& path : {parts.open_clip(), kTinyFolder + "/text_encoder_2/model.safetensors", kTinyFolder, kFile})
    CHECK(same({.text_encoder_2 = path}));
}

TEST_CASE("parts: another VAE draws another image, and only the VAE's part of it") {
  const TemporaryFolder folder;
  NamedTensors vae = read_tensors(kTinyFolder + "/vae/diffusion_pytorch_model.safetensors");
  vae["decoder.conv_out.bias"] = vae["decoder.conv_out.bias"] + 0.25;
  write_tensors(folder.path("vae.safetensors"), vae);
  const auto model = load<SingleFileLoader>(kFile),
             other = load<SingleFileLoader>(kFile, {.vae = folder.path("vae.safetensors")});
  const at::Tensor latents = at::randn(model->latents_shape(32, 32)) * 0.1;
  const at::Tensor difference = other->decode(latents) - model->decode(latents);
  CHECK(difference.max().item<double>() == doctest::Approx(0.125).epsilon(0.01));
}

TEST_CASE("parts: a UNet alone is a model with the rest beside it") {
  const Parts parts;
  const Choices rest{.vae = parts.vae(), .text_encoder = parts.clip(), .text_encoder_2 = parts.open_clip()};
  const at::Tensor expected = image(*load<SingleFileLoader>(kFile));
  for (const auto& path : {parts.unet(), kTinyFolder + "/unet/diffusion_pytorch_model.safetensors"}) {
    const bool equal = at::equal(image(*load<SingleFileLoader>(path, rest)), expected);
    CHECK(equal);
    CHECK(error_of(path, [&] {
            describe<SingleFileLoader>(path);
          }).starts_with("ROOT: want an SDXL checkpoint, got a UNet alone"));
  }
}

TEST_CASE("parts: a UNet tells its own family, prediction and sigmas") {
  const FamilyModels models;
  CHECK(describe<SingleFileLoader>(kFile, {.unet = models.file("ssd_1b")}).family == "ssd-1b");
  const auto d = describe<DiffusersLoader>(kTinyFolder, {.unet = models.file("v_prediction")});
  CHECK(d.prediction == "v_prediction");
  CHECK(d.training_sigmas.back() == doctest::Approx(4096));
}

TEST_CASE("parts: what is none of SDXL's networks is refused by what it is") {
  const TemporaryFolder folder;
  const auto message = [&](const NamedTensors& tensors, auto place) {
    const std::string path = folder.path("x.safetensors");
    write_tensors(path, tensors);
    Choices choices;
    choices.*place = path;
    return error_of(path, [&] { describe<SingleFileLoader>(kFile, choices); });
  };
  const at::Tensor one = at::ones({1, 1});
  CHECK(message({{"x.lora_down.weight", one}}, &Choices::vae) ==
        R"(ROOT: want a VAE of SDXL for "vae", got a LoRA, which changes a model)");
  CHECK(message({{"text_model.x", one}}, &Choices::vae) ==
        R"(ROOT: want a VAE of SDXL for "vae", got none of its tensors)");
  CHECK(message({{"decoder.up.0.block.0.norm1.weight", one}, {"spare.x", one}}, &Choices::vae) ==
        R"(ROOT: want tensors of one network of SDXL, got "spare.x")");
  CHECK(message({{"input_blocks.0.0.weight", one}}, &Choices::unet) ==
        R"(ROOT: want a UNet of SDXL for "unet", got a UNet that reads no sizes, as Stable Diffusion 1 and 2 have)");
  CHECK(error_of("/none", [&] { describe<SingleFileLoader>(kFile, {.vae = "/none.safetensors"}); }) ==
        "ROOT.safetensors: cannot be read, No such file or directory");
}

TEST_CASE("weights: eight bits are read as what they mean") {
  const uint8_t bytes[] = {0x38, 0xB8, 0x7E, 0x01}, bytes_2[] = {0x3C, 0xBC, 0x7B, 0x01};
  const auto source = [](const char* type, std::span<const uint8_t> b) {
    return TensorSource{type, {4}, std::as_bytes(b)};
  };
  const Weights w =
      load_weights({{"a", source("F8_E4M3", bytes)}, {"b", source("F8_E5M2", bytes_2)}}, at::kCPU, at::kFloat, "x");
  CHECK(at::equal(w["a"], at::tensor({1.0, -1.0, 448.0, 0x1p-9}, at::kFloat)));
  CHECK(at::equal(w["b"], at::tensor({1.0, -1.0, 57344.0, 0x1p-16}, at::kFloat)));
}

TEST_CASE("weights: a model in eight bits, scaled or not, is the model that its numbers say") {
  for (const auto type : {at::kFloat8_e4m3fn, at::kFloat8_e5m2})
    for (const bool scaled : {false, true}) {
      const TemporaryFolder eight, full;
      const auto rows = [](const at::Tensor& t) {  // a scale for each row of some, one for all of the others
        return t.size(0) % 64 ? at::Tensor(t.abs().amax().view({1})) : t.flatten(1).abs().amax(1);
      };
      const auto shaped = [](const at::Tensor& scale, const at::Tensor& t) {
        std::vector<int64_t> shape(size_t(t.dim()), 1);
        shape[0] = scale.numel();
        return scale.view(shape);
      };
      const std::string a = changed(eight, [&](NamedTensors& out, const std::string& name, const at::Tensor& t) {
        const at::Tensor scale = rows(t.to(at::kFloat)) / 2;
        out[name] = (scaled ? t.to(at::kFloat) / shaped(scale, t) : t).to(type);
        if (!scaled) return;
        out[name.substr(0, name.size() - 6) + "scale_weight"] = scale;
        out["scaled_fp8"] = at::ones({2}).to(type);
      });
      const std::string b = changed(full, [&](NamedTensors& out, const std::string& name, const at::Tensor& t) {
        const at::Tensor scale = rows(t.to(at::kFloat)) / 2;
        out[name] = scaled ? (t.to(at::kFloat) / shaped(scale, t)).to(type).to(at::kFloat) * shaped(scale, t)
                           : t.to(type).to(at::kFloat);
      });
      CHECK(describe<SingleFileLoader>(a).components[0].dtype.starts_with("F16, F8_E"));
      const at::Tensor x = image(*load<SingleFileLoader>(a));
      const bool equal = at::equal(x, image(*load<SingleFileLoader>(b))) && x.isfinite().all().item<bool>();
      CHECK(equal);
    }
}

TEST_CASE("weights: a scale of the wrong size or type is refused") {
  const TemporaryFolder folder;
  const auto message = [&](const at::Tensor& scale) {
    const std::string path = folder.path("x.safetensors");
    write_tensors(path, {{"a.weight", at::ones({2, 3}).to(at::kFloat8_e4m3fn)}, {"a.scale_weight", scale}});
    return error_of(path, [&] { stored_sources(SafetensorsFile(path)); });
  };
  CHECK(message(at::ones({2})) == "");
  CHECK(message(at::ones({3})) == R"(ROOT: tensor "a.scale_weight": want 1 or 2 numbers, got 3)");
  CHECK(message(at::ones({1}).to(at::kFloat8_e4m3fn)) ==
        R"(ROOT: tensor "a.scale_weight": type of scales: want F16, BF16, F32 or F64, got F8_E4M3)");
}

TEST_CASE("edm: sigmas are evenly spaced in the logarithm, from end to end") {
  NoiseSchedule schedule;
  schedule.edm = Edm{.sigma_min = 0.002, .sigma_max = 120};
  const auto sigmas = training_sigmas(schedule, "x");
  REQUIRE(sigmas.size() == 1000);
  CHECK(sigmas.front() == 0.002);
  CHECK(sigmas.back() == 120);
  CHECK(sigmas[500] / sigmas[499] == doctest::Approx(std::pow(60000.0, 1 / 999.0)));
  schedule.edm = Edm{.sigma_min = 2, .sigma_max = 1};
  CHECK(error_of("/none", [&] { training_sigmas(schedule, "x"); }) ==
        "x: sigmas: want a range above 0, got 2.000000 to 1.000000");
}

TEST_CASE("edm: settings that mean nothing there are refused, one that overrules is followed") {
  const FamilyModels models;
  const std::string path = models.file("cosxl");
  CHECK(error_of(path, [&] { describe<SingleFileLoader>(path, {.zero_terminal_snr = "yes"}); }) ==
        "zero_terminal_snr: want auto or no for a model of EDM's sigmas, got yes");
  CHECK(describe<SingleFileLoader>(path, {.prediction_type = "epsilon"}).prediction == "epsilon");
}

TEST_CASE("edm: a perfect network's output gives the clean latents back, whatever the data's deviation") {
  const at::Tensor clean = at::randn({1, 4, 2, 2}), noise = at::randn({1, 4, 2, 2});
  const double sigma = 3, data = 0.5, scale = std::sqrt(sigma * sigma + data * data);
  const at::Tensor x = clean + sigma * noise;
  // equation 8 of the paper, solved for the output
  const at::Tensor f = (clean - data * data / (scale * scale) * x) / (sigma * data / scale);
  CHECK(error(denoised(x, f, sigma, Prediction::edm, data), clean) < 1e-5);
  CHECK(error(denoised(x, -f, sigma, Prediction::v_prediction, data), clean) < 1e-5);
}
