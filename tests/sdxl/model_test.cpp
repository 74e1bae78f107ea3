// Whole images of a tiny SDXL against diffusers' StableDiffusionXLPipeline: images.json, float32 on the CPU.
// The sampler is Euler's, written out, so that the model alone is tested.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>

#include "networks/golden_tensors.h"
#include "networks/model/latent_model.h"
#include "networks/ops/weight_loading.h"
#include "networks/text/tokenizer_files.h"
#include "sdxl/conditioning.h"
#include "sdxl/layouts.h"

namespace {
using namespace calotype;
using namespace calotype::networks;
using namespace calotype::sdxl;
using nlohmann::json;

const std::string kFolder = CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers";

ModelComponents tiny_components(const NoiseSchedule& schedule = {}, at::ScalarType dtype = at::kFloat) {
  const ModelLayout found = sdxl::find_diffusers_folder(kFolder, "auto");
  const auto network = [&](ComponentId id) {
    const auto type = id == ComponentId::vae ? vae_dtype(dtype, found.vae) : dtype;
    return Network{load_weights(found.sources(id), at::kCPU, type, component_name(id)), found.config(id)};
  };
  std::vector<PromptEncoder::Component> text;
  for (const TextEncoderRole& role : conditioning().text_encoders)
    text.push_back({network(role.id),
                    read_vocabulary(role.is_second ? found.tokenizer_2 : found.tokenizer, role.pad_token),
                    role.activation, role.read, role.is_second, role.gives_pooled});
  return {.text_encoders = text,
          .unet = network(ComponentId::unet),
          .vae = network(ComponentId::vae),
          .training_sigmas = training_sigmas(schedule, "tiny"),
          .prediction = schedule.prediction == "epsilon" ? Prediction::epsilon : Prediction::v_prediction,
          .sizes = conditioning().sizes,
          .zeros_for_empty_prompt = true};
}

json run_named(const std::string& name) {
  std::ifstream file(CALOTYPE_TEST_DATA "/goldens/images.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  // Python writes infinity, which JSON lacks; nothing here reads those
  for (const json& run : json::parse(std::regex_replace(text, std::regex("-?Infinity"), "null")))
    if (run["name"] == name) return run;
  FAIL("no run named " << name);
  return {};
}

/// A request as diffusers' arguments have it; its sizes are width first in the script, taken as height first by the
/// pipeline.
Request request_of(const json& args) {
  Request request;
  request.prompt = args["prompt"], request.width = args["width"], request.height = args["height"];
  const auto is_text = [&](const char* key) { return args.contains(key) && args[key].is_string(); };
  const auto size = [&](const char* key, const char* name) {
    if (args.contains(key)) request.options.set(name, Numbers{args[key][0].get<double>(), args[key][1].get<double>()});
  };
  for (const char* key : {"prompt_2", "negative_prompt_2"})
    if (is_text(key)) request.options.set(key, args[key].get<std::string>());
  if (is_text("negative_prompt")) request.negative_prompt = args["negative_prompt"].get<std::string>();
  request.guidance_scale = args["guidance_scale"];
  request.guidance_rescale = args.value("guidance_rescale", 0.0);
  request.options.set("clip_skip", args.value("clip_skip", 0.0));
  size("original_size", "original_size"), size("crops_coords_top_left", "crop"), size("target_size", "target_size");
  size("negative_original_size", "negative_original_size"), size("negative_target_size", "negative_target_size");
  return request;
}

NoiseSchedule schedule_of(const json& config) {
  NoiseSchedule schedule;
  schedule.prediction = config["prediction_type"];
  schedule.zero_terminal_snr = config.value("rescale_betas_zero_snr", false);
  return schedule;
}

at::Tensor euler(Denoiser& denoiser, at::Tensor x, const std::vector<double>& sigmas) {
  for (size_t i = 0; i + 1 < sigmas.size(); ++i)
    x = x + (x - denoiser.denoise(x, sigmas[i])) * ((sigmas[i + 1] - sigmas[i]) / sigmas[i]);
  return x;
}

void check_image(const std::string& name) {
  CAPTURE(name);
  const json run = run_named(name), config = run["scheduler_config"];
  LatentModel model(tiny_components(schedule_of(config)));
  const Request request = request_of(run["args"]);
  const auto sigmas = run["sigmas"].get<std::vector<double>>();
  const bool unit_variance = config["timestep_spacing"] == "leading";
  const double scale = unit_variance ? std::sqrt(sigmas[0] * sigmas[0] + 1) : sigmas[0];
  const auto noise = at::randn(model.latents_shape(request.width, request.height),
                               at::detail::createCPUGenerator(run["seed"].get<uint64_t>()));
  const at::Tensor latents = euler(*model.condition(request, {}), noise * scale, sigmas);

  const GoldenTensors golden("images.safetensors");
  const at::Tensor theirs = golden[name + ".latents"], image = golden[name + ".image"].to(at::kFloat).div(255);
  CHECK((latents - theirs).abs().max().item<double>() < 1e-3 * theirs.std().item<double>());
  const double error = (model.decode(latents).mul(255).round().div(255) - image).square().mean().item<double>();
  CHECK(-10 * std::log10(error + 1e-20) >= 50);
}

std::string size_error(int width, int height) {
  return error_of([&] { LatentModel(tiny_components()).latents_shape(width, height); });
}
}  // namespace

TEST_CASE("sdxl: images equal diffusers', whatever the sigmas") {
  for (const char* name :
       {"euler_leading", "euler_trailing", "euler_linspace", "euler_karras", "euler_exponential", "euler_beta"})
    check_image(name);
}
TEST_CASE("sdxl: without guidance, and guidance rescaled") {
  for (const char* name : {"no_guidance", "guidance_rescale"}) check_image(name);
}
TEST_CASE("sdxl: prompts for each encoder, none for the negative, one too long") {
  for (const char* name : {"prompt_2", "no_negative_prompt", "long_prompt_truncated", "clip_skip_1"}) check_image(name);
}
TEST_CASE("sdxl: micro-conditioning, and a size that halves to odd ones") {
  for (const char* name : {"micro_conditioning", "odd_size"}) check_image(name);
}
TEST_CASE("sdxl: v-prediction from pure noise") {
  check_image("v_prediction_zero_snr");
}

TEST_CASE("sdxl: networks of half the precision give float32, nearly the same") {
  Request request;
  request.prompt = "a cat", request.width = 64, request.height = 48;
  const auto run = [&](at::ScalarType dtype) {
    LatentModel model(tiny_components({}, dtype));
    const auto x = at::randn(model.latents_shape(64, 48), at::detail::createCPUGenerator(1)) * 3;
    return model.decode(model.condition(request, {})->denoise(x, 3));
  };
  const at::Tensor exact = run(at::kFloat);
  CHECK(relative_error(run(at::kBFloat16), exact) < 0.1);
  CHECK(relative_error(run(at::kHalf), exact) < 0.02);
}

TEST_CASE("sdxl: a size that is none of the autoencoder's is refused") {
  const bool equal = LatentModel(tiny_components()).latents_shape(104, 72) == std::vector<int64_t>{1, 4, 9, 13};
  CHECK(equal);
  CHECK(size_error(100, 64) == "width: want a multiple of 8, got 100");
  CHECK(size_error(64, 100) == "height: want a multiple of 8, got 100");
  CHECK(size_error(64, 0) == "height: want at least 8, got 0");
}

TEST_CASE("sdxl: clip_skip beyond the shallower encoder is refused") {
  LatentModel model(tiny_components());
  Request request;
  request.width = request.height = 64, request.options.set("clip_skip", 2.0);
  CHECK(error_of([&] { model.condition(request, {}); }) == "");
  request.options.set("clip_skip", 3.0);
  CHECK(error_of([&] { model.condition(request, {}); }) == "clip_skip: want 0 to 2, got 3");
  request.options.set("clip_skip", -1.0);
  CHECK(error_of([&] { model.condition(request, {}); }) == "clip_skip: want 0 to 2, got -1");
}

TEST_CASE("sdxl: components of different models are refused") {
  const auto error = [](auto change) {
    ModelComponents components = tiny_components();
    change(components);
    return error_of([&] { LatentModel{std::move(components)}; });
  };
  CHECK(error([](ModelComponents& c) { c.text_encoders[0].network = c.text_encoders[1].network; }) ==
        "unet: width of cross-attention, as the text encoders have together: want 256, got 192");
  CHECK(error([](ModelComponents& c) { c.text_encoders[1].network = c.text_encoders[0].network; }) ==
        R"(text_encoder: tensor "text_projection.weight" is missing)");
  CHECK(error([](ModelComponents& c) { c.text_encoders[0].vocabulary.merges.push_back("b c"); }) ==
        "text_encoder: rows of token_embedding, as many as the tokenizer has tokens: want 1515, got 1514");
}

TEST_CASE("denoised: v-prediction gives the clean latents back") {
  const double sigma = 3, scale = std::sqrt(sigma * sigma + 1);
  const at::Tensor clean = at::randn({1, 4, 2, 2}), noise = at::randn({1, 4, 2, 2});
  const at::Tensor x = clean + sigma * noise,
                   v = (noise - sigma * clean) / scale;  // at unit variance: a = 1/scale, s = sigma/scale
  CHECK(relative_error(denoised(x, v, sigma, Prediction::v_prediction), clean) < 1e-5);
  CHECK(relative_error(denoised(x, noise, sigma, Prediction::epsilon), clean) < 1e-5);
}

TEST_CASE("guided: the rescaled sum has the deviation of the conditional") {
  const at::Tensor a = at::randn({1, 4, 8, 8}), b = at::randn({1, 4, 8, 8});
  CHECK(relative_error(guided(a, b, {.scale = 1}), b) < 1e-6);
  CHECK(guided(a, b, {.scale = 9, .rescale = 1}).std().item<double>() == doctest::Approx(b.std().item<double>()));
  CHECK(guided(a, b, {.scale = 9}).std().item<double>() > 3 * b.std().item<double>());
}

TEST_CASE("sdxl: in a part of the steps there is guidance, the others are those of the positive prompt alone") {
  LatentModel model(tiny_components());
  Request request;
  request.prompt = "a cat", request.width = 64, request.height = 48;
  const DenoiserUse use{.sigmas = {8, 4, 2, 1, 0}};
  const auto guided = model.condition(request, use);
  request.guidance_start = 0.25, request.guidance_end = 0.75;
  const auto in_part = model.condition(request, use);
  request.guidance_scale = 1;
  const auto alone = model.condition(request, use);
  const at::Tensor x = at::randn({2, 4, 6, 8}, at::detail::createCPUGenerator(1)) * 8;
  // 5 and 1.5 are in the middle of a step
  for (const double sigma : {8.0, 5.0, 4.0, 2.0, 1.5, 1.0}) {
    CAPTURE(sigma);
    CHECK(at::equal(in_part->denoise(x, sigma), (sigma > 4 || sigma <= 1 ? alone : guided)->denoise(x, sigma)));
  }
  request.guidance_scale = 5;
  CHECK(error_of([&] { model.condition(request, {}); }) ==
        "sigmas: want the sigmas of the steps, for guidance in a part of them, got none");
}

TEST_CASE("time ids: sizes default to the image's, the negative's to the positive's") {
  SdxlRequest request{Request()};
  request.width = 64, request.height = 32;
  CHECK(time_ids(request) == TimeIds{32, 64, 0, 0, 32, 64});
  CHECK(negative_time_ids(request) == time_ids(request));
  request.original_size = Size{1, 2}, request.crop = Size{3, 4};
  CHECK(time_ids(request) == TimeIds{1, 2, 3, 4, 32, 64});
  CHECK(negative_time_ids(request) == time_ids(request));
  request.negative_target_size = Size{5, 6};
  CHECK(negative_time_ids(request) == TimeIds{1, 2, 0, 0, 5, 6});
}

TEST_CASE("prompts that change: each step is exactly that of the text it has then") {
  LatentModel model(tiny_components());
  Request request;
  request.width = 64, request.height = 48, request.prompt_syntax = PromptSyntax::a1111;
  const auto denoiser = [&](const std::string& prompt, const std::string& negative) {
    request.prompt = prompt, request.negative_prompt = negative;
    return model.condition(request, {.sigmas = {8, 4, 2, 1, 0}});
  };
  const auto changing = denoiser("a [red:blue:0.5] cat", "[bad|dark] image");
  const at::Tensor x = at::randn(model.latents_shape(64, 48), at::detail::createCPUGenerator(1)) * 8;
  struct Step {
    double sigma;
    const char *prompt, *negative;
  };
  // 5 and 1.5 are in the middle of a step, where samplers of second order ask once more
  for (const Step& s : {Step{8, "a red cat", "bad image"}, Step{5, "a red cat", "bad image"},
                        Step{4, "a red cat", "dark image"}, Step{2, "a blue cat", "bad image"},
                        Step{1.5, "a blue cat", "bad image"}, Step{1, "a blue cat", "dark image"}}) {
    CAPTURE(s.sigma);
    CHECK(at::equal(changing->denoise(x, s.sigma), denoiser(s.prompt, s.negative)->denoise(x, s.sigma)));
  }
}

TEST_CASE("prompts that change: a request without sigmas is refused") {
  LatentModel model(tiny_components());
  Request request;
  request.width = 64, request.height = 48, request.prompt = "[a:b:1]", request.prompt_syntax = PromptSyntax::a1111,
  request.steps = 3;
  CHECK(error_of([&] { model.condition(request, {}); }) ==
        "sigmas: want 4 for a prompt that changes over 3 steps, got 0");
}
