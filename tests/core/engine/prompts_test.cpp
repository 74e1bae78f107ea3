// Prompts through the host: every example of docs/prompts.md, configs/prompts.yaml, records and names of images.
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kTiny = "model: " CALOTYPE_TEST_DATA
                          "/tiny_sdxl/single_file.safetensors\ndevice: cpu\ndtype: float32\n"
                          "width: 64\nheight: 64\n";

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_prompts_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path / "wildcards"); }
  ~Folder() { fs::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> examples() {
  std::vector<std::string> out;
  std::istringstream page(text_of(CALOTYPE_SOURCE "/docs/prompts.md"));
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```yaml") out.emplace_back();
    if (inside && line != "```") out.back() += line + "\n";
    if (line.starts_with("```")) inside = !inside;
  }
  return out;
}

std::vector<std::string> warnings_of(const std::string& more) {
  Host host;
  return host.plan(host.resolve(Config::from_text(kTiny + more, "a"))).warnings;
}

RunOptions in_memory() {
  RunOptions options;
  options.write_files = false;
  return options;
}

Result run(Host& host, const std::string& more, const std::vector<std::string>& overrides = {}) {
  return host.run(host.resolve(Config::from_text(kTiny + "steps: 3\n" + more, "tiny", overrides)), in_memory());
}

