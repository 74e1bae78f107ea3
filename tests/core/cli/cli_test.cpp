// The program as its user runs it: output, messages, exit codes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "base/install_folder.h"
#include "base/spelling.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "core/program.h"
#include "image/image_io.h"
#include "image/png_metadata.h"
#include "registry/discovery.h"

using namespace program_test;
using nlohmann::json;

namespace {

const std::string kModel = CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors";
const std::string kConfig =
    "model: " + kModel +
    "\nprompt: a cat\nwidth: 64\nheight: 64\nsteps: 2\ndevice: cpu\ndtype: float32\noutput: cat.png\n";

/// The names of the keys that a config takes with the usual loader of a file and the usual pipeline.
std::vector<std::string> taken_keys() {
  const calotype::Catalog catalog = calotype::discover({calotype::own_plugin_folder()});
  return calotype::top_level_names(calotype::keys_with(
      {&catalog.get(calotype::Kind::loader, "single_file"), &catalog.get(calotype::Kind::pipeline, "text_to_image")}));
}

}  // namespace

TEST_CASE("cli: a run prints the path of the image and nothing else") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = run_program(folder, "run a.yaml");
  CHECK(e.code == 0);
  CHECK(e.out == "cat.png\n");
  CHECK(e.err == "");
  CHECK(fs::exists(folder.path / "cat.png"));
}

TEST_CASE("cli: libtorch is loaded where models are, and nowhere else") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const auto loads = [&](const std::string& command) {
    return shell(folder,
                 "LD_DEBUG=files " CALOTYPE_PROGRAM " " + command + " 2>&1 | grep -c 'calling init: .*libtorch'")
               .out != "0\n";
  };
  for (const char* command : {"--version", "list", "list plugins", "show karras", "schema", "sigmas karras --steps 4",
                              "complete show k", "run a.yaml --set stepz=1", "plugin why karras",
                              "plugin check " CALOTYPE_BUILD "/lib/calotype/plugins/schedulers.so --only opens"}) {
    CAPTURE(command);
    CHECK(!loads(command));
  }
  CHECK(loads("run a.yaml --dry-run"));
}

TEST_CASE("cli: a host without its engine is an error where it needs it") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = shell(folder, "mkdir -p bin lib/calotype && cp " CALOTYPE_PROGRAM " bin && cp " CALOTYPE_BUILD
                                "/lib/calotype/model_names.yaml lib/calotype && ln -s " CALOTYPE_PLUGINS
                                " lib/calotype/plugins && bin/calotype list schedulers && bin/calotype run a.yaml");
  CHECK(e.code == 69);
  CHECK(e.out.find("karras") != std::string::npos);
  CHECK(e.err.find("lib/calotype/libcalotype_engine.so: cannot be loaded: ") != std::string::npos);
  CHECK(e.err.find("; install Calotype's host again, or what it names\n") != std::string::npos);
}

TEST_CASE("cli: a host that has no addresses left for its engine reports that memory ran out") {
#ifdef __SANITIZE_ADDRESS__  // which wants terabytes of addresses for itself
  return;
#endif
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = shell(folder, "ulimit -v 150000; " CALOTYPE_PROGRAM " run a.yaml");
  CAPTURE(e.err);
  CHECK(e.code == 75);
  CHECK(e.err.find("libcalotype_engine.so: cannot be loaded: ") != std::string::npos);
  CHECK(e.err.ends_with("; memory ran out: want a higher limit (ulimit -v), or more of it free\n"));
}

TEST_CASE("cli: an option without its value, or with another, is an error that names what is wanted") {
  const Folder folder;
  const auto says = [&](const std::string& arguments) {
    const Ended e = run_program(folder, arguments);
    CHECK(e.code == 64);
    return e.err.substr(0, e.err.find('\n'));
  };
  CHECK(says("run a.yaml --set=") == "run: --set: want KEY=VALUE, got nothing");
  CHECK(says("run a.yaml --set") == "run: --set: want KEY=VALUE, got nothing");
  CHECK(says("run a.yaml --json=1") == "run: --json: want no value, got one");
  CHECK(says("sigmas karras --steps 1e9") == "sigmas: --steps: want a whole number, got \"1e9\"");
  CHECK(says("sigmas karras --steps 3000000000") ==
        "sigmas: --steps: want -2147483648 to 2147483647, got \"3000000000\"");
  CHECK(says("run a.yaml --=") == "run: want an option's name after --, got none");
  CHECK(run_program(folder, "run ''").err == "want the path of a config, got \"\"\n");
  CHECK(says("plugin check x.so --seed -1") == "plugin check: --seed: want 0 to 9223372036854775807, got \"-1\"");
  CHECK(says("sigmas karras --steps 3 --steps 4") == "sigmas: --steps: want it once, got it more often");
}

TEST_CASE("cli: an image runs again, and gives the same bytes") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  REQUIRE(run_program(folder, "run a.yaml --set scheduler=euler_a --set seed=5").code == 0);
  CHECK(run_program(folder, "run cat.png --set output=again.png").out == "again.png\n");
  CHECK(text_of(folder.path / "again.png") == text_of(folder.path / "cat.png"));
}

