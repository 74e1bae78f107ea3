#include "config/config_keys.h"
#include "config/config_tree.h"
#include "config/declared_keys.h"
#include "core/config_fixture.h"

using namespace config_test;

namespace {

/// Every key, none with its default.
const std::string kFull = R"(model: {path: m.safetensors, loader: sdxl, vae: "empty"}
device: cuda:3
dtype: bfloat16
allow_tf32: true
cuda_graphs: off
memory: block_offload
vae_tiling: off
quantize: nf4
pipeline: text_to_image
prompt: "a \"cat\":\n  \u00e9\t1"
prompt_2: 123
negative_prompt: ""
negative_prompt_2: no
prompt_syntax: a1111
expand_prompts: true
wildcards: empty
width: 1216
height: 832
steps: 0x1F
guidance_scale: 7.1
guidance_rescale: 1e-3
guidance_start: 0.0625
guidance_end: 0.9375
deep_cache: 4
token_merging: 0.5
clip_skip: 2
seed: 9007199254740993
variation_seed: 9007199254740995
variation_strength: 0.5
eta_noise_seed_delta: 31337
images: 3
batch: 2
scheduler: {id: karras, rho: 6.9999999999999991, sigma_min: .1}
sampler: {id: dpm_pp_2m, order: 3, weights: [0.1, 1, 0]}
restart: [{sigma_min: 0.125, sigma_max: 2, steps: 9}, {sigma_min: 1, sigma_max: 5, steps: 3, times: 2}]
discard_next_to_last_sigma: true
original_size: [512, 384]
crop: [8, 0]
target_size: [832, 1216]
negative_original_size: [1, 2]
negative_crop: [3, 4]
negative_target_size: [5, 6]
aesthetic_score: 7.5
negative_aesthetic_score: 0
round_timesteps: true
initial_noise: sigma
noise: philox
image: notes.txt
mask: data:image/png;base64,AAAA
strength: 0.25
resize: pad
only_masked: true
mask_padding: 5
mask_blur: 6
denoising_start: 0.125
denoising_end: 0.875
refiner: {model: {path: other.safetensors, vae: other.safetensors}, start: 0.75}
hires: {scale: 1.5, strength: 0.375, steps: 7, upscale: lanczos}
output: {path: "out/{index}.png", latents: "out/{seed}.safetensors", model_hash: false}
plugins: {path: [plugins, empty]}
models_dir: [empty]
model_paths: notes.txt
)";

}  // namespace

TEST_CASE("config: two keys are enough, and the rest are the request's defaults") {
  const Folder folder;
  const auto config = resolved(kBase);
  const Request plain;
  CHECK(config.model == folder / "m.safetensors");
  CHECK(config.loader.entry.id == "sdxl");
  CHECK(config.pipeline.entry.id == "text_to_image");
  CHECK(config.scheduler.entry.id == "dpm_pp_2m_karras");
  CHECK(config.sampler.entry.id == "dpm_pp_2m");
  CHECK(config.request.prompt == "a cat");
  CHECK(config.request.steps == plain.steps);
  CHECK(config.request.width == 0);
  CHECK_FALSE(config.request.negative_prompt);
  CHECK(config.device == "auto");
  CHECK(config.dtype == Dtype::automatic);
  CHECK(config.output == "{prompt}-{seed}.png");
  CHECK_FALSE(config.latents);
  CHECK(config.plugin_paths.empty());
}

