// What {a|b} and __name__ become.
#include "host/prompt_expansion.h"

#include <calotype/error.h>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "host/image_request.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("calotype_wildcards_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path / "shapes"); }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
  }
};

Request request_of(const std::string& prompt, uint64_t seed = 0) {
  Request request;
  request.prompt = prompt, request.seed = seed, request.prompt_syntax = PromptSyntax::a1111;
  return request;
}

ResolvedConfig config_of(const Request& request) {
  ResolvedConfig config;
  config.request = request;
  return config;
}

std::string expanded(const std::string& prompt, uint64_t seed = 0, const std::string& wildcards = "") {
  return PromptExpander(wildcards)(config_of(request_of(prompt, seed)), 0).prompt;
}

std::string error_of(const Folder& folder, const std::string& prompt) {
  try {
    expanded(prompt, 0, folder.path.string());
  } catch (const Error& e) {
    std::string text = e.what();
    if (const size_t at = text.find(folder.path.string()); at != text.npos)
      text.replace(at, folder.path.string().size(), "DIR");
    return text;
  }
  return "";
}

}  // namespace

TEST_CASE("expansion: the same seed chooses the same, on every machine") {
  std::string all;
  for (uint64_t seed = 0; seed < 16; ++seed) all += expanded("{a|b|c}", seed);
  CHECK(all == "ccabbacbbaaaabaa");
  CHECK(expanded("{a|b|c|d}{a|b|c|d}{a|b|c|d}{a|b|c|d}", 1) == "dada");
}

TEST_CASE("expansion: alternatives come as often as their weights are") {
  std::map<std::string, int> counts;
  for (uint64_t seed = 0; seed < 10000; ++seed) ++counts[expanded("{2::a|b|0::c|0.5::d}", seed)];
  CHECK(counts.size() == 3);
  CHECK(std::abs(counts["a"] - 5714) < 150);
  CHECK(std::abs(counts["b"] - 2857) < 150);
  CHECK(std::abs(counts["d"] - 1429) < 150);
}

TEST_CASE("expansion: braces nest, may be empty, and are text where they do not match or are escaped") {
  CHECK(expanded("{a}{|}{b{c}d}") == "abcd");
  CHECK(expanded("a } { b") == "a } { b");
  CHECK(expanded(R"(\{a|b\} {\|\{} \(c\) a|b)") == R"({a|b} |{ \(c\) a|b)");
  CHECK(expanded("{[a|b]}") == "[a|b]");
  CHECK(expanded("{x::a} {1.2.3::a} {9999999::a}") == "x::a 1.2.3::a 9999999::a");
  CHECK(expanded("{{a|a}|{{a}|a}}") == "a");
}

TEST_CASE("expansion: plain prompts and those that are expanded already stay") {
  ResolvedConfig config;
  config.request = request_of("{a|b} __c__");
  CHECK(expands_prompts(config));
  config.expand_prompts = false;
  CHECK_FALSE(expands_prompts(config));
  config.expand_prompts = true, config.request.prompt_syntax = PromptSyntax::plain;
  CHECK_FALSE(expands_prompts(config));
}

TEST_CASE("expansion: image k is that of a run with seed + k, whatever `images` is") {
  Plan plan;
  plan.config.request = request_of("{a|b|c|d|e|f}", 5);
  plan.config.request.images = 9;
  PromptExpander expander("");
  for (int k = 0; k < 9; ++k) plan.prompts.push_back(expander(plan.config, k));
  const Request third = image_request(plan, 2);
  CHECK(third.prompt == expanded("{a|b|c|d|e|f}", 7));
  CHECK(third.seed == 7);
  CHECK(third.images == 1);
}

TEST_CASE("expansion: images of one prompt are generated together") {
  Plan plan;
  Request& request = plan.config.request = request_of("a {b|c} d");
  request.images = 20;
  PromptExpander expander("");
  for (int k = 0; k < request.images; ++k) plan.prompts.push_back(expander(plan.config, k));
  int groups = 0;
  for (int first = 0; first < request.images; ++groups) {
    const Request group = group_request(plan, first);
    for (int k = 0; k < group.images; ++k) CHECK(image_request(plan, first + k).prompt == group.prompt);
    first += group.images;
  }
  CHECK(groups > 2);
  CHECK(groups < 20);
  plan.prompts = {prompts_of(plan.config)};
  CHECK(group_request(plan, 0).images == 20);
}

TEST_CASE("expansion: both prompts choose alike, both negative ones too") {
  ResolvedConfig config = config_of(request_of("{a|b|c|d|e|f|g|h}{a|b|c|d|e|f|g|h}"));
  config.request.negative_prompt = config.request.prompt;
  for (const auto& [key, like] : {std::pair("second", "prompt"), {"second_negative", "negative_prompt"}}) {
    SettingInfo declared{key, "", SettingInfo::Type::text, {}, 0, 0, {}};
    declared.expands_like = like;
    config.loader.entry.request.push_back(declared);
    config.request.options.set(key, config.request.prompt);
  }
  const Prompts out = PromptExpander("")(config, 0);
  CHECK(out.declared.at("second") == out.prompt);
  CHECK(out.declared.at("second_negative") == out.negative_prompt);
  CHECK(out.negative_prompt != out.prompt);
}