TEST_CASE("cli: an image made from an image runs again from anywhere, by path and by its text") {
  const Folder folder;
  fs::copy_file(CALOTYPE_TEST_DATA "/goldens/init.png", folder.path / "init.png");
  folder.write("a.yaml", kConfig + "pipeline: image_to_image\nimage: init.png\n");
  REQUIRE(run_program(folder, "run a.yaml").code == 0);
  fs::create_directories(folder.path / "sub");
  CHECK(run_program(folder, "run cat.png --set output=sub/again.png").code == 0);
  CHECK(shell(folder, "cd sub && " CALOTYPE_PROGRAM " run ../cat.png --set output=more.png").code == 0);
  const Ended uri = run_program(
      folder, "run a.yaml --set \"image=data:image/png;base64,$(base64 -w0 init.png)\" --set output=uri.png");
  CHECK(uri.err == "");
  const Ended block = shell(
      folder,
      "{ grep -v ^image a.yaml; echo 'image: |'; base64 init.png | sed 's/^/  /'; } > block.yaml && " CALOTYPE_PROGRAM
      " run block.yaml --set output=block.png && " CALOTYPE_PROGRAM " run block.png --set output=block2.png");
  CHECK(block.err == "");
  CHECK(text_of(folder.path / "block2.png") == text_of(folder.path / "block.png"));
  CHECK(run_program(folder, "run uri.png --set output=uri2.png").code == 0);
  CHECK(text_of(folder.path / "sub/again.png") == text_of(folder.path / "cat.png"));
  CHECK(text_of(folder.path / "sub/more.png") == text_of(folder.path / "cat.png"));
  CHECK(text_of(folder.path / "uri2.png") == text_of(folder.path / "uri.png"));
  CHECK(text_of(folder.path / "cat.png").find("Denoising strength: 0.75") != std::string::npos);
}

namespace {

std::string parameters_of(const fs::path& png) {
  return calotype::read_png_texts(text_of(png), "png").at("parameters");
}

/// What A1111 calls a file's hash.
std::string short_sum(const Folder& folder, const std::string& file) {
  return shell(folder, "sha256sum '" + file + "'").out.substr(0, 10);
}

}  // namespace

TEST_CASE("cli: the image carries the text that A1111 reads") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  REQUIRE(run_program(folder, "run a.yaml --set 'negative_prompt=blurry, dark' --set seed=5").code == 0);
  CHECK(parameters_of(folder.path / "cat.png") ==
        "a cat\nNegative prompt: blurry, dark\nSteps: 2, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: "
        "5, Size: 64x64, "
        "Model hash: " +
            short_sum(folder, kModel) +
            ", Model: single_file, RNG: CPU, SGM noise multiplier: True, Version: calotype 0.1.0");
}

TEST_CASE("cli: A1111's text has each of its names where A1111 writes it, in its order") {
  const Folder folder;
  folder.write("a.yaml", kConfig + "seed: 5\n");
  const std::string sum = short_sum(folder, kModel),
                    vae = fs::path(kModel).parent_path() / "diffusers/vae/diffusion_pytorch_model.safetensors";
  const std::string init = CALOTYPE_TEST_DATA "/goldens/init.png",
                    first = "Model hash: " + sum + ", Model: single_file, ";
  const std::string more =
      "--set 'scheduler={id: karras, rho: 5, sigma_min: 0.1, sigma_max: 10}' --set noise=philox --set "
      "initial_noise=sigma --set clip_skip=1 "
      "--set variation_seed=11 --set variation_strength=0.25 --set eta_noise_seed_delta=31337 --set token_merging=0.5 ";
  const std::vector<std::pair<std::string, std::string>> rows{
      {more + "--set 'sampler={id: euler, s_churn: 0.5, s_tmin: 0.1, s_tmax: 5, s_noise: 1.01}'",
       first + "Variation seed: 11, Variation seed strength: 0.25, Clip skip: 3, ENSD: 31337, Token merging ratio: "
               "0.5, RNG: NV, Schedule min sigma: 0.1, "
               "Schedule max sigma: 10, Schedule rho: 5, Sigma churn: 0.5, Sigma tmin: 0.1, Sigma tmax: 5, Sigma "
               "noise: 1.01, "},
      {"--set eta_noise_seed_delta=1 --set 'sampler={id: euler_ancestral, eta: 0.5}'",
       first + "ENSD: 1, RNG: CPU, SGM noise multiplier: True, Eta: 0.5, "},
      {"--set eta_noise_seed_delta=1 --set 'sampler={id: euler_ancestral, eta: 0}'",
       first + "RNG: CPU, SGM noise multiplier: True, Eta: 0, "},
      {"--set eta_noise_seed_delta=1 --set sampler=dpmpp_2m_sde", first + "RNG: CPU, SGM noise multiplier: True, "},
      {"--set sampler=dpm_fast", first + "RNG: CPU, SGM noise multiplier: True, Eta: 0, "},
      {"--set scheduler=karras --set 'sampler={id: ddim@a1111, eta: 1}'", first + "RNG: CPU, Eta DDIM: 1, "},
      {"--set scheduler=beta@a1111 --set sampler=euler",
       first + "RNG: CPU, Beta schedule alpha: 0.6, Beta schedule beta: 0.6, SGM noise multiplier: True, "},
      {"--set pipeline=image_to_image --set image=" + init, first + "Denoising strength: 0.75, RNG: CPU, "},
      {"--set model.vae=" + vae,
       first + "VAE hash: " + short_sum(folder, vae) +
           ", VAE: diffusion_pytorch_model.safetensors, RNG: CPU, SGM noise multiplier: True, "},
      {"--set 'refiner={model: " + kModel + ", start_step: 1}'",
       first + "RNG: CPU, SGM noise multiplier: True, Refiner switch by sampling steps: True, Refiner: single_file [" +
           sum + "], Refiner switch at: 0.5, "},
      {"--set 'hires={scale: 1.5, steps: 3}'",
       first + "Denoising strength: 0.5, RNG: CPU, Hires upscale: 1.5, Hires steps: 3, Hires upscaler: Latent, SGM "
               "noise multiplier: True, "},
      {"--set output.model_hash=false", "Model: single_file, RNG: CPU, SGM noise multiplier: True, "}};
  for (const auto& [options, wanted] : rows) {
    CAPTURE(options);
    const Ended e = run_program(folder, "run a.yaml --set output.exists=overwrite " + options);
    CHECK(e.err == "");
    const std::string text = parameters_of(folder.path / "cat.png");
    CAPTURE(text);
    CHECK(text.ends_with("Size: 64x64, " + wanted + "Version: calotype 0.1.0"));
  }
}

