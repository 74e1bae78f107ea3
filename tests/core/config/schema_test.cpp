// The JSON Schema: what it holds, and what PyPI's check-jsonschema makes of right and wrong configs with it. The tests
// that are called check-jsonschema run as a test of their own, which ctest calls skipped where it is not there; ./dev
// test fetches it.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "base/install_folder.h"
#include "config/config_keys.h"
#include "config/config_schema.h"
#include "config/declared_keys.h"
#include "core/config_fixture.h"
#include "core/program.h"
#include "registry/discovery.h"

using namespace calotype;
using namespace program_test;
using nlohmann::json;

namespace {

const std::string kSchema = CALOTYPE_SOURCE "/configs/calotype.schema.json";
const std::string kSchemaLine = "# yaml-language-server: $schema=";

/// What the program prints with the plugins of a folder besides its own.
std::string schema_with(const Folder& folder, const std::string& plugins) {
  const Ended e = shell(folder, "CALOTYPE_PLUGIN_PATH='" + plugins + "' " CALOTYPE_PROGRAM " schema");
  REQUIRE(e.code == 0);
  return e.out;
}

/// The command, or "" where there is none, which skips the test.
std::string checker() {
  const std::string own = CALOTYPE_SOURCE "/.venv/bin/check-jsonschema";
  const std::string command = fs::exists(own) ? own : "check-jsonschema";
  if (std::system((command + " --version >/dev/null 2>&1").c_str()) == 0) return command;
  std::printf("SKIPPED: no check-jsonschema; ./dev test fetches it\n");
  return "";
}

std::string listed(const std::set<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += name + " ";
  return out;
}

/// The files that the schema refuses; `files` is for the shell, which expands it.
std::set<std::string> refused(const Folder& folder, const std::string& schema, const std::string& files) {
  const Ended e =
      shell(folder, checker() + " --output-format json --default-filetype yaml --schemafile '" + schema + "' " + files);
  const json report = json::parse(e.out, nullptr, false);
  INFO((e.out + e.err));
  REQUIRE(report.is_object());
  CHECK((report["status"] == "ok") == (e.code == 0));
  std::set<std::string> out;
  for (const char* kind : {"errors", "parse_errors"})
    for (const auto& error : report.value(kind, json::array()))
      out.insert(fs::path(error["filename"].get<std::string>()).filename().string());
  if (e.code != 0 && out.empty()) FAIL(e.out);
  return out;
}

std::vector<std::string> whole_configs(const std::string& markdown) {
  std::vector<std::string> out;
  for (size_t at = 0; (at = markdown.find("\n```yaml\n", at)) != markdown.npos;) {
    const size_t start = at + 9, end = markdown.find("```\n", start);
    const std::string block = markdown.substr(start, end - start);
    if (("\n" + block).find("\nmodel:") != std::string::npos && ("\n" + block).find("\nprompt:") != std::string::npos)
      out.push_back(block);
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("schema: configs/calotype.schema.json is what `calotype schema` prints with the plugins that come with it") {
  const Folder folder;
  const Ended e = shell(folder, "unset CALOTYPE_PLUGIN_PATH; " CALOTYPE_PROGRAM " schema");
  CHECK(e.code == 0);
  CHECK(e.err == "");
  const bool is_same = e.out == text_of(kSchema);
  CHECK_MESSAGE(is_same, "calotype schema > configs/calotype.schema.json brings it up to date");
  CHECK(shell(folder, "unset CALOTYPE_PLUGIN_PATH; " CALOTYPE_PROGRAM " schema --json").out == e.out);
}

TEST_CASE("schema: has every key, with its doc") {
  const json properties = json::parse(text_of(kSchema))["properties"];
  const auto keys = keys_of(discover({own_plugin_folder()}));
  CHECK(properties.size() == top_level_names(keys).size());
  for (const auto& key : keys) {
    CAPTURE(key.info.name);
    const std::string section(section_of(key.info.name));
    if (section.empty())
      CHECK(properties[key.info.name]["description"] == key.info.doc);
    else
      CHECK(properties.contains(section));
  }
}

TEST_CASE("schema: each type of setting has its range, default, unit and choices, and an older name its new one") {
  const Folder folder;
  const json all = json::parse(schema_with(folder, CALOTYPE_FIXTURES "/settings"));
  const json s = all["definitions"]["scheduler.every_setting"];
  CHECK(s["additionalProperties"] == false);
  CHECK(s["description"] == "A setting of each type");
  const json& p = s["properties"];
  CHECK(p["size"] == json::parse(
                         R"({"description": "the first sigma [sigma]", "type": "number", "minimum": 1, "maximum": 64,
              "default": 4})"));
  CHECK(p["on"] == json::parse(R"({"description": "whether it is on", "type": "boolean", "default": true})"));
  CHECK(p["count"] ==
        json::parse(R"({"description": "how many", "type": "integer", "minimum": 0, "maximum": 8, "default": 3})"));
  CHECK(p["free"] == json::parse(R"({"description": "any number, or none", "type": "number"})"));
  CHECK(
      p["name"] ==
      json::parse(
          R"({"description": "what it is called", "type": ["string", "number", "boolean"], "default": "a \"name\""})"));
  CHECK(p["way"] ==
        json::parse(R"({"description": "where it goes", "enum": ["up", "down", "2", 2], "default": "up"})"));
  CHECK(p["file"]["type"] == json{"string", "number", "boolean"});
  CHECK(p["list"] ==
        json::parse(
            R"({"description": "some of them", "type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1},
              "default": [0.5, 1.0]})"));
  for (const char* old : {"width", "span"}) {
    CHECK(p[old]["description"] == "older name; write \"size\"");
    CHECK(p[old]["deprecationMessage"] == "older name; write \"size\"");
    CHECK(p[old]["maximum"] == 64);
  }
  const json names = all["definitions"]["scheduler"]["enum"];
  for (const char* name : {"every_setting", "all_settings", "karras", "calotype/karras"})
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
}

TEST_CASE("schema: a name of two libraries is offered after its vendor only") {
  const Json names = config_schema(config_test::make_catalog())["definitions"]["sampler"]["enum"];
  CHECK(names == Json{"alone", "dpm_pp_2m", "euler", "acme/heun", "calotype/heun", "calotype/alone",
                      "calotype/dpm_pp_2m", "calotype/euler"});
}

TEST_CASE("schema: without plugins nothing can be chosen") {
  const Json schema = config_schema(Catalog());
  CHECK(schema["definitions"]["scheduler"]["enum"] == Json::array());
  CHECK(schema["properties"]["scheduler"]["then"]["else"] == false);
}

TEST_CASE("schema: wants no name") {
  const Folder folder;
  const Ended e = run_program(folder, "schema a.yaml");
  CHECK(e.code == 64);
  CHECK(e.err == "schema: want no name, got \"a.yaml\"\n");
}

TEST_CASE("configs: every one, and every whole one in the docs, begins with the line that names the schema") {
  size_t count = 0;
  for (const auto& file : fs::recursive_directory_iterator(CALOTYPE_SOURCE "/configs")) {
    if (file.path().extension() != ".yaml") continue;
    CAPTURE(file.path().string());
    const std::string text = text_of(file);
    CHECK(text.starts_with(kSchemaLine + "calotype.schema.json\n"));
    ++count;
  }
  CHECK(count >= 11);
  for (const auto& file : fs::directory_iterator(CALOTYPE_SOURCE "/sdk/templates"))
    if (file.path().extension() == ".yaml") CHECK(text_of(file).starts_with(kSchemaLine + "calotype.schema.json\n"));
  for (const auto& file : fs::directory_iterator(CALOTYPE_SOURCE "/docs"))
    if (file.path().extension() == ".md")
      for (const auto& config : whole_configs(text_of(file)))
        CHECK(config.starts_with(kSchemaLine + "calotype.schema.json\n"));
  CHECK(whole_configs(text_of(CALOTYPE_SOURCE "/docs/run.md")).size() == 3);
}

TEST_CASE("check-jsonschema: the schema is one" * doctest::skip()) {
  const std::string command = checker();
  if (command.empty()) return;
  const Folder folder;
  const Ended e = shell(folder, command + " --check-metaschema '" + kSchema + "'");
  INFO(e.out);
  CHECK(e.code == 0);
}

TEST_CASE("check-jsonschema: all configs that are right are right by the schema" * doctest::skip()) {
  if (checker().empty()) return;
  const Folder folder;
  int count = 0;
  for (const char* name : {"README.md", "docs/run.md"})
    for (const auto& config : whole_configs(text_of(CALOTYPE_SOURCE "/" + std::string(name))))
      folder.write("doc" + std::to_string(count++) + ".yaml", config);
  CHECK(count == 4);
  CHECK(listed(refused(folder, kSchema,
                       CALOTYPE_SOURCE "/configs/*.yaml " CALOTYPE_SOURCE "/tests/data/parity/*.yaml *.yaml")) == "");
}

TEST_CASE("check-jsonschema: the config of sdk/example is right with its plugin, and wrong without it" *
          doctest::skip()) {
  if (checker().empty()) return;
  const Folder folder;
  const Ended built = shell(folder, CALOTYPE_CXX " -std=c++20 -shared -fPIC -I " CALOTYPE_SOURCE
                                                 "/sdk/include " CALOTYPE_SOURCE "/sdk/example/ease.cpp -o ease.so");
  REQUIRE(built.code == 0);
  folder.write("schema.json", schema_with(folder, "."));
  CHECK(listed(refused(folder, "schema.json", CALOTYPE_SOURCE "/sdk/example/ease.yaml")) == "");
  CHECK(listed(refused(folder, kSchema, CALOTYPE_SOURCE "/sdk/example/ease.yaml")) == "ease.yaml ");
}

TEST_CASE("check-jsonschema: settings go with the id, and an older name is none of another's" * doctest::skip()) {
  if (checker().empty()) return;
  const Folder folder;
  folder.write("schema.json", schema_with(folder, CALOTYPE_FIXTURES "/settings"));
  int count = 0;
  std::set<std::string> wanted;
  const auto add = [&](const std::string& section, bool is_right) {
    const std::string name = "c" + std::to_string(count++) + ".yaml";
    folder.write(name, "model: m\nprompt: x\n" + section + "\n");
    if (!is_right) wanted.insert(name);
  };
  for (const char* s : {"scheduler: {id: every_setting, size: 64, on: false, count: 8, free: -1e9, name: 7, way: 2, "
                        "file: a/b, list: []}",
                        "scheduler: {id: all_settings, width: 2}", "scheduler: {way: down}", "scheduler: {rho: 3}",
                        "scheduler: calotype/karras", "scheduler: {id: calotype/karras, rho: 3}"})
    add(s, true);
  for (const char* s : {"scheduler: {id: karras, size: 4}", "scheduler: {id: every_setting, rho: 7}",
                        "scheduler: {id: every_setting, size: 65}", "scheduler: {id: every_setting, width: 65}",
                        "scheduler: {id: every_setting, count: 1.5}", "scheduler: {id: every_setting, list: [2]}",
                        "scheduler: {id: every_setting, way: left}", "scheduler: {id: every_setting, on: 1}",
                        "scheduler: {rho: 3, size: 4}", "refiner: {start: 0.5}",
                        "refiner: {model: {loader: single_file}}", "hires: {scal: 2}", "plugins: {}"})
    add(s, false);
  CHECK(listed(refused(folder, "schema.json", "c*.yaml")) == listed(wanted));
}

TEST_CASE(
    "check-jsonschema: what config_errors_test.cpp gets wrong is wrong by the schema, as far as a schema can express "
    "it" *
    doctest::skip()) {
  if (checker().empty()) return;
  const Folder folder;
  const Ended kept =
      shell(folder, "mkdir kept && CALOTYPE_KEEP_CONFIGS=\"$PWD/kept\" " CALOTYPE_TEST_CONFIG " -tc='config*'");
  REQUIRE(kept.code == 0);
  folder.write("schema.json", config_schema(config_test::make_catalog()).dump());
  const auto found = refused(folder, "schema.json", "kept/*.yaml");
  // what a schema cannot see: the disk, values that go together, and how a number or a name is written
  const std::vector<std::string> cannot_tell{"no file or folder \"",
                                             "no folder \"",
                                             "no file \"",
                                             "got the folder \"",
                                             "images are not fetched",
                                             "no loader accepts",
                                             "both accept",
                                             "got the pickle",
                                             "got a pipe or a device",
                                             "less than guidance_end",
                                             "more than guidance_start",
                                             "more than sigma_min",
                                             "want prompt_syntax",
                                             "has no usual",
                                             "is usually paired",
                                             "which is given too",
                                             "scheduler \"dpm_pp_2m_karras\": unknown key \"spacing\"",
                                             "sampler \"dpm_pp_2m\": unknown key \"polish\"",
                                             " for 2 images",
                                             "for {variation_seed}",
                                             "unknown placeholder",
                                             "without \"..\"",
                                             "without control characters",
                                             "got \"1.0\"",
                                             "got \"2.0\"",
                                             "got \"1e3\"",
                                             "got \"1_000\"",
                                             "got \"010\"",
                                             "got \"0o17\"",
                                             "got \"05\"",
                                             "got \"1_0\"",
                                             "got \"0x10\"",
                                             "got \"True\"",
                                             "got \"TRUE\""};
  std::string right_but_refused, wrong_but_passed;
  int wrong = 0;
  for (const auto& file : fs::directory_iterator(folder.path / "kept")) {
    if (file.path().extension() != ".yaml") continue;
    const std::string name = file.path().filename(), message = text_of(fs::path(file.path()).replace_extension(".txt"));
    const bool is_refused = found.count(name);
    if (message == "fine" && is_refused) right_but_refused += name + "\n" + text_of(file) + "\n";
    if (message == "fine") continue;
    ++wrong;
    const auto fits = [&](const std::string& text) { return message.find(text) != message.npos; };
    if (!is_refused && std::none_of(cannot_tell.begin(), cannot_tell.end(), fits)) wrong_but_passed += message + "\n";
  }
  CHECK(wrong > 1000);
  CHECK(right_but_refused == "");
  CHECK(wrong_but_passed == "");
}
