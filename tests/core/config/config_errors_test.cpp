#include "base/spelling.h"
#include "config/config_keys.h"
#include "config/declared_keys.h"
#include "core/config_fixture.h"

using namespace config_test;

namespace {

struct Row {
  std::string line, message;
};

/// The message for kBase and one more line, the third.
std::string message(const std::string& line) {
  return message_of([&] { resolved(kBase + line + "\n"); });
}

void check_all(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CHECK(message(row.line) == row.message);
  }
}

/// For each key that takes a single value: lines with that key, and their errors.
void check_values(const std::string& key, const std::string& want, const std::vector<std::string>& wrong) {
  for (const auto& value : wrong) {
    CAPTURE(key + ": " + value);
    const std::string start = "a.yaml:3:" + std::to_string(key.size() + 3) + ": " + key + ": want " + want + ", got ";
    const bool quoted = value.starts_with('"');
    CHECK(message(key + ": " + value) == start + (quoted ? "the text " + value : "\"" + value + "\""));
  }
  const std::string at_key = "a.yaml:3:1: " + key + ": want " + want + ", got nothing";
  CHECK(message(key + ":") == at_key);
  CHECK(message(key + ": null") == at_key);
  const std::string at_value = "a.yaml:3:" + std::to_string(key.size() + 3) + ": " + key + ": want " + want + ", got ";
  CHECK(message(key + ": [1]") == at_value + "a list");
  CHECK(message(key + ": {a: 1}") == at_value + "a map");
}

}  // namespace

TEST_CASE("config errors: a letter dropped from or added to any key is an unknown key") {
  const Folder folder;
  const auto names = top_level_names(keys_of(make_catalog()));
  for (const auto& name : names)
    for (size_t i = 0; i <= name.size(); ++i)
      for (const bool drops : {true, false}) {
        std::string wrong = name;
        if (drops && i < name.size())
          wrong.erase(i, 1);
        else
          wrong.insert(i, "x");
        if (std::find(names.begin(), names.end(), wrong) != names.end()) continue;  // "images" without its last letter
        CAPTURE(wrong);
        const std::string found = message_of([&] { resolved(wrong + ": 1\n" + kBase); });
        CHECK(found == "a.yaml:1:1: " + unknown_key(wrong));
        CHECK(found.find("\"; did you mean \"") != found.npos);
      }
  CHECK(message("step: 3") == "a.yaml:3:1: " + unknown_key("step"));
  CHECK(unknown_key("step").starts_with("unknown key \"step\"; did you mean \"steps\"? known: steps, "));
  CHECK(unknown_key("step").ends_with(" more: calotype list keys"));
}

TEST_CASE("config errors: integers") {
  const Folder folder;
  const std::vector<std::string> never{"abc",    "1.0",  "1e3",  "1_000", "010",
                                       "0o17",   "-0x5", "0x",   "0xg",   "+-5",
                                       "++5",    "true", ".inf", ".nan",  "99999999999999999999",
                                       "\"30\"", "1 2",  "-"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), never.begin(), never.end() - 1);
    return more;
  };
  check_values("steps", "an integer from 1 to 1000", with({"0", "-1", "1001"}));
  check_values("clip_skip", "an integer from 0 to 24", with({"-1", "25"}));
  check_values("deep_cache", "an integer from 1 to 100", with({"0", "-1", "101"}));
  check_values("images", "an integer from 1 to 100000", with({"0", "100001"}));
  check_values("batch", "an integer from 1 to 64", with({"0", "65"}));
  check_values("seed", "an integer from 0 to 9223372036854775807",
               with({"-2", "9223372036854775808", "0x8000000000000000"}));
  check_values("variation_seed", "an integer from 0 to 9223372036854775807", with({"-2", "9223372036854775808"}));
  check_values("width", "a multiple of 8 from 8 to 16384", with({"0", "7", "-8", "1001", "1020", "16392"}));
  check_values("height", "a multiple of 8 from 8 to 16384", with({"0", "4", "1001", "16392"}));
}

