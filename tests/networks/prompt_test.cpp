// Weighted and long prompts. Expected numbers: tests/data/prompts, made by its script from A1111's and ComfyUI's
// definitions, and the examples in A1111's prompt_parser.py.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "networks/golden_tensors.h"
#include "networks/model/prompt_encoder.h"
#include "networks/model/prompts_over_steps.h"
#include "networks/ops/weight_loading.h"
#include "networks/text/prompt_check.h"
#include "networks/text/prompt_chunks.h"
#include "networks/text/prompt_schedule.h"
#include "networks/text/tokenizer_files.h"
#include "networks/text/unread_words.h"
#include "sdxl/conditioning.h"
#include "sdxl/layouts.h"

// for the messages of failed checks
namespace calotype::networks {
std::ostream& operator<<(std::ostream& out, const WeightedText& t) {
  return out << '"' << t.text << "\":" << t.weight << (t.is_break ? " BREAK" : "");
}
}  // namespace calotype::networks

namespace {
using namespace calotype;
using namespace calotype::networks;
using nlohmann::json;
using Parts = std::vector<WeightedText>;

const std::string kFolder = CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers";
const WeightedText kBreak{"", 1, true};

PromptEncoder tiny_encoder() {
  const ModelLayout found = sdxl::find_diffusers_folder(kFolder, "auto");
  std::vector<PromptEncoder::Component> components;
  for (const TextEncoderRole& role : sdxl::conditioning().text_encoders)
    components.push_back(
        {{load_weights(found.sources(role.id), at::kCPU, at::kFloat, component_name(role.id)), found.config(role.id)},
         read_vocabulary(role.is_second ? found.tokenizer_2 : found.tokenizer, role.pad_token),
         role.activation,
         role.read,
         role.is_second,
         role.gives_pooled});
  return PromptEncoder(components);
}

json recorded() {
  std::ifstream file(CALOTYPE_TEST_DATA "/prompts/prompts.json");
  return json::parse(file);
}

PromptSyntax syntax_of(const json& run) {
  return run["syntax"] == "a1111" ? PromptSyntax::a1111 : PromptSyntax::comfyui;
}

Request request_of(const json& run) {
  Request request;
  request.prompt = run["prompt"];
  request.prompt_syntax = syntax_of(run);
  request.options.set("clip_skip", run["clip_skip"].get<double>());
  request.guidance_scale = 1;
  request.steps = run["steps"];
  return request;
}

Request guided_request(PromptSyntax syntax, const std::string& prompt, std::optional<std::string> negative) {
  Request request;
  request.prompt = prompt, request.negative_prompt = negative, request.prompt_syntax = syntax, request.steps = 1;
  return request;
}

std::string many(int words) {
  std::string text;
  for (int i = 0; i < words; ++i) text += "red ";
  return text;
}
}  // namespace

TEST_CASE("a1111: weights multiply, the examples in its parser") {
  const std::vector<std::pair<std::string, Parts>> rows{
      {"normal text", {{"normal text", 1}}},
      {"an (important) word", {{"an ", 1}, {"important", 1.1}, {" word", 1}}},
      {"(unbalanced", {{"unbalanced", 1.1}}},
      {R"(\(literal\])", {{"(literal]", 1}}},
      {"(unnecessary)(parens)", {{"unnecessaryparens", 1.1}}},
      {"a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
       {{"a ", 1},
        {"house", 1.5730000000000004},
        {" ", 1.1},
        {"on", 1},
        {" a ", 1.1},
        {"hill", 0.55},
        {", sun, ", 1.1},
        {"sky", 1.4641000000000006},
        {".", 1.1}}}};
  for (const auto& [prompt, parts] : rows) {
    CAPTURE(prompt);
    CHECK(parse_a1111(prompt) == parts);
  }
}

TEST_CASE("a1111: what does not match, or is no number, is text") {
  CHECK(parse_a1111("") == Parts{{"", 1}});
  CHECK(parse_a1111("a) b] c:1.2)") == Parts{{"a) b] c:1.2)", 1}});
  CHECK(parse_a1111("(a:b)") == Parts{{"a:b", 1.1}});
  CHECK(parse_a1111("(a:1.2.3)") == Parts{{"a:1.2.3", 1.1}});
  CHECK(parse_a1111("(a:1e3)") == Parts{{"a:1e3", 1.1}});
  CHECK(parse_a1111("(a: +1.5 )") == Parts{{"a", 1.5}});
  CHECK(parse_a1111("[a") == Parts{{"a", 1 / 1.1}});
  CHECK(parse_a1111(R"(a\b \\ \)") == Parts{{R"(ab \ )", 1}});
}

