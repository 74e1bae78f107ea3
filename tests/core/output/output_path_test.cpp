#include "output/output_path.h"

#include <doctest/doctest.h>

#include "base/utf8.h"

using namespace calotype;

namespace {

std::string rendered(std::string_view path, std::string_view prompt = "a cat") {
  return render_output_path(path, {.seed = 42,
                                   .variation_seed = 9,
                                   .index = 3,
                                   .prompt = prompt,
                                   .scheduler = "beta@a1111",
                                   .sampler = "euler",
                                   .config = "my config",
                                   .model = "sd_xl.1.0",
                                   .time = "2025-01-31_23-59-58"});
}

}  // namespace

TEST_CASE("output path: every placeholder is filled in") {
  CHECK(rendered("out/{date}/{prompt}-{seed}-{index}-{scheduler}-{sampler}.png") ==
        "out/2025-01-31/a_cat-42-3-beta_a1111-euler.png");
  CHECK(rendered("{config}/{model}-{time}.png") == "my_config/sd_xl_1_0-2025-01-31_23-59-58.png");
  CHECK(rendered("{seed}-{variation_seed}-{variation_seed:03}.png") == "42-9-009.png");
  CHECK(rendered("plain.png") == "plain.png");
  CHECK(rendered("{seed}{seed}}.png") == "4242}.png");
}

TEST_CASE("output path: a prompt becomes one file name and never a folder") {
  CHECK(rendered("{prompt}", "../../etc/passwd") == "etc_passwd");
  CHECK(rendered("{prompt}", "a  (big:1.2), cat!") == "a_big_1_2_cat");
  CHECK(rendered("{prompt}", "") == "_");
  CHECK(rendered("{prompt}", "..") == "_");
  CHECK(rendered("{prompt}", "{seed}") == "seed");
  CHECK(rendered("{prompt}", "_a-B_9") == "_a-B_9");
  CHECK(rendered("{prompt}", "a\nb\tc") == "a_b_c");
}

TEST_CASE("output path: a prompt is cut to 60 bytes, never within a character") {
  CHECK(rendered("{prompt}", std::string(100, 'x')) == std::string(60, 'x'));
  std::string accents = "x";
  for (int i = 0; i < 50; ++i) accents += "\xc3\xa9";
  const auto name = rendered("{prompt}", accents);
  CHECK(name.size() == 59);
  CHECK(find_invalid_utf8(name) == std::string::npos);
}

TEST_CASE("output path: what is wrong with a template, in full") {
  const auto problem = [](std::string_view path, int images = 1) { return output_path_problem(path, ".png", images); };
  CHECK(problem("{prompt}-{seed}.png", 8) == "");
  CHECK(problem("/abs/a..b/{index}.png", 8) == "");
  CHECK(problem("{sed}.png") ==
        "unknown placeholder \"sed\"; did you mean \"seed\"? known: seed, variation_seed, scheduler, sampler, index, "
        "and 5 more: calotype list keys");
  CHECK(problem("{}.png") ==
        "unknown placeholder \"\"; known: seed, variation_seed, index, prompt, scheduler, and 5 more: calotype list "
        "keys");
  CHECK(problem("a{seed.png") == "want a } for each {, got none after \"{seed.png\"");
  CHECK(problem("a.jpg") == "want a path that ends in .png, got \"a.jpg\"");
  CHECK(problem("out/.png") == "want a path that ends in .png, got \"out/.png\"");
  CHECK(problem("../a.png") == "want a path without \"..\", got \"../a.png\"");
  CHECK(problem("a/../b.png") == "want a path without \"..\", got \"a/../b.png\"");
  CHECK(problem("a\nb.png") == "want a path without control characters, got \"a\\nb.png\"");
  CHECK(problem("{prompt}.png", 2) == "want {seed} or {index} in it, for 2 images, got \"{prompt}.png\"");
}

TEST_CASE("output path: numbers have as many digits as are asked for, or more") {
  CHECK(rendered("{index:05}-{seed:01}-{seed:03}.png") == "00003-42-042.png");
  CHECK(output_path_problem("{index:05}.png", ".png", 8) == "");
  const auto problem = [](std::string_view path) { return output_path_problem(path, ".png", 1); };
  CHECK(problem("{index:5}.png") == "want {index} or {index:05}, got \"{index:5}\"");
  CHECK(problem("{seed:}.png") == "want {seed} or {seed:05}, got \"{seed:}\"");
  CHECK(problem("{prompt:05}.png") == "want {prompt}, got \"{prompt:05}\"");
}

TEST_CASE("output path: now is a date and a time") {
  CHECK(now().size() == 19);
  CHECK(now()[4] == '-');
  CHECK(now()[10] == '_');
}
