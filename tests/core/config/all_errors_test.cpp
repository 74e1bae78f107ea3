// All that is wrong with a config is reported at once.
#include <calotype/host/config_errors.h>

#include "core/config_fixture.h"

using namespace config_test;

namespace {

std::string message(const std::string& lines, const std::vector<std::string>& overrides = {}) {
  return message_of([&] { resolved(kBase + lines, overrides); });
}

size_t lines_of(const std::string& text) {
  return size_t(std::count(text.begin(), text.end(), '\n')) + 1;
}

}  // namespace

TEST_CASE("all errors: each wrong key has its line, in the order of the config") {
  const Folder folder;
  CHECK(message("width: 7\nstpes: 3\nheight: 1.5\nseed: x\n") ==
        "a.yaml:3:8: width: want a multiple of 8 from 8 to 16384, got \"7\"\n"
        "a.yaml:4:1: " +
            unknown_key("stpes") +
            "\n"
            "a.yaml:5:9: height: want a multiple of 8 from 8 to 16384, got \"1.5\"\n"
            "a.yaml:6:7: seed: want an integer from 0 to 9223372036854775807, got \"x\"");
}

TEST_CASE("all errors: those within a section, and those of the rest, come together") {
  const Folder folder;
  const std::string found =
      message("scheduler: {id: karras, rho: x, sigma_min: y}\noutput: {path: a.jpg, latent: b}\nsampler: eular\n");
  CAPTURE(found);
  CHECK(lines_of(found) == 4);
  for (const char* error :
       {"scheduler.rho", "scheduler.sigma_min", "unknown key \"latent\"", "unknown sampler \"eular\""})
    CHECK(found.find(error) != found.npos);
}

TEST_CASE("all errors: what depends on a wrong key is not asked") {
  const Folder folder;
  CHECK(lines_of(message("scheduler: nothing_like_it\n")) == 1);
  CHECK(lines_of(message("guidance_start: x\nguidance_end: 0\n")) == 1);
  CHECK(lines_of(message("images: x\nseed: 9223372036854775807\n")) == 1);
  CHECK(lines_of(message("models_dir: {}\n")) == 1);
}

TEST_CASE(
    "all errors: plugins that cannot be read hide nothing else, and what they may offer is not reported as unknown") {
  const Folder folder;
  const std::string nowhere = "a.yaml:3:18: plugins.path[0]: no folder \"" + folder / "gone" + "\"\n" +
                              "a.yaml:3:24: plugins.path[1]: no folder \"" + folder / "lost" + "\"";
  const std::string plugins = "plugins: {path: [gone, lost]}\n";
  for (const char* names : {"", "scheduler: of_a_plugin\nsampler: {id: another, x: 1}\n"})
    CHECK(message_of([&] { resolved(kBase + plugins + names); }, ErrorCode::no_input) == nowhere);
  CHECK(message(plugins + "sampler: of_a_plugin\nsteps: x\n") ==
        nowhere + "\na.yaml:5:8: steps: want an integer from 1 to 1000, got \"x\"");
  const std::string known = message(plugins + "scheduler: {id: karras, rho: x}\nplugin: {}\n");
  CAPTURE(known);
  CHECK(lines_of(known) == 4);
  CHECK(known.find("scheduler.rho") != known.npos);
  CHECK(message("plugins: {path: gone, allow: {}}\nwidth: 7\n") ==
        "a.yaml:3:17: plugins.path: no folder \"" + folder / "gone" +
            "\"\na.yaml:3:30: plugins.allow: want a vendor or a list of vendors, got a map\n"
            "a.yaml:4:8: width: want a multiple of 8 from 8 to 16384, got \"7\"");
}

TEST_CASE("all errors: missing keys, and overrides, are reported together") {
  const Folder folder;
  CHECK(message_of([] { resolved("steps: 3\n"); }) == "a.yaml: missing key \"model\"\na.yaml: missing key \"prompt\"");
  CHECK(message("", {"nothing", "=3"}) == "--set nothing: want KEY=VALUE\n--set =3: want KEY=VALUE");
}

TEST_CASE("all errors: keys given twice are reported with each other") {
  const Folder folder;
  CHECK(message("seed: 1\nsteps: 2\nseed: 3\nsteps: 4\n") ==
        "a.yaml:5:1: duplicate key \"seed\"; first given at 3:1\na.yaml:6:1: duplicate key \"steps\"; first given at "
        "4:1");
}

TEST_CASE("all errors: a key given twice hides no other error, and each has its position in the order") {
  const Folder folder;
  CHECK(message("width: 7\nseed: 1\nscheduler: {id: karras, rho: x, rho: 3}\nseed: 3\nheight: 1.5\n") ==
        "a.yaml:3:8: width: want a multiple of 8 from 8 to 16384, got \"7\"\n"
        "a.yaml:5:30: scheduler.rho: want a number of at least 0.5, got \"x\"\n"
        "a.yaml:5:33: duplicate key \"rho\"; first given at 5:25\n"
        "a.yaml:6:1: duplicate key \"seed\"; first given at 4:1\n"
        "a.yaml:7:9: height: want a multiple of 8 from 8 to 16384, got \"1.5\"");
}

TEST_CASE("all errors: a key given twice is reported with what is no YAML, and with a wrong override") {
  CHECK(message("seed: 1\nseed: 2\nsteps: [3\n") ==
        "a.yaml:4:1: duplicate key \"seed\"; first given at 3:1\n"
        "a.yaml:6:1: not YAML: want \",\" or \"]\" in a list in brackets, got neither; a text that begins with [ wants "
        "quotes around all of it");
  CHECK(message("seed: 1\nseed: 2\n", {"nothing"}) ==
        "a.yaml:4:1: duplicate key \"seed\"; first given at 3:1\n--set nothing: want KEY=VALUE");
}

TEST_CASE("all errors: what is read of a config before it is resolved waits for keys given twice") {
  const Config config = Config::from_text("plugins: {path: /a}\nplugins: {path: /b}\n", "a.yaml");
  CHECK(message_of([&] { config.plugin_paths(); }) == "a.yaml:2:1: duplicate key \"plugins\"; first given at 1:1");
}

TEST_CASE("all errors: the code is that of configs where one of them has it, else that of the first") {
  CHECK(ConfigErrors({Error(ErrorCode::no_input, "a"), Error(ErrorCode::config, "b")}).code() == ErrorCode::config);
  CHECK(ConfigErrors({Error(ErrorCode::no_input, "a"), Error(ErrorCode::io, "b")}).code() == ErrorCode::no_input);
}
