#include "core/config_fixture.h"

using namespace config_test;

namespace {

std::string message(const std::vector<std::string>& overrides, const std::string& yaml = kBase) {
  return message_of([&] { resolved(yaml, overrides); });
}

}  // namespace

TEST_CASE("override: replaces a value, and the last one wins") {
  const Folder folder;
  CHECK(resolved(kBase + "steps: 20\n", {"steps=40"}).request.steps == 40);
  CHECK(resolved(kBase, {"steps=40", "steps=0x10"}).request.steps == 16);
  CHECK(option<Numbers>(resolved(kBase, {"original_size=[512,384]"}), "original_size") == Numbers{512, 384});
  CHECK(option<std::string>(resolved(kBase, {"prompt_2=[a:b:0.5]"}), "prompt_2") == "[a:b:0.5]");
  CHECK(resolved(kBase, {"round_timesteps=true"}).request.round_timesteps);
  CHECK(resolved(kBase + "steps: bad\n", {"steps=40"}).request.steps == 40);
}

TEST_CASE("override: a text is taken as it is") {
  const Folder folder;
  CHECK(resolved(kBase, {"prompt=a cat: big, #1"}).request.prompt == "a cat: big, #1");
  CHECK(resolved(kBase, {"prompt=[masterpiece"}).request.prompt == "[masterpiece");
  CHECK(resolved(kBase, {"prompt=\"quoted\" {x} = y"}).request.prompt == "\"quoted\" {x} = y");
  CHECK(resolved(kBase, {"prompt=null"}).request.prompt == "null");
  CHECK(resolved(kBase, {"negative_prompt="}).request.negative_prompt == "");
  CHECK(resolved(kBase, {"output={seed}.png"}).output == "{seed}.png");
  CHECK(resolved(kBase, {"output.latents={seed}.safetensors"}).latents == "{seed}.safetensors");
}

TEST_CASE("override: a setting makes a map of a name, and keeps the other settings") {
  const Folder folder;
  const auto one = resolved(kBase + "scheduler: karras\n", {"scheduler.rho=5"});
  CHECK(one.scheduler.entry.id == "karras");
  CHECK(std::get<double>(one.scheduler.settings.at("rho")) == 5);
  const auto two = resolved(kBase + "scheduler: {id: karras, sigma_min: 0.1}\n", {"scheduler.rho=5"});
  CHECK(std::get<double>(two.scheduler.settings.at("sigma_min")) == 0.1);
  const auto three = resolved(kBase, {"scheduler=karras", "scheduler.rho=5"});
  CHECK(std::get<double>(three.scheduler.settings.at("rho")) == 5);
  CHECK(std::get<std::string>(resolved(kBase, {"model.vae=x.two"}).loader.settings.at("vae")) == folder / "x.two");
}

TEST_CASE("override: a name or a map replaces the section with its settings") {
  const Folder folder;
  const std::string yaml = kBase + "sampler: euler\nscheduler: {id: karras, rho: 5}\n";
  CHECK(resolved(yaml, {"scheduler=normal"}).scheduler.entry.id == "normal");
  const auto map = resolved(yaml, {"scheduler={id: normal, spacing: leading}"});
  CHECK(std::get<std::string>(map.scheduler.settings.at("spacing")) == "leading");
  CHECK(resolved(yaml, {"scheduler.id=edm"}).scheduler.entry.id == "karras");
}

TEST_CASE("override: a path is relative to the working directory, in the file to its folder") {
  const Folder folder;
  Folder::write("sub/a.yaml", "model: ../m.safetensors\nprompt: x\nplugins: {path: [../plugins]}\n");
  Folder::write("sub/m2.safetensors", "");
  const auto plain = Config::from_file("sub/a.yaml");
  CHECK(resolve(plain, make_catalog()).model == folder / "m.safetensors");
  CHECK(plain.plugin_paths() == std::vector<std::string>{folder / "plugins"});
  CHECK(plain.name() == "sub/a.yaml");
  const auto changed = Config::from_file("sub/a.yaml", {"model=./sub//m2.safetensors", "plugins.path=empty/"});
  CHECK(resolve(changed, make_catalog()).model == folder / "sub/m2.safetensors");
  CHECK(changed.plugin_paths() == std::vector<std::string>{folder / "empty"});
}