TEST_CASE("a1111: BREAK is a word in capitals, within brackets too") {
  CHECK(parse_a1111("BREAK") == Parts{{"", 1}, kBreak, {"", 1}});
  CHECK(parse_a1111("a BREAK b") == Parts{{"a ", 1}, kBreak, {" b", 1}});
  CHECK(parse_a1111("break aBREAK BREAKb BREAK_ 東BREAK") == Parts{{"break aBREAK BREAKb BREAK_ 東BREAK", 1}});
  CHECK(parse_a1111("東，BREAK") == Parts{{"東，", 1}, kBreak, {"", 1}});
  CHECK(parse_a1111("(a BREAK b:1.2)") == Parts{{"a ", 1.2}, kBreak, {" b", 1.2}});
}

TEST_CASE("comfyui: an inner weight stands for itself, square brackets are text") {
  const std::vector<std::pair<std::string, Parts>> rows{
      {"a (b) [c]", {{"a ", 1}, {"b", 1.1}, {" [c]", 1}}},
      {"((a:1.2) b:2)", {{"a", 1.2}, {" b", 2}}},
      {"((a))", {{"a", 1.1 * 1.1}}},
      {"(a:b:1.5)", {{"a:b", 1.5}}},
      {"(a:1e-1) (b:nan) (c:inf)", {{"a", 0.1}, {" ", 1}, {"b:nan", 1.1}, {" ", 1}, {"c:inf", 1.1}}},
      {"(:1.2)", {{":1.2", 1.1}}},
      {R"(\(a\) \b)", {{R"((a) \b)", 1}}},
      {"(a", {{"(a", 1}}},
      {"a) (b) (c)", {{"a) (b) (c)", 1}}},
      {"", {}}};
  for (const auto& [prompt, parts] : rows) {
    CAPTURE(prompt);
    CHECK(parse_comfyui(prompt) == parts);
  }
}

TEST_CASE("prompts: white space around a weight may be any that Python knows") {
  for (const char* space : {" ", "\t", "\u00a0", "\u3000", "\u2003", "\u0085", "\u2028", "\x1f", " \u3000 "}) {
    CAPTURE(space);
    const std::string prompt = "(a:" + std::string(space) + "1.5" + space + ") b";
    CHECK(parse_a1111(prompt) == Parts{{"a", 1.5}, {" b", 1}});
    CHECK(parse_comfyui(prompt) == Parts{{"a", 1.5}, {" b", 1}});
    CHECK((prompt_schedule("[a:b:" + std::string(space) + "0.5]", 4) == prompt_schedule("[a:b:0.5]", 4)));
  }
  CHECK(parse_a1111("(a:\u200b1.5)") == Parts{{"a:\u200b1.5", 1.1}});  // of no width, and no space
}

TEST_CASE("prompts: a check throws what the encoders would, in the syntax that is asked for") {
  Request request;
  request.prompt = std::string(1001, '(');
  check_prompts(request, {});
  for (const auto syntax : {PromptSyntax::a1111, PromptSyntax::comfyui}) {
    request.prompt_syntax = syntax;
    request.prompt = std::string(1001, '(') + std::string(1001, ')');
    CHECK(error_of([&] { check_prompts(request, {}); }) ==
          "prompt: want at most 1000 brackets within each other, got more");
  }
}