TEST_CASE("config errors: numbers") {
  const Folder folder;
  const std::vector<std::string> never{"abc", ".",   "1.2.3", "1e",    "1e+",   "e5",   "0x10",  "05",  "1_0",
                                       "nan", "inf", ".inf",  "-.inf", "1e999", "true", "\"5\"", "1,5", "5 "};
  for (const auto& [key, want, low, high] :
       {std::tuple{"guidance_scale", "a number from 0 to 100", "-0.01", "100.01"},
        std::tuple{"guidance_rescale", "a number from 0 to 1", "-0.1", "1.0000001"},
        std::tuple{"guidance_start", "a number from 0 to 1", "-0.1", "1.5"},
        std::tuple{"guidance_end", "a number from 0 to 1", "-0.1", "1.5"},
        std::tuple{"variation_strength", "a number from 0 to 1", "-0.1", "1.5"},
        std::tuple{"token_merging", "a number from 0 to 0.75", "-0.1", "0.76"},
        std::tuple{"aesthetic_score", "a number from 0 to 10", "-0.1", "10.1"},
        std::tuple{"negative_aesthetic_score", "a number from 0 to 10", "-1", "11"}}) {
    std::vector<std::string> wrong{low, high, "-5", "1e9"};
    wrong.insert(wrong.end(), never.begin(), never.end() - 1);
    check_values(key, want, wrong);
  }
}

TEST_CASE("config errors: an error in a restart interval has its position") {
  const Folder folder;
  check_all({{"restart: [{sigma_min: 1, sigma_max: 2, steps: 3}, {sigma_min: 2, sigma_max: 2, steps: 3}]",
              "a.yaml:3:77: restart.sigma_max: want more than sigma_min, 2, got \"2\""},
             {"restart: {sigma_min: 1, sigma_max: 2, steps: 3, time: 2}",
              "a.yaml:3:49: restart: unknown key \"time\"; did you mean \"times\"? known: sigma_min, sigma_max, steps, "
              "times"}});
}

TEST_CASE("config errors: guidance ends after it starts") {
  const Folder folder;
  check_all({{"guidance_start: 1", "a.yaml:3:17: guidance_start: want less than guidance_end, 1, got \"1\""},
             {"guidance_start: 0.50\nguidance_end: 0.5",
              "a.yaml:3:17: guidance_start: want less than guidance_end, 0.5, got \"0.50\""},
             {"guidance_end: 0.25\nguidance_start: 0.5",
              "a.yaml:4:17: guidance_start: want less than guidance_end, 0.25, got \"0.5\""},
             {"guidance_end: 0.0", "a.yaml:3:15: guidance_end: want more than guidance_start, 0, got \"0.0\""}});
}

TEST_CASE("config errors: booleans and choices") {
  const Folder folder;
  check_values("round_timesteps", "true or false",
               {"yes", "no", "on", "off", "True", "TRUE", "1", "0", "y", "\"true\""});
  const auto dtype = [](const std::string& value, const std::string& got) {
    return Row{"dtype: " + value, "a.yaml:3:8: dtype: want auto, float32, bfloat16 or float16, got " + got};
  };
  const auto device = [](const std::string& value, const std::string& got) {
    return Row{"device: " + value, "a.yaml:3:9: device: want auto, cpu, cuda or cuda:N, got " + got};
  };
  check_all({dtype("fp16", "\"fp16\"; here it is float16"),
             dtype("Float16", "\"Float16\""),
             dtype("16", "\"16\""),
             dtype("\"\"", "\"\""),
             dtype("[auto]", "a list"),
             dtype("{auto: 1}", "a map"),
             {"dtype:", "a.yaml:3:1: dtype: want auto, float32, bfloat16 or float16, got nothing"},
             device("gpu", "\"gpu\"; here it is cuda"),
             device("CUDA", "\"CUDA\""),
             device("cuda:-1", "\"cuda:-1\""),
             device("'cuda:'", "\"cuda:\""),
             device("cuda:a", "\"cuda:a\""),
             device("cuda:0x1", "\"cuda:0x1\""),
             device("cuda:99", "\"cuda:99\""),
             device("cuda:+1", "\"cuda:+1\""),
             device("0", "\"0\""),
             device("[cpu]", "a list"),
             device("{cpu: 1}", "a map"),
             {"device: ~", "a.yaml:3:1: device: want auto, cpu, cuda or cuda:N, got nothing"},
             {"initial_noise: sigmas", "a.yaml:3:16: initial_noise: want unit_variance or sigma, got \"sigmas\""},
             {"initial_noise:", "a.yaml:3:1: initial_noise: want unit_variance or sigma, got nothing"},
             {"noise: brown", "a.yaml:3:8: noise: want auto, torch, brownian or philox, got \"brown\""}});
}