TEST_CASE("cli: variations have names of their own, are generated again from their record, and name what they are") {
  const Folder folder;
  folder.write("a.yaml", "model: " + kModel +
                             "\nprompt: a cat\nwidth: 64\nheight: 64\nsteps: 2\ndevice: cpu\ndtype: float32\nseed: "
                             "5\nvariation_seed: 11\nvariation_strength: 0.5\n");
  const Ended e = run_program(folder, "run a.yaml --set images=2");
  CHECK(e.err == "");
  CHECK(e.out == "a_cat-5-11.png\na_cat-5-12.png\n");
  REQUIRE(run_program(folder, "run a_cat-5-12.png --set output=again.png").code == 0);
  CHECK(text_of(folder.path / "again.png") == text_of(folder.path / "a_cat-5-12.png"));
  CHECK(run_program(folder, "run a.yaml --dry-run").out.find("  variation     to seed 11 by 0.5\n") !=
        std::string::npos);
}

TEST_CASE("cli: models prints where it looked when there is none") {
  const Folder folder;
  const std::string where = fs::canonical(folder.path).string();
  REQUIRE(fs::create_directories(folder.path / "home/models"));
  const std::string home = "env -u CALOTYPE_MODELS -u CALOTYPE_MODEL_PATHS HOME=" + where +
                           "/home HF_HUB_CACHE=" + where + "/hub " CALOTYPE_PROGRAM " models";
  const Ended usual = shell(folder, home);
  CHECK(usual.code == 0);
  CHECK(usual.out == "");
  CHECK(usual.err == "calotype: no model in " + where + "/home/models, the Hugging Face cache " + where +
                         "/hub; name a folder with --set models_dir=FOLDER or CALOTYPE_MODELS: docs/models.md\n");
  CHECK(shell(folder, home + " --set models_dir=home").err ==
        "calotype: no model in what --set names; name a folder with --set models_dir=FOLDER or CALOTYPE_MODELS: "
        "docs/models.md\n");
  CHECK(shell(folder, home + " --json").out == "");
}

TEST_CASE("cli: list has every scheduler and sampler with its other names and the program that it comes from") {
  const Folder folder;
  const auto has_row = [](const std::string& table, const std::string& row) {
    return std::regex_search(table, std::regex("(^|\n)" + row));
  };
  for (const std::string kind : {"schedulers", "samplers"}) {
    std::istringstream lines(run_program(folder, "list --json " + kind).out);
    const std::string table = run_program(folder, "list " + kind).out;
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      const json e = json::parse(line);
      std::string also;
      for (const std::string alias : e["aliases"]) also += (also.empty() ? "" : ", ") + alias;
      CAPTURE(line);
      CHECK(has_row(table, e["id"].get<std::string>() + "( \\*)? +" + also + " +" + e.value("origin", "") + " "));
    }
    CHECK(count == (kind == "samplers" ? 67 : 49));
  }
  CHECK(has_row(run_program(folder, "list schedulers").out, "dpm_pp_2m_karras \\* +dpmpp_2m_karras +k-diffusion "));
}