TEST_CASE("prompts: what is words here, and more to another program, is a warning that names it") {
  const auto warnings = [](const std::string& prompt, PromptSyntax syntax) {
    Request request;
    request.prompt = prompt;
    request.prompt_syntax = syntax;
    return unread_words(request, {});
  };
  for (const auto syntax : {PromptSyntax::plain, PromptSyntax::a1111, PromptSyntax::comfyui}) {
    CHECK(warnings("a <lora:x:0.8> cat", syntax) ==
          std::vector<std::string>{"prompt: \"<lora:x:0.8>\" is read as words; LoRAs and other networks are not loaded "
                                   "from prompts; merge them into the model's file"});
    CHECK(warnings("embedding:easy, (embedding:bad.pt:1.2) myembedding:x", syntax).front() ==
          "prompt: \"embedding:easy\", \"embedding:bad.pt\" are read as words; embeddings are not loaded");
    CHECK(warnings("a cat AND a dog", syntax) ==
          std::vector<std::string>{"prompt: \"AND\" is read as words; prompts are not put together by AND"});
    CHECK(warnings("a __color__ cat", syntax) ==
          std::vector<std::string>{"prompt: \"__color__\" is read as words; name the folder of their files in "
                                   "wildcards, and prompt_syntax: a1111 or comfyui"});
    CHECK(warnings("a cat, 3 < 4 > 2, BRAND, ANDES, AND", syntax).empty());
  }
  CHECK(warnings("CATS AND DOGS", PromptSyntax::plain).empty());
  CHECK(warnings("CATS AND DOGS", PromptSyntax::a1111).size() == 1);
  CHECK(
      warnings("a (red:1.2) {cat|dog}", PromptSyntax::plain) ==
      std::vector<std::string>{
          "prompt: \"(red:1.2)\", \"{cat|dog}\" are read as words; prompt_syntax: a1111 or comfyui takes it for more"});
  CHECK(warnings("a (red:1.2) {cat|dog} [a:b:0.5] BREAK c", PromptSyntax::a1111).empty());
  CHECK(warnings("a [a:b:0.5] BREAK [c|d]", PromptSyntax::comfyui) ==
        std::vector<std::string>{
            "prompt: \"[a:b:0.5]\", \"[c|d]\", \"BREAK\" are read as words; prompt_syntax: a1111 takes it for more"});
  CHECK(warnings("a (red cat) [blue] at 10:30 (see: that)", PromptSyntax::plain).empty());
  CHECK(warnings("", PromptSyntax::plain).empty());
}

TEST_CASE("prompts: brackets that are too deep are refused") {
  const std::string deep(1001, '('), text = "prompt: want at most 1000 brackets within each other, got more";
  CHECK(error_of([&] { parse_a1111(deep); }) == text);
  CHECK(error_of([&] { parse_comfyui(deep + std::string(1001, ')')); }) == text);
  CHECK(error_of([&] { prompt_schedule(deep, 3); }) == text);
}

TEST_CASE("prompts: a megabyte of signs does not take long") {
  for (const char* part : {":", "a:1", "(a)", "[a:b:1]", "\\", "a) "}) {
    std::string prompt;
    while (prompt.size() < 1'000'000) prompt += part;
    CHECK(!parse_a1111(prompt).empty());
    CHECK(!parse_comfyui(prompt).empty());
    CHECK(!prompt_schedule(prompt, 3).empty());
  }
}

TEST_CASE("prompt chunks: tokens and weights equal the recorded ones") {
  const Tokenizer one(read_vocabulary(sdxl::find_diffusers_folder(kFolder, "auto").tokenizer, "<|endoftext|>"), "one"),
      two(read_vocabulary(sdxl::find_diffusers_folder(kFolder, "auto").tokenizer_2, "!"), "two");
  size_t count = 0;
  for (const json& run : recorded()) {
    if (run["entries"].size() > 1) continue;  // those are as many chunks as the longest of them
    const json& entry = run["entries"][0];
    CAPTURE(run["prompt"]);
    const auto chunks = chunks_of(one, entry["text"].get<std::string>(), syntax_of(run), 77),
               chunks_2 = chunks_of(two, entry["text"].get<std::string>(), syntax_of(run), 77);
    REQUIRE(chunks.size() == entry["ids"].size());
    REQUIRE(chunks_2.size() == entry["ids_2"].size());
    for (size_t i = 0; i < chunks.size(); ++i) {
      CHECK(json(chunks[i].tokens.ids) == entry["ids"][i]);
      CHECK(json(chunks_2[i].tokens.ids) == entry["ids_2"][i]);
      CHECK(json(chunks[i].weights) == entry["weights"][i]);
      CHECK(chunks_2[i].weights == chunks[i].weights);
    }
    ++count;
  }
  CHECK(count == 50);
}