TEST_CASE("wildcards: a line of the file, without comments and empty lines, in which braces are expanded again") {
  const Folder folder;
  folder.write("color.txt", "# colours\r\n\r\n  red  \nblue{}\n");
  folder.write("shapes/round.txt", "__color__ circle");
  std::map<std::string, int> counts;
  for (uint64_t seed = 0; seed < 100; ++seed) ++counts[expanded("a __shapes/round__", seed, folder.path.string())];
  CHECK(counts.size() == 2);
  CHECK(counts["a red circle"] > 30);
  CHECK(counts["a blue circle"] > 30);
}

TEST_CASE("wildcards: without a folder they are text, and so is what is no name") {
  CHECK(expanded("a __color__") == "a __color__");
  const Folder folder;
  CHECK(expanded("____ __a b__ __", 0, folder.path.string()) == "____ __a b__ __");
}

TEST_CASE("wildcards: a byte order mark is none of the first line, and a name may be composed or not") {
  const Folder folder;
  folder.write("color.txt", "\xef\xbb\xbf# colours\r\nred\r\n");
  folder.write("cafe\u0301.txt",
               "\xef\xbb\xbf"
               "espresso\n");
  for (uint64_t seed = 0; seed < 6; ++seed)
    CHECK(expanded("a __color__ __caf\u00e9__", seed, folder.path.string()) == "a red espresso");
}

TEST_CASE("wildcards: a prompt is put together from a megabyte at most") {
  const Folder folder;
  folder.write("big.txt", std::string(90'000, 'y') + "\n");
  std::string many;
  for (int i = 0; i < 9990; ++i) many += "__big__ ";
  folder.write("all.txt", many + "\n");
  folder.write("long.txt", std::string(2 << 20, 'y') + "\n");
  const std::string message = "prompt: want at most 1048576 bytes from braces and wildcards, got more";
  CHECK(error_of(folder, "__all__") == message);
  CHECK(error_of(folder, "__long__") == message);
}

TEST_CASE("wildcards: a folder without any is reported") {
  const Folder folder;
  CHECK(error_of(folder, "a __colour__") ==
        "prompt: no file \"DIR/colour.txt\": unknown wildcard \"colour\"; none is known");
}

TEST_CASE("wildcards: a pipe or a folder is none, and is not named among them") {
  const Folder folder;
  folder.write("color.txt", "red\n");
  REQUIRE(mkfifo((folder.path / "pipe.txt").c_str(), 0600) == 0);
  fs::create_directories(folder.path / "shapes.txt");
  CHECK(error_of(folder, "a __pipe__") == "prompt: want a file of lines, got none in \"DIR/pipe.txt\"");
  CHECK(error_of(folder, "a __shapes__") == "prompt: want a file of lines, got none in \"DIR/shapes.txt\"");
  CHECK(error_of(folder, "a __round__").ends_with("unknown wildcard \"round\"; known: color"));
}

TEST_CASE("wildcards: what is wrong is reported in full") {
  const Folder folder;
  folder.write("color.txt", "red\n");
  folder.write("empty.txt", "# nothing\n");
  folder.write("bytes.txt", "\xFF\n");
  folder.write("again.txt", "__again__\n");
  folder.write("many.txt", "__color____color____color____color____color__\n");
  folder.write("shapes/round.txt", "circle\n");
  const std::string known = "known: again, bytes, color, empty, many, shapes/round";
  CHECK(error_of(folder, "a __colr__") ==
        "prompt: no file \"DIR/colr.txt\": unknown wildcard \"colr\"; did you mean \"color\"? " + known);
  CHECK(error_of(folder, "a __../x__").starts_with("prompt: no file \"DIR/../x.txt\": unknown wildcard \"../x\""));
  CHECK(error_of(folder, "a __empty__") == "DIR/empty.txt: want lines to choose from, got none");
  CHECK(error_of(folder, "a __bytes__") == "DIR/bytes.txt: want UTF-8, got other bytes");
  CHECK(error_of(folder, "a __again__") == "prompt: want at most 100 braces and wildcards within each other, got more");
  CHECK(error_of(folder, std::string(200, '{') + std::string(200, '}')) ==
        "prompt: want at most 100 braces and wildcards within each other, got more");
  CHECK(error_of(folder, "{0::a|0::b}") == "prompt: {0::a|0::b}: want a weight of more than 0, got none");
  std::string long_one;
  for (int i = 0; i < 2000; ++i) long_one += "__many__";
  CHECK(error_of(folder, long_one) == "prompt: want at most 10000 choices from braces and wildcards, got more");
}