TEST_CASE("cli: an image with restarts is generated again from its record, and has A1111's words") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  REQUIRE(run_program(
              folder,
              "run a.yaml --set sampler=restart --set steps=3 --set 'restart={sigma_min: 0.5, sigma_max: 2, steps: 2}' "
              "--set discard_next_to_last_sigma=true")
              .code == 0);
  const auto texts = calotype::read_png_texts(text_of(folder.path / "cat.png"), "cat.png");
  CHECK(texts.at("parameters").find("Steps: 3, Sampler: Restart, Schedule type: Karras, ") != std::string::npos);
  CHECK(texts.at("parameters").find(", Discard penultimate sigma: True, ") != std::string::npos);
  REQUIRE(run_program(folder, "run cat.png --set output=again.png").code == 0);
  CHECK(text_of(folder.path / "again.png") == text_of(folder.path / "cat.png"));
  REQUIRE(run_program(folder, "run cat.png --set output=other.png --set restart=none").code == 0);
  CHECK(text_of(folder.path / "other.png") != text_of(folder.path / "cat.png"));
  const std::string plan = run_program(folder, "run cat.png --dry-run").out;
  CHECK(plan.find(
            "steps         3, and 2 of restarts\n  restart       from sigma 0.446920894 to 2 and back in 2 steps\n") !=
        std::string::npos);
  CHECK(plan.find("evaluations   9 an image\n") != std::string::npos);
  CHECK(run_program(folder, "run a.yaml --dry-run --set output=third.png --set restart=a1111 --set steps=20")
            .out.find("steps         20, 9 of them restarts\n") != std::string::npos);
}

TEST_CASE("cli: a plan, a record and an image answer with the name of the scheduler that the config has") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  std::vector<std::vector<uint8_t>> pixels;
  for (const std::string name : {"karras", "dpm_pp_2m_karras"}) {
    const std::string png = name + ".png", run = "run a.yaml --json --set output=" + png + " --set scheduler=" + name;
    CHECK(json::parse(run_program(folder, run + " --dry-run").out)["scheduler"]["id"] == name);
    CHECK(json::parse(run_program(folder, run).out)["config"]["scheduler"]["id"] == name);
    const auto texts = calotype::read_png_texts(text_of(folder.path / png), png);
    CHECK(json::parse(texts.at("calotype"))["scheduler"]["id"] == name);
    CHECK(texts.at("parameters").find(", Schedule type: Karras, ") != std::string::npos);
    REQUIRE(run_program(folder, "run " + png + " --set output=again-" + png).code == 0);
    CHECK(text_of(folder.path / ("again-" + png)) == text_of(folder.path / png));
    pixels.push_back(calotype::decode_image(text_of(folder.path / png), png).rgb);
  }
  CHECK(pixels[0] == pixels[1]);
}

TEST_CASE("cli: --json gives one object an image, with statistics") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = run_program(
      folder, "run a.yaml --json --set images=2 --set 'output={path: \"{seed}.png\", latents: l.safetensors}'");
  REQUIRE(e.code == 0);
  const size_t end = e.out.find('\n');
  const json first = json::parse(e.out.substr(0, end)), second = json::parse(e.out.substr(end + 1));
  CHECK(first["path"] == "0.png");
  CHECK(second["path"] == "1.png");
  CHECK(second["seed"] == 1);
  CHECK(second["latents"] == "l.safetensors");
  CHECK(second["statistics"]["model_calls"] == 4);
  CHECK(second["config"]["images"] == 1);
}

TEST_CASE("cli: --dry-run prints the sigmas and writes nothing") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = run_program(folder, "run a.yaml --dry-run --json");
  REQUIRE(e.code == 0);
  const json plan = json::parse(e.out);
  CHECK(plan["sigmas"].size() == 3);
  CHECK(plan["sampler"]["id"] == "dpmpp_2m");
  CHECK(plan["model_calls"] == 2);
  CHECK(plan["outputs"][0] == "cat.png");
  CHECK_FALSE(fs::exists(folder.path / "cat.png"));
}