TEST_CASE("config errors: texts") {
  const Folder folder;
  for (const std::string key : {"prompt_2", "negative_prompt", "negative_prompt_2"}) {
    const std::string start = "a.yaml:3:" + std::to_string(key.size() + 3) + ": " + key;
    check_all(
        {{key + ":",
          "a.yaml:3:1: " + key +
              ": want a text, got nothing; write \"\" for an empty one, and quotes around one that begins with #"},
         {key + ": ~",
          "a.yaml:3:1: " + key +
              ": want a text, got nothing; write \"\" for an empty one, and quotes around one that begins with #"},
         {key + ": [a, b]", start + ": want a text, got a list; a text that begins with [ or { wants quotes"},
         {key + ": {a: b}", start + ": want a text, got a map; a text that begins with [ or { wants quotes"}});
  }
  check_all({{"prompt: again", "a.yaml:3:1: duplicate key \"prompt\"; first given at 2:1"},
             {"negative_prompt_2: x",
              "a.yaml:3:20: negative_prompt_2: want negative_prompt too, got none; this would be ignored"}});
}

TEST_CASE("config errors: sizes and corners") {
  const Folder folder;
  for (const std::string key : {"original_size", "target_size", "negative_original_size", "negative_target_size"}) {
    const std::string at = std::to_string(key.size() + 3), start = "a.yaml:3:" + at + ": " + key;
    const std::string item =
        "a.yaml:3:" + std::to_string(key.size() + 4) + ": " + key + "[0]: want an integer from 1 to 65536, got ";
    const std::string want = ": want [height, width], integers from 1 to 65536, got ";
    check_all({{key + ": 512", start + want + "\"512\""},
               {key + ": 512x512", start + want + "\"512x512\""},
               {key + ": {height: 1}", start + want + "a map"},
               {key + ":", "a.yaml:3:1: " + key + want + "nothing"},
               {key + ": []", start + want + "0 values"},
               {key + ": [1]", start + want + "1 values"},
               {key + ": [1, 2, 3]", start + want + "3 values"},
               {key + ": [0, 2]", item + "\"0\""},
               {key + ": [65537, 2]", item + "\"65537\""},
               {key + ": [1.5, 2]", item + "\"1.5\""},
               {key + ": [\"1\", 2]", item + "the text \"1\""},
               {key + ": [[1], 2]", item + "a list"},
               {key + ": [~, 2]", item + "nothing"}});
  }
  check_all(
      {{"crop: [-1, 0]", "a.yaml:3:8: crop[0]: want an integer from 0 to 65536, got \"-1\""},
       {"crop: [0, x]", "a.yaml:3:11: crop[1]: want an integer from 0 to 65536, got \"x\""},
       {"crop: 0", "a.yaml:3:7: crop: want [top, left], integers from 0 to 65536, got \"0\""},
       {"negative_crop: 0", "a.yaml:3:16: negative_crop: want [top, left], integers from 0 to 65536, got \"0\""}});
}

TEST_CASE("config errors: names of entries") {
  const Folder folder;
  const std::string schedulers = "known: dpm_pp_2m_karras, karras, lost, normal";
  const std::string want = "want an id, or a map with an id and settings, got ";
  check_all({
      {"scheduler: karas", "a.yaml:3:12: unknown scheduler \"karas\"; did you mean \"karras\"? " + schedulers},
      {"scheduler: karrass", "a.yaml:3:12: unknown scheduler \"karrass\"; did you mean \"karras\"? " + schedulers},
      {"scheduler: {id: nrmal}", "a.yaml:3:17: unknown scheduler \"nrmal\"; did you mean \"normal\"? " + schedulers},
      {"scheduler: euler", "a.yaml:3:12: unknown scheduler \"euler\"; \"euler\" is a sampler: write sampler: euler"},
      {"scheduler: 7", "a.yaml:3:12: unknown scheduler \"7\"; " + schedulers},
      {"sampler: eular",
       "a.yaml:3:10: unknown sampler \"eular\"; did you mean \"euler\"? known: alone, dpm_pp_2m, euler, heun, heun"},
      {"pipeline: text2image",
       "a.yaml:3:11: unknown pipeline \"text2image\"; did you mean \"text_to_image\"? known: text_to_image"},
      {"scheduler:", "a.yaml:3:1: scheduler: " + want + "nothing"},
      {"scheduler: [karras]", "a.yaml:3:12: scheduler: " + want + "a list"},
      {"sampler: []", "a.yaml:3:10: sampler: " + want + "a list"},
      {"pipeline: ~", "a.yaml:3:1: pipeline: " + want + "nothing"},
      {"scheduler: \"\"", "a.yaml:3:12: scheduler: want an id, got \"\""},
      {"scheduler: {id: [a]}", "a.yaml:3:17: scheduler: want an id, got a list"},
      {"scheduler: {id: }", "a.yaml:3:13: scheduler: want an id, got nothing"},
      {"scheduler: {spacing: leading}",
       "a.yaml:3:13: scheduler \"dpm_pp_2m_karras\": unknown key \"spacing\"; known: id, rho"},
      {"scheduler: {rho: 0}", "a.yaml:3:18: scheduler.rho: want a number of at least 0.5, got \"0\""},
      {"sampler: {polish: true}",
       "a.yaml:3:11: sampler \"dpm_pp_2m\": unknown key \"polish\"; known: id, order, weights"},
      {"pipeline: {strength: 1}", "a.yaml:3:12: pipeline \"text_to_image\": unknown key \"strength\"; known: id"},
      {"scheduler: {last: 0}\nsampler: alone",
       "a.yaml:4:10: sampler \"alone\" has no usual scheduler; add the key \"scheduler\""},
      {"sampler: heun",
       "a.yaml:3:10: sampler \"heun\" is offered by both acme.so and calotype.so; write \"acme/heun\" or "
       "\"calotype/heun\" [duplicate_id]"},
      {"sampler: acme/huen",
       "a.yaml:3:10: unknown sampler \"acme/huen\"; did you mean \"acme/heun\"? known: alone, dpm_pp_2m, euler, heun, "
       "heun"},
      {"sampler: alone", "a.yaml:3:10: sampler \"alone\" has no usual scheduler; add the key \"scheduler\""},
      {"scheduler: normal", "a.yaml:3:12: scheduler \"normal\" has no usual sampler; add the key \"sampler\""},
      {"scheduler: lost",
       "a.yaml:3:12: scheduler \"lost\" is usually paired with sampler \"gone\", which no plugin offers; add the key "
       "\"sampler\""},
  });
}