TEST_CASE("config: every key reaches its member") {
  const Folder folder;
  const auto config = resolved(kFull);
  const Request& r = config.request;
  CHECK(std::get<std::string>(config.loader.settings.at("vae")) == folder / "empty");
  CHECK(config.device == "cuda:3");
  CHECK(config.dtype == Dtype::bfloat16);
  CHECK(config.allow_tf32);
  CHECK(r.cuda_graphs == CudaGraphs::off);
  CHECK(r.prompt_syntax == PromptSyntax::a1111);
  CHECK(config.expand_prompts);
  CHECK(config.wildcards == folder / "empty");
  CHECK(config.memory == MemoryChoice::block_offload);
  CHECK(config.vae_tiling == VaeTiling::off);
  CHECK(config.quantize == Quantize::nf4);
  CHECK(r.prompt == "a \"cat\":\n  \xc3\xa9\t1");
  CHECK(option<std::string>(config, "prompt_2") == "123");
  CHECK(r.negative_prompt == "");
  CHECK(option<std::string>(config, "negative_prompt_2") == "no");
  CHECK(r.width == 1216);
  CHECK(r.height == 832);
  CHECK(r.steps == 31);
  CHECK(r.guidance_scale == 7.1);
  CHECK(r.guidance_rescale == 1e-3);
  CHECK(r.guidance_start == 0.0625);
  CHECK(r.guidance_end == 0.9375);
  CHECK(option<double>(config, "deep_cache") == 4);
  CHECK(option<double>(config, "token_merging") == 0.5);
  CHECK(option<double>(config, "clip_skip") == 2);
  CHECK(r.seed == 9007199254740993u);
  CHECK(r.variation_seed == 9007199254740995u);
  CHECK(r.variation_strength == 0.5);
  CHECK(r.images == 3);
  CHECK(r.batch == 2);
  CHECK(std::get<double>(config.scheduler.settings.at("rho")) == 6.9999999999999991);
  CHECK(std::get<double>(config.scheduler.settings.at("sigma_min")) == 0.1);
  CHECK(std::get<double>(config.sampler.settings.at("order")) == 3);
  CHECK(std::get<Numbers>(config.sampler.settings.at("weights")) == std::vector<double>{0.1, 1, 0});
  CHECK(config.restart.segments == std::vector<RestartSegment>{{0.125, 2, 9, 1}, {1, 5, 3, 2}});
  CHECK(config.discard_next_to_last_sigma);
  CHECK(option<Numbers>(config, "original_size") == Numbers{512, 384});
  CHECK(option<Numbers>(config, "crop") == Numbers{8, 0});
  CHECK(option<Numbers>(config, "target_size") == Numbers{832, 1216});
  CHECK(option<Numbers>(config, "negative_original_size") == Numbers{1, 2});
  CHECK(option<Numbers>(config, "negative_crop") == Numbers{3, 4});
  CHECK(option<Numbers>(config, "negative_target_size") == Numbers{5, 6});
  CHECK(option<double>(config, "aesthetic_score") == 7.5);
  CHECK(option<double>(config, "negative_aesthetic_score") == 0);
  CHECK(r.round_timesteps);
  CHECK(r.initial_noise == InitialNoise::sigma);
  CHECK(config.noise == NoiseKind::philox);
  CHECK(config.image == folder / "notes.txt");
  CHECK(config.mask == "data:image/png;base64,AAAA");
  CHECK(option<double>(config, "strength") == 0.25);
  CHECK(option<std::string>(config, "resize") == "pad");
  CHECK(option<bool>(config, "only_masked"));
  CHECK(option<double>(config, "mask_padding") == 5);
  CHECK(option<double>(config, "mask_blur") == 6);
  CHECK(option<double>(config, "denoising_start") == 0.125);
  CHECK(option<double>(config, "denoising_end") == 0.875);
  CHECK(config.refiner == folder / "other.safetensors");
  CHECK(std::get<std::string>(config.refiner_loader.settings.at("vae")) == folder / "other.safetensors");
  CHECK(r.refiner_start == 0.75);
  CHECK(option<double>(config, "hires.scale") == 1.5);
  CHECK(option<double>(config, "hires.strength") == 0.375);
  CHECK(option<double>(config, "hires.steps") == 7);
  CHECK(option<std::string>(config, "hires.upscale") == "lanczos");
  CHECK(config.output == "out/{index}.png");
  CHECK(config.latents == "out/{seed}.safetensors");
  CHECK(!config.model_hash);
  CHECK(config.plugin_paths == std::vector<std::string>{folder / "plugins", folder / "empty"});
}

TEST_CASE("config: the test above gives every key of the table") {
  const auto config = Config::from_text(kFull, "a.yaml");
  std::vector<std::string> given;
  for (const auto& [key, value] : config.tree().root.members) given.push_back(key.text);
  CHECK(given == top_level_names(keys_of(make_catalog())));
}