TEST_CASE("cli: whatever is wrong ends with its own text and not with 0") {
  const Folder folder;
  struct Row {
    std::string arguments, message;
    int code;
  };
  const std::string schedulers =
      "karras, karras@diffusers-leading, karras@diffusers-trailing, dpm_pp_2m_karras, dpm_pp_2m_sde_karras, and 44 "
      "more: calotype list schedulers"
      "; for another plugin, name its folder in plugins.path or CALOTYPE_PLUGIN_PATH";
  const std::string where = fs::canonical(folder.path).string();
  const std::vector<Row> rows{
      {"run a.yaml --set scheduler=karas",
       "--set scheduler=karas: unknown scheduler \"karas\"; did you mean \"karras\"? known: " + schedulers, 78},
      {"run bad.yaml", "bad.yaml:2:12: unknown scheduler \"karas\"; did you mean \"karras\"? known: " + schedulers, 78},
      {"run a.yaml --set scheduler=karras --set scheduler.roh=3",
       "--set scheduler.roh=3: scheduler \"karras\": unknown key \"roh\"; did you mean \"rho\"? known: id, "
       "rho, sigma_min, sigma_max, range",
       78},
      {"run a.yaml --set scheduler={id: karras, rho: 0}",
       "--set scheduler={id: karras, rho: 0}: scheduler.rho: want a number from 1 to 100, got \"0\"", 78},
      {"run a.yaml --set step=3",
       "--set step=3: " + calotype::unknown_name("key", "step", taken_keys(), {}, "calotype list keys"), 78},
      {"run a.yaml --set steps=abc", "--set steps=abc: steps: want an integer from 1 to 1000, got \"abc\"", 78},
      {"run a.yaml --set scheduler=beta --set steps=500",
       "--set scheduler=beta: scheduler \"beta\": at most 138 steps: with more, the beta distribution chooses some "
       "timestep twice",
       78},
      {"run a.yaml --set clip_skip=9", "clip_skip: want 0 to 2, got 9", 78},
      {"run a.yaml --set device=cuda:x", "--set device=cuda:x: device: want auto, cpu, cuda or cuda:N, got \"cuda:x\"",
       78},
      {"run a.yaml --set model=no.safetensors",
       "--set model=no.safetensors: model: no file or folder \"" + where + "/no.safetensors\"", 66},
      {"run a.yaml --set model=cut.safetensors", "", 65},
      {"run none.yaml", "none.yaml: no such file", 66},
      {"run text.png", "text.png:1:1: want keys with values, got a text", 78},
      {"run", "", 64},
      {"run a.yaml --set model=nothing-like-it",
       "--set model=nothing-like-it: model: no file or folder \"" + where +
           "/nothing-like-it\"; a name is looked for in models_dir, ./models and ~/models, and none is there",
       66},
      {"run a.yaml --set model=org/name",
       "--set model=org/name: model: no file or folder \"" + where + "/org/name\"; to fetch it: hf download org/name",
       66},
      {"models x", "models: want no name, got \"x\"; calotype show MODEL describes one", 64},
      {"models --set models_dir=none", "--set models_dir=none: models_dir: no folder \"" + where + "/none\"", 66},
      {"models --set stpes=3", "--set stpes=3: models: unknown key \"stpes\"; known: models_dir, model_paths", 78},
      {"show", "show: want the name of a scheduler, sampler, plugin or model, or the path of a model or image", 64},
      {"show org/name", "show: no file or folder \"" + where + "/org/name\"; to fetch it: hf download org/name", 66},
      {"show karas",
       "show: unknown name \"karas\"; did you mean \"karras\"? as a model: no file or folder \"" + where +
           "/karas\"; a name is looked for in models_dir, ./models and ~/models, and none is there",
       66},
      {"show \"\"", "show: model: want a path or a name, got \"\"", 66},
      {"rnu a.yaml",
       "unknown command \"rnu\"; did you mean \"run\"? known: run, grid, list, models, show, sigmas, schema, "
       "completion, plugin",
       64},
      {"sigmas karras --steps 4 --plot levels.jpg", "sigmas: --plot: want a name that ends in .png, got \"levels.jpg\"",
       64},
      {"list shedulers",
       "list: unknown kind \"shedulers\"; did you mean \"schedulers\"? known: schedulers, samplers, loaders, "
       "pipelines, plugins, keys, settings",
       64},
      {"plugin chekc", "unknown plugin command \"chekc\"; did you mean \"check\"? known: new, check, why, lock", 64},
      {"sigmas karras", "sigmas: want --steps N, got none", 64},
      {"run a.yaml --set cfg_scale=7", "--set cfg_scale=7: unknown key \"cfg_scale\"; here it is \"guidance_scale\"",
       78},
      {"run a.yaml --dry-run --set output=a.yaml/b/c.png",
       "a.yaml/b/c.png: cannot be written: " + where + "/a.yaml is not a folder", 73},
      {"sigmas karras --steps 0", "sigmas: --steps: want 1 to 1000, got 0", 64},
      {"sigmas karas --steps 5", "unknown scheduler \"karas\"; did you mean \"karras\"? known: " + schedulers, 78}};
  folder.write("a.yaml", kConfig);
  folder.write("bad.yaml", "prompt: a cat\nscheduler: karas\nmodel: " + kModel + "\n");
  folder.write("cut.safetensors", text_of(kModel).substr(0, 100000));
  folder.write("text.png", "not an image");
  for (const Row& row : rows) {
    std::string quoted;
    for (size_t at = 0; at < row.arguments.size();) {
      size_t end = row.arguments.find(" --", at + 1);
      end = std::min(end, row.arguments.size());
      std::string part = row.arguments.substr(at, end - at);
      if (const size_t value = part.find("--set "); value != std::string::npos)
        part = part.substr(0, value + 6) + "'" + part.substr(value + 6) + "'";
      quoted += part;
      at = end;
    }
    const Ended e = run_program(folder, quoted);
    CAPTURE(row.arguments);
    CHECK(e.code == row.code);
    CHECK(e.out == "");
    if (row.message.empty())
      CHECK(e.err != "");
    else
      CHECK(e.err == row.message + "\n");
  }
  CHECK_FALSE(fs::exists(folder.path / "cat.png"));
}

TEST_CASE("cli: a config that is wrong stops the ones before it too") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  folder.write("b.yaml", kConfig + "seeed: 1\n");
  CHECK(run_program(folder, "run a.yaml b.yaml").code == 78);
  CHECK_FALSE(fs::exists(folder.path / "cat.png"));
}

TEST_CASE("cli: SIGINT ends a run with 130 and leaves no half-written file") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = shell(folder, "timeout --preserve-status -s INT 3 " CALOTYPE_PROGRAM
                                " run a.yaml --set steps=1000 --set images=50 --set 'output={seed}.png'");
  CHECK(e.code == 130);
  CHECK(e.err == "cancelled\n");
  for (const auto& file : fs::directory_iterator(folder.path))
    CHECK(file.path().string().find(".part") == std::string::npos);
}