TEST_CASE("config errors: settings of entries") {
  const Folder folder;
  const auto karras = [](const std::string& setting, const std::string& message) {
    return Row{"scheduler:\n  id: karras\n  " + setting, "a.yaml:5:" + message};
  };
  const auto dpm = [](const std::string& setting, const std::string& message) {
    return Row{"sampler:\n  id: dpm_pp_2m\n  " + setting, "a.yaml:5:" + message};
  };
  const auto euler = [](const std::string& setting, const std::string& message) {
    return Row{"sampler:\n  id: euler\n  " + setting, "a.yaml:5:" + message};
  };
  const auto normal = [](const std::string& setting, const std::string& message) {
    return Row{"scheduler:\n  id: normal\n  " + setting, "a.yaml:5:" + message};
  };
  check_all({
      karras("rh: 5", "3: scheduler \"karras\": unknown key \"rh\"; did you mean \"rho\"? known: id, rho, sigma_min"),
      karras("spacing: leading", "3: scheduler \"karras\": unknown key \"spacing\"; known: id, rho, sigma_min"),
      karras("id: karras", "3: duplicate key \"id\"; first given at 4:3"),
      karras("rho: 0.4", "8: scheduler.rho: want a number of at least 0.5, got \"0.4\""),
      karras("rho: seven", "8: scheduler.rho: want a number of at least 0.5, got \"seven\""),
      karras("rho: \"7\"", "8: scheduler.rho: want a number of at least 0.5, got the text \"7\""),
      karras("rho:", "3: scheduler.rho: want a number of at least 0.5, got nothing"),
      karras("rho: [7]", "8: scheduler.rho: want a number of at least 0.5, got a list"),
      karras("rho: {a: 7}", "8: scheduler.rho: want a number of at least 0.5, got a map"),
      karras("sigma_min: 1001", "14: scheduler.sigma_min: want a number from 0 to 1000, got \"1001\""),
      normal("last: 0.5", "9: scheduler.last: want a number of at most 0, got \"0.5\""),
      normal("spacing: lead", "12: scheduler.spacing: want linspace, leading or trailing, got \"lead\""),
      normal("spacing:", "3: scheduler.spacing: want linspace, leading or trailing, got nothing"),
      euler("polish: yes", "11: sampler.polish: want true or false, got \"yes\""),
      euler("polish: \"true\"", "11: sampler.polish: want true or false, got the text \"true\""),
      euler("window: 9007199254740993",
            "11: sampler.window: want an integer from -9007199254740991 to 9007199254740991, got \"9007199254740993\""),
      euler("frame: 1.5", "10: sampler.frame: want an integer from -9007199254740991 to 9007199254740991, got \"1.5\""),
      {"sampler:\n  id: euler\n  frame: 1\n  window: 1",
       "a.yaml:6:3: sampler.window: is the same as \"frame\", which is given too"},
      {"sampler:\n  id: euler\n  frame: 1\n  span: 1",
       "a.yaml:6:3: sampler.span: is the same as \"frame\", which is given too"},
      {"sampler: {id: euler, fram: 1}",
       "a.yaml:3:22: sampler \"euler\": unknown key \"fram\"; known: id, polish, window"},
      dpm("order: 0", "10: sampler.order: want an integer from 1 to 3, got \"0\""),
      dpm("order: 4", "10: sampler.order: want an integer from 1 to 3, got \"4\""),
      dpm("order: 2.0", "10: sampler.order: want an integer from 1 to 3, got \"2.0\""),
      dpm("weights: 1", "12: sampler.weights: want a list of numbers from 0 to 1, got \"1\""),
      dpm("weights: {a: 1}", "12: sampler.weights: want a list of numbers from 0 to 1, got a map"),
      dpm("weights: [1, 2]", "16: sampler.weights[1]: want a number from 0 to 1, got \"2\""),
      dpm("weights: [1, [2]]", "16: sampler.weights[1]: want a number from 0 to 1, got a list"),
      {"pipeline: {id: text_to_image, strength: 1}",
       "a.yaml:3:31: pipeline \"text_to_image\": unknown key \"strength\"; known: id"},
  });
}