TEST_CASE("override: a setting alone is of the entry that would be taken without it") {
  const Folder folder;
  const auto karras = resolved(kBase, {"scheduler.rho=5"});
  CHECK(karras.scheduler.entry.id == "dpm_pp_2m_karras");
  CHECK(std::get<double>(karras.scheduler.settings.at("rho")) == 5);
  CHECK(karras.sampler.entry.id == "dpm_pp_2m");
  const auto of_sampler = resolved(kBase + "sampler: euler\n", {"scheduler.spacing=leading"});
  CHECK(of_sampler.scheduler.entry.id == "normal");
  CHECK(std::get<std::string>(of_sampler.scheduler.settings.at("spacing")) == "leading");
  const auto of_scheduler = resolved(kBase + "scheduler: karras\nsampler: {polish: true}\n");
  CHECK(of_scheduler.sampler.entry.id == "euler");
  CHECK(std::get<bool>(of_scheduler.sampler.settings.at("polish")));
  const auto both = resolved(kBase, {"scheduler.rho=5", "sampler.order=3"});
  CHECK(both.scheduler.entry.id == "dpm_pp_2m_karras");
  CHECK(std::get<double>(both.sampler.settings.at("order")) == 3);
  CHECK(resolved(kBase + "pipeline: {}\nscheduler: {}\n").pipeline.entry.id == "text_to_image");
}

TEST_CASE("override: what is wrong, in full") {
  const Folder folder;
  CHECK(message({"steps"}) == "--set steps: want KEY=VALUE");
  CHECK(message({"=5"}) == "--set =5: want KEY=VALUE");
  CHECK(message({"steps=abc"}) == "--set steps=abc: steps: want an integer from 1 to 1000, got \"abc\"");
  CHECK(message({"steps="}) == "--set steps=: steps: want an integer from 1 to 1000, got nothing");
  CHECK(message({"steps=\"5\""}) == "--set steps=\"5\": steps: want an integer from 1 to 1000, got the text \"5\"");
  CHECK(message({"steps=1,2"}) == "--set steps=1,2: steps: want an integer from 1 to 1000, got \"1,2\"");
  CHECK(message({"steps.x=1"}) == "--set steps.x=1: steps: want an integer from 1 to 1000, got a map");
  CHECK(message({"stps=5"}) == "--set stps=5: " + unknown_key("stps"));
  CHECK(message({"a.b.c=5"}) == "--set a.b.c=5: " + unknown_key("a"));
  CHECK(message({".=5"}) == "--set .=5: " + unknown_key(""));
  CHECK(message({"a.........b=5"}) == "--set a.........b=5: want fewer dots");
  CHECK(message({"scheduler.roh=5"}) ==
        "--set scheduler.roh=5: scheduler \"dpm_pp_2m_karras\": unknown key \"roh\"; did you mean \"rho\"? known: id, "
        "rho");
  CHECK(message({"scheduler=karas"}) ==
        "--set scheduler=karas: unknown scheduler \"karas\"; did you mean \"karras\"? known: "
        "dpm_pp_2m_karras, karras, lost, normal");
  CHECK(message({"scheduler={id: karras"}) ==
        "--set scheduler={id: karras: unknown scheduler \"{id: karras\"; did you mean \"karras\"? known: "
        "dpm_pp_2m_karras, karras, lost, normal");
  CHECK(message({"original_size=[1, 2"}) ==
        "--set original_size=[1, 2: not YAML: want \",\" or \"]\" in a list in brackets, got neither");
  CHECK(message({"scheduler={id: karras, id: x}"}) == "--set scheduler={id: karras, id: x}: duplicate key \"id\"");
  CHECK(message({"scheduler={id: karras, ro: 5}"}) ==
        "--set scheduler={id: karras, ro: 5}: scheduler \"karras\": unknown key \"ro\"; did you mean \"rho\"? known: "
        "id, rho, "
        "sigma_min");
  CHECK(message({"scheduler.ro=5"}, kBase + "scheduler: karras\n") ==
        "--set scheduler.ro=5: scheduler \"karras\": unknown key \"ro\"; did you mean \"rho\"? known: id, rho, "
        "sigma_min");
  CHECK(message({"scheduler.id=normal"}, kBase + "scheduler: {id: karras, rho: 5}\n") ==
        "a.yaml:3:25: scheduler \"normal\": unknown key \"rho\"; known: id, spacing, last");
  CHECK(message({"prompt=\xff"}) == "--set prompt=\\xff: want UTF-8, got a byte that is none");
  CHECK(message({"output={sed}.png"}) ==
        "--set output={sed}.png: output.path: unknown placeholder \"sed\"; did you mean \"seed\"? known: seed, "
        "variation_seed, "
        "scheduler, sampler, index, and 5 more: calotype list keys");
}