TEST_CASE("cli: an image larger than the user's limit of files is an error that leaves nothing") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  const Ended e = shell(folder, "ulimit -f 1; " CALOTYPE_PROGRAM " run a.yaml --set width=256 --set height=256");
  CHECK(e.code == 74);
  CHECK(e.err == "cat.png: cannot be written: File too large\n");
  for (const auto& file : fs::directory_iterator(folder.path))
    CHECK(file.path().string().find(".png") == std::string::npos);
}

TEST_CASE("cli: sigmas are the scheduler's") {
  const Folder folder;
  const Ended e = run_program(folder, "sigmas euler --steps 4 --set spacing=leading --json");
  REQUIRE(e.code == 0);
  const json golden =
      json::parse(std::ifstream(CALOTYPE_TEST_DATA "/goldens/schedules.json"))["diffusers.leading.4"]["sigmas"];
  const json sigmas = json::parse(e.out)["sigmas"];
  REQUIRE(sigmas.size() == golden.size());
  for (size_t i = 0; i < golden.size(); ++i)
    CHECK(sigmas[i].get<double>() == doctest::Approx(golden[i].get<double>()).epsilon(1e-6));
}

TEST_CASE("cli: sigmas takes a setting by its name alone and as a config has it, and repeats what was typed") {
  const Folder folder;
  const std::string sigmas = "sigmas karras --steps 4 --set ", wanted = run_program(folder, sigmas + "rho=5").out;
  CHECK(wanted != run_program(folder, "sigmas karras --steps 4").out);
  CHECK(run_program(folder, sigmas + "scheduler.rho=5").out == wanted);
  CHECK(run_program(folder, sigmas + "rho=0").err ==
        "--set rho=0: scheduler.rho: want a number from 1 to 100, got \"0\"\n");
  CHECK(run_program(folder, sigmas + "scheduler.rho=0").err ==
        "--set scheduler.rho=0: scheduler.rho: want a number from 1 to 100, got \"0\"\n");
  CHECK(run_program(folder, sigmas + "rho").err == "--set rho: want KEY=VALUE\n");
}

TEST_CASE("cli: show knows entries, plugins, models and images") {
  const Folder folder;
  folder.write("a.yaml", kConfig);
  REQUIRE(run_program(folder, "run a.yaml").code == 0);
  CHECK(run_program(folder, "show karras").out.starts_with("scheduler karras\n"));
  CHECK(run_program(folder, "show samplers").out.find("sampler restart\n") != std::string::npos);
  CHECK(json::parse(run_program(folder, "show " + kModel + " --json").out)["family"] == "sdxl");
  CHECK(run_program(folder, "show cat.png").out.starts_with("calotype:\n{\"model\":"));
  fs::copy_file(CALOTYPE_TEST_DATA "/goldens/init.png", folder.path / "plain.png");
  CHECK(run_program(folder, "show plain.png").out == "plain.png: holds no text\n");
}

TEST_CASE("cli: show takes a name before a file or folder of that name, and what is written as a path as one") {
  const Folder folder;
  fs::create_directories(folder.path / "karras");
  fs::copy_file(kModel, folder.path / "prompt");
  CHECK(run_program(folder, "show karras").out.starts_with("scheduler karras\n"));
  CHECK(run_program(folder, "show ./karras").err.find("model: no loader accepts \"") != std::string::npos);
  CHECK(run_program(folder, "show prompt").err.find("model: no loader accepts \"") != std::string::npos);
  CHECK(run_program(folder, "show steps").out.starts_with("key of configs\n"));
  const Ended none = run_program(folder, "show nonsense");
  CHECK(none.code == 66);
  CHECK(none.err.starts_with("show: unknown name \"nonsense\"; known: "));
  CHECK(none.err.find(" more: calotype list; as a model: no file or folder ") != std::string::npos);
}

TEST_CASE("cli: models lists what is in ./models, and what is refused with the reason") {
  const Folder folder;
  fs::create_directories(folder.path / "models/checkpoints");
  CHECK(run_program(folder, "models").out == "");
  fs::copy_file(kModel, folder.path / "models/checkpoints/tiny.safetensors");
  folder.write("models/checkpoints/zero.safetensors", "");
  const std::string where = fs::canonical(folder.path).string() + "/models";
  const Ended e = run_program(folder, "models"), lines = run_program(folder, "models --json");
  CHECK(e.code == 0);
  CHECK(e.out.find("tiny  sdxl    single file  12.2 MB  ") != std::string::npos);
  CHECK(e.out.ends_with(
      "refused\n  " + where +
      "/checkpoints/zero.safetensors\n  too short for a safetensors file: want at least 8 bytes, got 0\n"));
  const size_t end = lines.out.find('\n');
  const json good = json::parse(lines.out.substr(0, end)), bad = json::parse(lines.out.substr(end + 1));
  CHECK(good["name"] == "tiny");
  CHECK(good["accepted"] == true);
  CHECK(good["family"] == "sdxl");
  CHECK(good["layout"] == "single file");
  CHECK(good["prediction"] == "epsilon");
  CHECK(good["bytes"] == fs::file_size(kModel));
  CHECK(good["types"].size() > 0);
  CHECK(good["where"] == where);
  CHECK(bad["accepted"] == false);
  CHECK(bad["reason"] == "too short for a safetensors file: want at least 8 bytes, got 0");
}

