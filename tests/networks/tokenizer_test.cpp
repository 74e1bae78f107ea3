#include "networks/text/tokenizer.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "networks/golden_tensors.h"
#include "networks/text/unicode.h"

namespace {
using namespace calotype::networks;

const std::string kMerges = CALOTYPE_SOURCE "/plugins/networks/data/clip_merges.txt";
constexpr int64_t kBegin = 49406, kEnd = 49407;

Tokenizer clip(const std::string& pad_token = "<|endoftext|>") {
  return {{read_merges(kMerges), pad_token}, "clip"};
}

/// The ids of a text between begin and the first padding.
std::vector<int64_t> ids_of(const Tokenizer& tokenizer, std::string_view text, size_t count) {
  const auto ids = tokenizer(text, 77).ids;
  return {ids.begin() + 1, ids.begin() + 1 + std::ptrdiff_t(count)};
}
using Ids = std::vector<int64_t>;
}  // namespace

TEST_CASE("tokenizer: equals transformers' CLIPTokenizer on the texts of tokens.json") {
  std::ifstream file(CALOTYPE_TEST_DATA "/goldens/tokens.json");
  const auto texts = nlohmann::json::parse(file);
  const Tokenizer tokenizer = clip();
  REQUIRE(texts.size() == 168);
  for (const auto& text : texts) {
    CAPTURE(text["text"]);
    CHECK(tokenizer(text["text"].get<std::string>(), 77).ids == text["ids"].get<Ids>());
  }
}

TEST_CASE("tokenizer: both of a model with fewer rules equal transformers'") {
  const GoldenTensors golden("components.safetensors");
  const Merges merges = read_merges(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers/tokenizer/merges.txt");
  const Tokenizer one({merges, "<|endoftext|>"}, "one"), two({merges, "!"}, "two");
  // PROMPTS of make_goldens.py, those with exclamation marks and special tokens in them
  const std::pair<std::string, std::string> texts[] = {
      {"text.1.", ""},
      {"text.2.", "An ASTRONAUT riding a green horse; it's don't we'll 3.14 of 2024!!"},
      {"text.3.", "naïve café — 東京タワー 🚀 ﬁne   spaces\tand\nlines"},
      {"text.5.", "<|startoftext|> weird <|endoftext|> tokens &amp; html &lt;b&gt;"}};
  for (const auto& [name, text] : texts) {
    const at::Tensor ids_1 = golden[name + "ids_1"], ids_2 = golden[name + "ids_2"];
    const auto list = [](const at::Tensor& t) {
      return Ids(t.const_data_ptr<int64_t>(), t.const_data_ptr<int64_t>() + t.numel());
    };
    CHECK(one(text, 77).ids == list(ids_1));
    CHECK(two(text, 77).ids == list(ids_2));
  }
}

TEST_CASE("tokenizer: the end is the first end-of-text token, also one that is written") {
  CHECK(clip()("a cat", 77).end == 3);
  CHECK(clip()("a <|endoftext|> cat", 77).end == 2);
  CHECK(clip()(std::string(1000, '1'), 77).end == 76);
}

TEST_CASE("tokenizer: special tokens are known as they are spelt, in capitals they are words") {
  CHECK(ids_of(clip(), "<|startoftext|>", 2) == Ids{kBegin, kEnd});
  // transformers 5.23.0: "<|", "startoftext" and "|>" apart
  CHECK(ids_of(clip(), "!<|STARTOFTEXT|>", 1) != Ids{kBegin});
  CHECK(ids_of(clip(), "<|STARTOFTEXT|>!", 5) == ids_of(clip(), "<| startoftext |> !", 5));
}

TEST_CASE("tokenizer: the padding token has its own id in the text too") {
  CHECK(ids_of(clip("!"), "a!", 4) == Ids{320, 0, kEnd, 0});
  CHECK(ids_of(clip(), "a!", 4) == Ids{320, 256, kEnd, kEnd});
}

TEST_CASE("tokenizer: bytes that are no UTF-8 count as U+FFFD") {
  const Tokenizer tokenizer = clip();
  using namespace std::string_literals;
  CHECK(normalized("a\xFF\x80z") == "a\uFFFD\uFFFDz");
  for (const std::string& bad :
       {"\xC3"s, "\xE6\x9D"s, "\xF0\x9F\x9A"s, "\xED\xA0\x80"s, "\xC0\xAF"s, "\xF5\x80\x80\x80"s, "\0\xFE\0"s}) {
    std::string good;
    for (const char c : bad) good += c ? "\uFFFD"s : "\0"s;
    CHECK(tokenizer("cat " + bad + "dog", 77).ids == tokenizer("cat " + good + "dog", 77).ids);
  }
}

TEST_CASE("tokenizer: a long word does not take long") {
  CHECK(clip()(std::string(1'000'000, 'a'), 77).ids.size() == 77);
  CHECK(clip("!")(std::string(1'000'000, '!'), 77).ids.size() == 77);
}

TEST_CASE("tokenizer: a rule of unknown symbols is refused") {
  CHECK(error_of([] { Tokenizer({{"i n", "in"}, "!"}, "merges.txt"); }) ==
        R"(merges.txt: rule 2: want two known symbols, got "in")");
  CHECK(error_of([] { Tokenizer({{"i n", "th e"}, "!"}, "merges.txt"); }) ==
        R"(merges.txt: rule 2: want two known symbols, got "th e")");
}

TEST_CASE("tokenizer: a wrong rule, and a wrong padding token, name the file of the model that they stand in") {
  CHECK(error_of([] { Tokenizer({{"in"}, "!", "d/merges.txt"}, "text_encoder"); }) ==
        R"(d/merges.txt: rule 1: want two known symbols, got "in")");
  CHECK(error_of([] { Tokenizer({{}, "[PAD]", "", "d/special.json"}, "text_encoder"); }) ==
        R"(d/special.json: pad_token: want a token of the vocabulary, got "[PAD]")");
}

TEST_CASE("merges: a file that is too long is refused unread") {
  const std::string path = (std::filesystem::temp_directory_path() / "calotype-long-merges.txt").string();
  std::ofstream(path) << "";
  std::filesystem::resize_file(path, uintmax_t(1) << 34);
  CHECK(error_of([&] { read_merges(path); }) == path + ": want at most 64000000 bytes of merge rules, got 17179869184");
  std::filesystem::remove(path);
}

TEST_CASE("tokenizer: a padding token that is none is refused") {
  CHECK(error_of([] { Tokenizer({{}, "[PAD]"}, "tokenizer"); }) ==
        R"(tokenizer: pad_token: want a token of the vocabulary, got "[PAD]")");
}

TEST_CASE("merges: CLIP's ship with the library, cut to the model's vocabulary") {
  CHECK(clip_merges(49408).size() == 48894);
  CHECK(clip_merges(49408) == read_merges(kMerges));
  CHECK(clip_merges(1514) == read_merges(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers/tokenizer/merges.txt"));
  CHECK(error_of([] { clip_merges(49409); }) ==
        "token_embedding: want 514 to 49408 rows where the model brings no merges.txt, got 49409");
  CHECK(error_of([] { read_merges("nowhere/merges.txt"); }) ==
        "nowhere/merges.txt: no such file, want the merge rules of a tokenizer");
}