std::string error_of(const std::string& more) {
  try {
    Host().resolve(Config::from_text(kTiny + more, "tiny"));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("prompts: every example of the page generates") {
  const Folder folder;
  folder.write("wildcards/colors.txt", "red\nblue\n");
  Host host;
  const auto all = examples();
  CHECK(all.size() == 5);
  for (const std::string& example : all) {
    CAPTURE(example);
    const std::string path = folder.write("example.yaml", kTiny + example);
    const Result result = host.run(host.resolve(Config::from_file(path, {"steps=3"})), in_memory());
    CHECK(result.pictures.size() > 0);
    for (const GeneratedImage& image : result.pictures) CHECK(image.record.find("__colors__") == std::string::npos);
  }
}

TEST_CASE("prompts: the config generates what its prompt asks for, under the expanded names") {
  const Folder folder;
  Host host;
  const auto config = Config::from_file(CALOTYPE_SOURCE "/configs/prompts.yaml",
                                        {"steps=2", "output=" + (folder.path / "{prompt}-{seed}.png").string()});
  const Result result = host.run(host.resolve(config));
  REQUIRE(result.pictures.size() == 2);
  for (const GeneratedImage& image : result.pictures) {
    CAPTURE(image.path);
    const bool is_square = image.path.find("square") != std::string::npos;
    CHECK(image.record.find(is_square ? "(yellow:1.2) square [on" : "(yellow:1.2) circle [on") != std::string::npos);
    CHECK(fs::exists(image.path));
  }
}

TEST_CASE("prompts: image k does not depend on how many there are, and its record generates it again") {
  const Folder folder;
  folder.write("wildcards/colors.txt", "red\nblue\nblack\n");
  Host host;
  const std::string more = R"(prompt_syntax: a1111
prompt: a __colors__ {circle|square|\{} [left|right]
seed: 3
)";
  const std::string wildcards = "wildcards=" + (folder.path / "wildcards").string();
  const Result all = run(host, more, {wildcards, "images=4"});
  REQUIRE(all.pictures.size() == 4);
  for (int k = 0; k < 4; ++k) {
    const GeneratedImage& image = all.pictures[size_t(k)];
    CHECK(image.index == k);
    const Result alone = run(host, more, {wildcards, "seed=" + std::to_string(3 + k)});
    CHECK(alone.pictures[0].image.rgb == image.image.rgb);
    CHECK(alone.pictures[0].record == image.record);
    const Result again = host.run(host.resolve(Config::from_json(image.record, "a.png")), in_memory());
    CHECK(again.pictures[0].image.rgb == image.image.rgb);
    CHECK(again.pictures[0].record == image.record);
    CHECK(image.record.find(R"("expand_prompts":false)") != std::string::npos);
  }
}

TEST_CASE("prompts: plain ones are read as before, whatever they hold") {
  Host host;
  const Result plain = run(host, "prompt: a (red:1.2) {circle|square} [a|b]\n");
  const Result weighted = run(host, "prompt: a (red:1.2) {circle|square} [a|b]\nprompt_syntax: a1111\n");
  CHECK(plain.pictures[0].image.rgb != weighted.pictures[0].image.rgb);
  CHECK(plain.pictures[0].record.find("{circle|square}") != std::string::npos);
}

TEST_CASE("prompts: without any sign of theirs all three generate one image") {
  Host host;
  const std::string prompt = "prompt: a red circle\nnegative_prompt: blue\nprompt_syntax: ";
  const auto pixels = [&](const char* syntax) { return run(host, prompt + syntax).pictures[0].image.rgb; };
  CHECK(pixels("a1111") == pixels("plain"));
  CHECK(pixels("comfyui") == pixels("plain"));
}

TEST_CASE("prompts: long ones and those that change generate with every sampler's own calls") {
  Host host;
  std::string words;
  for (int i = 0; i < 100; ++i) words += "red ";
  for (const char* sampler : {"heun", "dpm_2", "dpmpp_2s_ancestral", "dpmpp_sde", "euler_ancestral"}) {
    CAPTURE(sampler);
    const Result result =
        run(host, "prompt: '[a|b] (" + words + ":1.1) [c:d:0.5]'\nprompt_syntax: a1111\nsampler: " + sampler + "\n");
    CHECK(result.pictures.size() == 1);
  }
}

TEST_CASE("prompts: what is wrong with their keys is reported in full") {
  CHECK(error_of("prompt: a\nprompt_syntax: a111\n") ==
        "tiny:7:16: prompt_syntax: want plain, a1111 or comfyui, got \"a111\"");
  CHECK(error_of("prompt: a\nprompt_syntax: a1111\nwildcards: /nowhere/cards\n") ==
        "tiny:8:12: wildcards: no folder \"/nowhere/cards\"");
  CHECK(error_of("prompt: a\nwildcards: /\n") ==
        "tiny:7:12: wildcards: want prompt_syntax a1111 or comfyui and expand_prompts too; this would be ignored");
  CHECK_THROWS_WITH(Config::from_json(R"({"wildcards": "/home"})", "a.png"),
                    "a.png:1:2: \"wildcards\" may not stand in a record; give it by an override");
}

TEST_CASE("prompts: an unknown wildcard is an error before any weight is read") {
  const Folder folder;
  Host host;
  const auto config = host.resolve(Config::from_text(kTiny + "prompt: a __colr__\nprompt_syntax: comfyui\n", "tiny",
                                                     {"wildcards=" + (folder.path / "wildcards").string()}));
  CHECK_THROWS_WITH(host.plan(config), doctest::Contains("prompt: no file \""));
}

TEST_CASE("prompts: what plain does not read of a long one is a warning, of every prompt by its key") {
  std::string long_prompt;
  for (int i = 0; i < 40; ++i) long_prompt += "a b ";                   // a token each
  CHECK(warnings_of("prompt: " + long_prompt.substr(0, 149)).empty());  // 75
  const std::string rest = "; prompt_syntax: a1111 or comfyui reads all of it";
  CHECK(warnings_of("prompt: " + long_prompt + "end") ==
        std::vector<std::string>{"prompt: the text encoder reads 75 tokens and not \"b a b a b end\"" + rest});
  CHECK(warnings_of("prompt: x\nnegative_prompt: " + long_prompt + "\nprompt_2: \"!!!" + long_prompt + "\"") ==
        std::vector<std::string>{"prompt_2: the text encoder reads 75 tokens and not \"a b a b a b a b\"" + rest,
                                 "negative_prompt: the text encoder reads 75 tokens and not \"b a b a b\"" + rest});
  CHECK(warnings_of("prompt: x\nguidance_scale: 1\nnegative_prompt: " + long_prompt).empty());
  CHECK(warnings_of("prompt_syntax: a1111\nprompt: " + long_prompt).empty());
}