TEST_CASE("config: the bounds themselves are within") {
  const Folder folder;
  for (const std::string line : {"steps: 1",
                                 "steps: 1000",
                                 "steps: +5",
                                 "width: 8",
                                 "height: 16384",
                                 "guidance_scale: 0",
                                 "guidance_scale: 100.",
                                 "guidance_rescale: .0",
                                 "guidance_rescale: 1.0E0",
                                 "clip_skip: 0",
                                 "clip_skip: 24",
                                 "seed: 0",
                                 "seed: 9223372036854775807",
                                 "seed: 0x7fffffffffffffff",
                                 "images: 100000",
                                 "crop: [0, 65536]",
                                 "original_size: [1, 65536]",
                                 "device: cuda:0",
                                 "device: 'cpu'",
                                 "dtype: \"float16\"",
                                 "scheduler: {id: karras, rho: 0.5}",
                                 "scheduler: {id: karras, rho: 1e308}",
                                 "sampler: {id: dpm_pp_2m, weights: []}",
                                 "sampler: {id: euler, window: -9007199254740991}"}) {
    CAPTURE(line);
    CHECK(message_of([&] { resolved(kBase + line); }) == "fine");
  }
  CHECK(resolved(kBase + "seed: 0x7fffffffffffffff").request.seed == 9223372036854775807u);
}

TEST_CASE("config: a scheduler or a sampler alone brings its usual partner") {
  const Folder folder;
  CHECK(resolved(kBase + "scheduler: karras").sampler.entry.id == "euler");
  CHECK(resolved(kBase + "sampler: euler").scheduler.entry.id == "normal");
  const auto both = resolved(kBase + "sampler: alone\nscheduler: lost");
  CHECK(both.sampler.entry.id == "alone");
  CHECK(both.scheduler.entry.id == "lost");
}

TEST_CASE("config: every declared setting has a value, and a number without default has none") {
  const Folder folder;
  const auto config = resolved(kBase + "scheduler: karras");
  CHECK(std::get<double>(config.scheduler.settings.at("rho")) == 7);
  CHECK(std::holds_alternative<std::monostate>(config.scheduler.settings.at("sigma_min")));
  CHECK(config.sampler.settings.size() == 2);
}

TEST_CASE("config: a setting under an older name counts, and is warned of") {
  const Folder folder;
  const auto config = resolved(
      "model: {path: m.safetensors, autoencoder: other.safetensors}\nprompt: x\nsampler:\n  id: euler\n  span: 3\n");
  CHECK(std::get<double>(config.sampler.settings.at("window")) == 3);
  CHECK(config.sampler.warnings == std::vector<std::string>{"a.yaml:5:3: sampler.span: older name; write \"window\""});
  CHECK(std::get<std::string>(config.loader.settings.at("vae")) == folder / "other.safetensors");
  CHECK(config.loader.warnings ==
        std::vector<std::string>{"a.yaml:1:30: model.autoencoder: older name; write \"vae\""});
  CHECK(config.to_json().find("\"window\":3") != std::string::npos);
  CHECK(resolved(kBase + "sampler: {id: euler, window: 3}").sampler.warnings.empty());
  const auto overridden = resolved(kBase, {"sampler=euler", "sampler.frame=2"});
  CHECK(overridden.sampler.warnings ==
        std::vector<std::string>{"--set sampler.frame=2: sampler.frame: older name; write \"window\""});
  const auto replaced = resolved(kBase + "sampler: {id: euler, frame: 3}", {"sampler.window=4"});
  CHECK(std::get<double>(replaced.sampler.settings.at("window")) == 4);
}

TEST_CASE("config: an alias finds its entry, a vendor chooses between two") {
  const Folder folder;
  CHECK(resolved(kBase + "scheduler: edm").scheduler.name == "karras");
  const auto heun = resolved(kBase + "sampler: acme/heun").sampler;
  CHECK(heun.entry.library == "acme.so");
  CHECK(heun.name == "acme/heun");
}