TEST_CASE("cli: show explains how a name of one program differs in another") {
  const Folder folder;
  CHECK(run_program(folder, "show beta")
            .out.find("  elsewhere     beta@a1111: quantiles of sigma, where ComfyUI's are of timesteps: many "
                      "steps at high sigmas; not for detail\n") != std::string::npos);
  CHECK(run_program(folder, "show beta@diffusers").out.find("  elsewhere     beta: many steps at high and at low") !=
        std::string::npos);
  CHECK(run_program(folder, "show smoothstep").out.find("elsewhere") == std::string::npos);
}

TEST_CASE("cli: show describes a model by its name, with its sum, and lists what an incomplete one lacks") {
  const Folder folder;
  fs::create_directories(folder.path / "models/checkpoints");
  fs::create_directory_symlink(fs::path(kModel).parent_path() / "diffusers", folder.path / "models/whole");
  fs::copy(fs::path(kModel).parent_path() / "diffusers", folder.path / "models/incomplete",
           fs::copy_options::recursive);
  fs::remove_all(folder.path / "models/incomplete/text_encoder_2");
  const json whole = json::parse(run_program(folder, "show whole --json").out);
  CHECK(whole["complete"] == true);
  CHECK(whole["components"].size() == 4);
  CHECK(whole["sha256"].get<std::string>().size() == 64);
  const std::string by_hand =
      shell(folder, "(cd models/whole/ && find -L . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)").out;
  CHECK(whole["sha256"] == by_hand.substr(0, 64));
  CHECK(fs::exists(folder.path / ".cache/calotype/sha256.json"));
  const Ended incomplete = run_program(folder, "show incomplete");
  CHECK(incomplete.code == 0);
  CHECK(incomplete.out.find("  missing: text_encoder_2\n") != std::string::npos);
  CHECK(incomplete.out.find("  complete      no\n") != std::string::npos);
  CHECK(json::parse(run_program(folder, "show incomplete --json").out)["missing"] == json{"text_encoder_2"});
  CHECK(run_program(folder, "show hwole").err ==
        "show: no file or folder \"" + fs::canonical(folder.path).string() + "/hwole\", nor a model of that name in " +
            fs::canonical(folder.path).string() + "/models; did you mean \"whole\"?\n");
}

TEST_CASE("list: on a terminal no line is wider than it, elsewhere nothing is left out") {
  const Folder folder;
  for (const int width : {80, 100, 140}) {
    const Ended e = shell(folder, "script -qec 'stty cols " + std::to_string(width) +
                                      "; " CALOTYPE_PROGRAM " list samplers' /dev/null | tr -d '\\r'");
    REQUIRE(e.code == 0);
    std::istringstream lines(e.out);
    size_t longest = 0, count = 0;
    for (std::string line; std::getline(lines, line); ++count) longest = std::max(longest, line.size());
    CHECK(longest <= size_t(width));
    CHECK(longest > size_t(width) - 12);
    CHECK(count > 67);
    CHECK(e.out.find("\ndpmpp_2m *  ") != std::string::npos);
  }
  CHECK(run_program(folder, "list samplers").out.starts_with("sampler                         also "));
}

TEST_CASE("docs: the scheduler in README.md is sdk/example, and the program is docs/examples") {
  const std::string readme = text_of(CALOTYPE_SOURCE "/README.md");
  CHECK(readme.find("```cpp\n" + text_of(CALOTYPE_SOURCE "/sdk/example/ease.cpp") + "```") != std::string::npos);
  CHECK(readme.find("```cpp\n" + text_of(CALOTYPE_SOURCE "/docs/examples/embed.cpp") + "```") != std::string::npos);
}

TEST_CASE("docs: the config in README.md is configs/demo.yaml") {
  const std::string readme = text_of(CALOTYPE_SOURCE "/README.md");
  CHECK(readme.find("```yaml\n" + text_of(CALOTYPE_SOURCE "/configs/demo.yaml") + "```") != std::string::npos);
}

TEST_CASE("docs: the table in docs/run.md is what `calotype list keys` prints") {
  const Folder folder;
  const std::string table = run_program(folder, "list keys").out;
  CHECK(table.find("| `steps` |") != std::string::npos);
  CHECK(text_of(CALOTYPE_SOURCE "/docs/run.md").find(table) != std::string::npos);
}

TEST_CASE("docs: the table in docs/settings.md is what `calotype list settings` prints") {
  const Folder folder;
  const std::string table = shell(folder, "unset CALOTYPE_PLUGIN_PATH; " CALOTYPE_PROGRAM " list settings").out;
  CHECK(table.find("| scheduler `dpm_pp_2m_karras` | `rho` | number 1 to 100 | 7 | 1 spaces evenly") !=
        std::string::npos);
  CHECK(text_of(CALOTYPE_SOURCE "/docs/settings.md").ends_with("\n\n" + table));
}