TEST_CASE("config errors: output and seeds") {
  const Folder folder;
  check_all({
      {"output:", "a.yaml:3:1: output: want a path, or a map with path, exists, model_hash and latents, got nothing"},
      {"output: [a.png]",
       "a.yaml:3:9: output: want a path, or a map with path, exists, model_hash and latents, got a list"},
      {"output: \"\"", "a.yaml:3:9: output.path: want a path, got \"\""},
      {"output: {pth: a.png}",
       "a.yaml:3:10: output: unknown key \"pth\"; did you mean \"path\"? known: path, latents, exists, model_hash"},
      {"output: {path: [a]}", "a.yaml:3:16: output.path: want a path, got a list"},
      {"output: a.jpg", "a.yaml:3:9: output.path: want a path that ends in .png, got \"a.jpg\""},
      {"output: {latents: a.png}", "a.yaml:3:19: output.latents: want a path that ends in .safetensors, got \"a.png\""},
      {"images: 2\noutput: a.png",
       "a.yaml:4:9: output.path: want {seed} or {index} in it, for 2 images, got \"a.png\""},
      {"output: a.png\nimages: 2",
       "a.yaml:3:9: output.path: want {seed} or {index} in it, for 2 images, got \"a.png\""},
      {"output: \"{name}.png\"",
       "a.yaml:3:9: output.path: unknown placeholder \"name\"; known: date, time, sampler, index, model, and 5 more: "
       "calotype list keys"},
      {"seed: 9223372036854775807\nimages: 2",
       "a.yaml:3:7: seed: want at most 9223372036854775806 for 2 images, got \"9223372036854775807\""},
  });
}

TEST_CASE("config errors: variations") {
  const Folder folder;
  const std::string both = "variation_seed: 5\nvariation_strength: 0.5\n";
  check_all({
      {"variation_seed: 5",
       "a.yaml:3:17: variation_seed: want variation_strength too, got none; this would be ignored"},
      {"variation_strength: 0.5",
       "a.yaml:3:21: variation_strength: want variation_seed too, got none; this would be ignored"},
      {both + "images: 2\noutput: \"{seed}.png\"",
       "a.yaml:6:9: output.path: want {variation_seed} or {index} in it, for 2 images, got \"{seed}.png\""},
      {"output: \"{variation_seed}.png\"",
       "a.yaml:3:9: output.path: want variation_seed too for {variation_seed}, got \"{variation_seed}.png\""},
      {"variation_seed: 9223372036854775807\nvariation_strength: 0\nimages: 2",
       "a.yaml:3:17: variation_seed: want at most 9223372036854775806 for 2 images, got \"9223372036854775807\""},
  });
  const auto config = resolved(kBase + "seed: 9223372036854775807\nimages: 2\n" + both);  // all images have that seed
  CHECK(config.output == "{prompt}-{seed}-{variation_seed}.png");
  CHECK(resolved(kBase + "variation_seed: 5\nvariation_strength: 0\n").output == "{prompt}-{seed}.png");
}

TEST_CASE("config errors: the words of other programs are answered with ours") {
  const Folder folder;
  CHECK(message("cfg_scale: 7") == "a.yaml:3:1: unknown key \"cfg_scale\"; here it is \"guidance_scale\"");
  CHECK(message("batch_size: 7") == "a.yaml:3:1: unknown key \"batch_size\"; here it is \"batch\"");
}