TEST_CASE("prompts: contexts and pooled texts equal the recorded ones, step by step") {
  const at::NoGradGuard no_grad;
  const PromptEncoder encoder = tiny_encoder();
  const GoldenTensors golden("../prompts/prompts.safetensors");
  const json runs = recorded();
  double worst = 0;
  for (size_t n = 0; n < runs.size(); ++n) {
    CAPTURE(runs[n]["prompt"]);
    const PromptsOverSteps prompts = encode_over_steps(encoder, request_of(runs[n]), {}, true);
    const json& entries = runs[n]["entries"];
    REQUIRE(prompts.of_step.size() == runs[n]["steps"].get<size_t>());
    for (size_t k = 0; k < entries.size(); ++k) {
      const auto& encoding = prompts.all[prompts.of_step[entries[k]["last_step"].get<size_t>() - 1]];
      const std::string name = std::to_string(n) + '.' + std::to_string(k) + '.';
      const at::Tensor context = golden[name + "context"], pooled = golden[name + "pooled"];
      const double error = relative_error(encoding.context[0].slice(-1, 0, at::nullopt, 24), context);
      // A1111's way divides by a mean, and with it rounding, which weights of 0 and 2.5 bring near 0
      const bool is_near_zero = runs[n]["prompt"].get<std::string>().find(":2.5)") != std::string::npos;
      CHECK(error < (is_near_zero ? 5e-5 : 1e-5));
      CHECK(relative_error(encoding.pooled[0].slice(-1, 0, at::nullopt, 16), pooled) < 1e-5);
      worst = std::max(worst, error);
    }
  }
  MESSAGE("largest difference of a context: " << worst << " of its largest value");
}

TEST_CASE("prompts: a text that comes back is encoded once") {
  Request request = guided_request(PromptSyntax::a1111, "a [red|blue] cat", "[x:y:3]");
  request.steps = 6;
  const PromptsOverSteps prompts = encode_over_steps(tiny_encoder(), request, {}, true);
  CHECK(prompts.of_step == std::vector<size_t>{0, 1, 0, 2, 3, 2});
  CHECK(prompts.all.size() == 4);
}

TEST_CASE("prompts: without weights a short prompt is the plain one") {
  const at::NoGradGuard no_grad;
  const PromptEncoder encoder = tiny_encoder();
  const auto plain = encoder("a red cat", "a red cat", 1);
  for (const auto syntax : {PromptSyntax::a1111, PromptSyntax::comfyui}) {
    const auto one = encoder({{"a red cat", "a red cat"}}, syntax, 1).at(0);
    CHECK(at::equal(one.context, plain.context));
    CHECK(at::equal(one.pooled, plain.pooled));
  }
}

TEST_CASE("prompts: a1111 fills the shorter of both up with empty chunks") {
  const at::NoGradGuard no_grad;
  const PromptEncoder encoder = tiny_encoder();
  const auto both =
      encode_over_steps(encoder, guided_request(PromptSyntax::a1111, many(160), "bad"), {}, true).all.at(0);
  CHECK(both.context.sizes() == at::IntArrayRef{2, 3 * 77, 192});
  const auto empty = encoder({{"", ""}}, PromptSyntax::a1111, 0).at(0).context[0];
  CHECK(at::equal(both.context[0].slice(0, 77, 154), empty));
  CHECK(at::equal(both.context[0].slice(0, 154, 231), empty));
}

TEST_CASE("prompts: comfyui repeats both to one length") {
  const at::NoGradGuard no_grad;
  const auto both =
      encode_over_steps(tiny_encoder(), guided_request(PromptSyntax::comfyui, many(160), many(80)), {}, true).all.at(0);
  CHECK(both.context.sizes() == at::IntArrayRef{2, 6 * 77, 192});
  CHECK(at::equal(both.context[0].slice(0, 0, 154), both.context[0].slice(0, 154, 308)));
  CHECK(at::equal(both.context[1].slice(0, 0, 231), both.context[1].slice(0, 231, 462)));
}

TEST_CASE("prompts: no negative prompt is zeros of the same length") {
  const at::NoGradGuard no_grad;
  const PromptEncoder encoder = tiny_encoder();
  const auto request = guided_request(PromptSyntax::a1111, many(80), std::nullopt);
  CHECK(encode_over_steps(encoder, request, {}, true).all.at(0).context[0].abs().max().item<double>() == 0);
  CHECK(encode_over_steps(encoder, request, {}, false).all.at(0).context[0].abs().max().item<double>() > 0);
}

TEST_CASE("prompts: each encoder may have a text of its own length") {
  const at::NoGradGuard no_grad;
  const auto out = tiny_encoder()({{"a cat", many(80)}}, PromptSyntax::comfyui, 0).at(0);
  CHECK(out.context.sizes() == at::IntArrayRef{1, 154, 192});
}

TEST_CASE("prompts: clip_skip has the same range in every syntax") {
  CHECK(error_of([] { tiny_encoder()({{"a", "a"}}, PromptSyntax::a1111, 3); }) == "clip_skip: want 0 to 2, got 3");
}