TEST_CASE("cli: show has the unit of a setting, since when it is there, and its older names") {
  const Folder folder;
  const std::string with_plugin = "CALOTYPE_PLUGIN_PATH='" CALOTYPE_FIXTURES "/settings' " CALOTYPE_PROGRAM " ";
  const Ended e = shell(folder, with_plugin + "show every_setting");
  CHECK(e.out.find("  setting       size = 4   (number 1 to 64 sigma)\n                the first sigma\n"
                   "                since 1.2.0\n                older name: width, span\n") != std::string::npos);
  CHECK(e.out.find("setting       count = 3   (integer 0 to 8)") != std::string::npos);
  CHECK(e.out.find("setting       free   (number)") != std::string::npos);
  CHECK(e.out.find("scheduler every_setting", 1) == std::string::npos);  // once, though its plugin has the same name
  const json size = json::parse(shell(folder, with_plugin + "show every_setting --json").out)["settings"][0];
  CHECK(size["unit"] == "sigma");
  CHECK(size["since"] == "1.2.0");
  CHECK(size["formerly"] == json{"width", "span"});
}

TEST_CASE("cli: show has a key of configs") {
  const Folder folder;
  const Ended e = run_program(folder, "show guidance_scale");
  CHECK(e.code == 0);
  CHECK(e.out.starts_with("key of configs\n  setting       guidance_scale = 5   (number "));
  CHECK(json::parse(run_program(folder, "show model.path --json").out)["type"] == "text");
}

TEST_CASE("cli: a setting under an older name works, and a warning names the new one") {
  const Folder folder;
  const std::string with_plugin = "CALOTYPE_PLUGIN_PATH='" CALOTYPE_FIXTURES "/settings' " CALOTYPE_PROGRAM " ";
  const Ended sigmas = shell(folder, with_plugin + "sigmas every_setting --steps 2 --set width=8");
  CHECK(sigmas.out == "8\n4\n0\n");
  CHECK(sigmas.err == "calotype: warning: --set width=8: scheduler.width: older name; write \"size\"\n");
  folder.write("a.yaml", kConfig + "scheduler: {id: every_setting, span: 8}\n");
  const Ended run = shell(folder, with_plugin + "run a.yaml");
  CHECK(run.code == 0);
  CHECK(run.err == "calotype: warning: a.yaml:9:32: scheduler.span: older name; write \"size\"\n");
  CHECK(text_of(folder.path / "cat.png").find("\"size\":8.0") != std::string::npos);
}

TEST_CASE("sdk: the scheduler in sdk/example builds with the SDK's headers alone, and runs") {
  const Folder folder;
  fs::create_directories(folder.path / "out");
  const Ended built =
      shell(folder, CALOTYPE_CXX " -std=c++20 -O2 -shared -fPIC -I " CALOTYPE_SOURCE "/sdk/include " CALOTYPE_SOURCE
                                 "/sdk/example/ease.cpp -o out/ease.so");
  CHECK(built.err == "");
  REQUIRE(built.code == 0);
  const Ended e =
      run_program(folder, "run " CALOTYPE_SOURCE
                          "/sdk/example/ease.yaml --set plugins.path=out --set steps=3 --set model=" CALOTYPE_SOURCE
                          "/configs/demo_model/demo.safetensors");
  CHECK(e.err == "");
  CHECK(e.out == "ease.png\n");
  CHECK(run_program(folder, "sigmas ease --steps 3").code == 78);
  CHECK(shell(folder, "CALOTYPE_PLUGIN_PATH=out " CALOTYPE_PROGRAM " sigmas ease --steps 1").out == "14.6146466\n0\n");
}

TEST_CASE("sdk: a plugin built with a later SDK loads here, unless it declares that it cannot") {
  const Folder folder;
  const std::string build = CALOTYPE_CXX " -std=c++20 -shared -fPIC -I later " CALOTYPE_SOURCE "/sdk/example/ease.cpp";
  const Ended built = shell(
      folder, "cp -r " CALOTYPE_SOURCE
              "/sdk/include later && sed -i 's/define CALOTYPE_ABI 1u/define CALOTYPE_ABI 7u/' later/calotype/abi.h && "
              "grep -q 'CALOTYPE_ABI 7u' later/calotype/abi.h && mkdir can cannot && " +
                  build + " -o can/ease.so && " + build + " -DCALOTYPE_REQUIRED_ABI=7u -o cannot/ease.so");
  REQUIRE(built.code == 0);
  CHECK(shell(folder, "CALOTYPE_PLUGIN_PATH=can " CALOTYPE_PROGRAM " sigmas ease --steps 1").out == "14.6146466\n0\n");
  const Ended e = shell(folder, "CALOTYPE_PLUGIN_PATH=cannot " CALOTYPE_PROGRAM " sigmas ease --steps 1");
  CHECK(e.code == 77);
  CHECK(e.err.find("needs a newer SDK: want at most 1, got interface 7") != std::string::npos);
}

TEST_CASE("configs: every one runs, or reports what it needs") {
  const Folder folder;
  for (const auto& file : fs::directory_iterator(CALOTYPE_SOURCE "/configs")) {
    if (file.path().extension() != ".yaml") continue;
    CAPTURE(file.path().string());
    const Ended e = run_program(folder, "run " + file.path().string() + " --dry-run");
    if (e.code != 0) CHECK(e.err.find("model: no file or folder") != std::string::npos);
  }
}