TEST_CASE("config: the loader is the one that accepts the path, or the one that is named") {
  const Folder folder;
  CHECK(resolved("model: sd/\nprompt: x").model == folder / "sd");
  CHECK(resolved("model: sd\nprompt: x").loader.entry.id == "sdxl");
  CHECK(resolved("model: {path: x.two, loader: other}\nprompt: x").loader.entry.id == "other");
  CHECK(resolved("model: {path: notes.txt, loader: sdxl}\nprompt: x").loader.entry.id == "sdxl");
}

TEST_CASE("config: a record resolves to the same record, from anywhere") {
  const Folder folder;
  for (const auto& yaml : {kBase, kFull, kBase + "sampler: acme/heun\nprompt_2: \"\"\n",
                           kBase + "prompt_2: \"\\x7f\\x01\\b\\f\\r\\u2028/\"\n",
                           kBase + "prompt_2: \"" + std::string(5000, 'x') + "\"\n"}) {
    auto first = resolved(yaml);
    first.wildcards.clear();  // as for an image, whose prompt has their lines
    const std::string record = first.to_json();
    CAPTURE(record);
    CHECK(record.find("output") == record.npos);
    CHECK(record.find("plugins") == record.npos);
    fs::current_path("/");
    const auto again = resolve(Config::from_json(record, "p.png: record"), make_catalog());
    fs::current_path(folder / "");
    CHECK(again.to_json() == record);
    CHECK(again.scheduler.settings == first.scheduler.settings);
    CHECK(again.sampler.settings == first.sampler.settings);
    CHECK(again.request.seed == first.request.seed);
    CHECK(again.request.variation_seed == first.request.variation_seed);
    CHECK(again.request.prompt == first.request.prompt);
    CHECK(again.request.negative_prompt == first.request.negative_prompt);
    CHECK(again.request.guidance_scale == first.request.guidance_scale);
    CHECK(again.request.options.values() == first.request.options.values());
  }
}

TEST_CASE("config: the record is one line of JSON in the order of the docs") {
  const Folder folder;
  CHECK(resolved(kBase + "seed: 5\nscheduler: karras\nwidth: 512\nheight: 512").to_json() ==
        "{\"model\":{\"path\":\"" + folder / "m.safetensors" +
            "\",\"loader\":\"sdxl\",\"vae\":\"\"},\"pipeline\":{\"id\":\"text_to_image\"},\"scheduler\":{\"id\":"
            "\"karras\","
            "\"rho\":7.0},\"sampler\":{\"id\":\"euler\",\"polish\":false,\"window\":0},\"device\":\"auto\",\"dtype\":"
            "\"auto\","
            "\"memory\":\"auto\",\"vae_tiling\":\"auto\",\"quantize\":\"none\","
            "\"prompt\":\"a "
            "cat\",\"prompt_syntax\":\"plain\",\"width\":512,\"height\":512,\"steps\":30,\"guidance_scale\":5.0,"
            "\"guidance_rescale\":0.0,"
            "\"clip_skip\":0,\"seed\":5,\"images\":1,\"round_timesteps\":false,\"initial_noise\":\"unit_variance\","
            "\"noise\":\"torch\"}");
}

TEST_CASE("config: a record from an image may not name what is loaded or written") {
  const Folder folder;
  const auto message = [](const std::string& json) {
    return message_of([&] { Config::from_json(json, "p.png: record", {"output=x.png"}); });
  };
  CHECK(message("{\"plugins\": {\"path\": \"/tmp\"}}") ==
        "p.png: record:1:2: \"plugins\" may not stand in a record; give it by an override");
  CHECK(message("{\"output\": \"a.png\"}") ==
        "p.png: record:1:2: \"output\" may not stand in a record; give it by an override");
  const auto record = resolved(kBase).to_json();
  const auto changed =
      resolve(Config::from_json(record, "p.png: record", {"output={seed}.png", "seed=8"}), make_catalog());
  CHECK(changed.output == "{seed}.png");
  CHECK(changed.request.seed == 8);
  CHECK(message_of([&] { resolve(Config::from_json(record, "p.png: record", {"steps=0"}), make_catalog()); }) ==
        "--set steps=0: steps: want an integer from 1 to 1000, got \"0\"");
}
