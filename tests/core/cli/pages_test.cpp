// docs/schedulers.md, docs/samplers.md and their images: what `calotype list --markdown` prints and tools/write_pages
// generates.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "core/program.h"

using namespace program_test;
using nlohmann::json;

namespace {

const fs::path kDocs = CALOTYPE_SOURCE "/docs";

std::string page_now(const Folder& folder, const std::string& kinds) {
  const Ended e = run_program(folder, "list " + kinds + " --markdown --builtin-only");
  CHECK(e.err == "");
  return e.out;
}

std::vector<json> entries(const Folder& folder, const std::string& kinds) {
  std::istringstream lines(run_program(folder, "list " + kinds + " --json --builtin-only").out);
  std::vector<json> out;
  for (std::string line; std::getline(lines, line);) out.push_back(json::parse(line));
  REQUIRE(out.size() > 40);
  return out;
}

/// Not "beta@a1111", which stands under `beta`.
bool is_family(const json& entry) {
  return entry["id"].get<std::string>().find('@') == std::string::npos;
}

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), {}};
}

/// What GitHub makes of a page's headings.
std::set<std::string> anchors(const std::string& page) {
  static const std::regex heading("\n#+ (.*)"), dropped("[^a-z0-9_ -]");
  std::set<std::string> out;
  for (const auto& match : matches(page, heading)) {
    std::string text = match[1];
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    text = std::regex_replace(text, dropped, "");
    std::replace(text.begin(), text.end(), ' ', '-');
    CHECK_MESSAGE(out.insert(text).second, "two headings of one name: " << text);
  }
  return out;
}

}  // namespace

TEST_CASE(
    "docs: docs/schedulers.md and docs/samplers.md are what `calotype list --markdown` prints; if not: "
    "tools/write_pages") {
  const Folder folder;
  for (const std::string kinds : {"schedulers", "samplers"}) {
    const std::string now = page_now(folder, kinds);
    CHECK(now.starts_with("## Which one\n"));
    CHECK(text_of(kDocs / (kinds + ".md")).ends_with("\n\n" + now));
  }
}

TEST_CASE("list: --markdown has a section for each entry, and a line for what another program has under its name") {
  const Folder folder;
  for (const std::string kinds : {"schedulers", "samplers"}) {
    const std::string page = page_now(folder, kinds), table = page.substr(0, page.find("\n## ", 1));
    for (const json& e : entries(folder, kinds)) {
      const std::string id = e["id"];
      CAPTURE(id);
      CHECK((page.find("\n### `" + id + "`\n") != page.npos) == is_family(e));
      CHECK((page.find("\n- `" + id + "`") != page.npos) == !is_family(e));
      CHECK((table.find("[`" + id + "`](#" + id + ")") != table.npos) == is_family(e));
    }
  }
}

TEST_CASE("list: --markdown prints what an entry is, when to use it, its cost, order and paper") {
  const Folder folder;
  const std::string samplers = page_now(folder, "samplers"), schedulers = page_now(folder, "schedulers");
  CHECK(
      samplers.find(
          "\n### `seeds_3`\n\n**SEEDS-3**\n\nthird order with new noise, three model evaluations a step; not where "
          "speed matters\n\n"
          "for **texture where time does not count** · 8 to 20 steps · model evaluations: 3 a step, less 2 · order 3 · "
          "usual scheduler [`karras`](schedulers.md#karras) · as in ComfyUI\n\n"
          "Gonzalez et al. 2023, algorithm 3, [arXiv:2305.14267](https://arxiv.org/abs/2305.14267) · "
          "[settings](settings.md): `eta`, `s_noise`, `r_1`, `r_2`\n\n") != std::string::npos);
  CHECK(samplers.find(" · noise: brownian · ") != std::string::npos);
  CHECK(samplers.find(" · needs the unconditional prediction · ") != std::string::npos);
  CHECK(samplers.find(" · model evaluations: as many as it takes · chooses its own steps · ") != std::string::npos);
  CHECK(
      schedulers.find(
          "| [DPM](#dpm-schedulers) | structure | **[`dpm_pp_2m_karras`](#dpm_pp_2m_karras)** (20 to 35 steps) |\n") !=
      std::string::npos);
  CHECK(schedulers.find("\n- `sgm_uniform@diffusers`, also `trailing`: sgm_uniform in whole timesteps") >
        schedulers.find("### `sgm_uniform`\n"));
}

TEST_CASE("docs: every link into docs/schedulers.md and docs/samplers.md leads to a heading") {
  std::map<std::string, std::string> pages;
  for (const char* name : {"schedulers.md", "samplers.md"}) pages[name] = text_of(kDocs / name);
  static const std::regex link("\\]\\(([a-z]+\\.md)?#([^)]+)\\)");
  for (const auto& [name, page] : pages) {
    const auto found = matches(page, link);
    CHECK(found.size() > 60);
    for (const auto& match : found) {
      const std::string to = match[1].matched ? match[1].str() : name;
      CHECK_MESSAGE(anchors(pages.at(to)).count(match[2]) == 1, name << " links to " << to << "#" << match[2]);
    }
  }
}

TEST_CASE(
    "docs: every scheduler and sampler that runs by its name alone is on an image of its page, schedulers with their "
    "curve") {
  const Folder folder;
  static const std::regex image("!\\[([^\\]]*)\\]\\((images/[^)]*)\\)");
  size_t files = 0;
  for (const std::string kinds : {"schedulers", "samplers"}) {
    const std::string page = text_of(kDocs / (kinds + ".md"));
    std::vector<std::string> shown, wanted;
    for (const auto& match : matches(page, image)) {
      CAPTURE(match.str());
      const std::string file = (kDocs / match[2].str()).string();
      const json on_it =
          json::parse(json::parse(run_program(folder, "show '" + file + "' --json").out)["grid"].get<std::string>());
      CHECK(on_it["curves"] == (kinds == "schedulers"));
      CHECK(on_it["down"]["key"].get<std::string>() + "s" == kinds);
      std::string names;
      for (const std::string name : on_it["down"]["values"])
        shown.push_back(name), names += (names.empty() ? "" : ", ") + name;
      CHECK(names == match[1]);
      ++files;
    }
    for (const json& e : entries(folder, kinds))
      if (is_family(e) && !e.value("by_hand", false)) wanted.push_back(e["id"]);
    std::sort(shown.begin(), shown.end());
    CHECK(shown == wanted);
  }
  uintmax_t bytes = 0;
  for (const auto& file : fs::directory_iterator(kDocs / "images")) bytes += fs::file_size(file), --files;
  CHECK(files == 0);  // no image that no page shows
  CHECK(bytes < 2'000'000);
}

TEST_CASE("list: --markdown makes no table and no tag of a plugin's text") {
  const Folder folder;
  const Ended built =
      shell(folder,
            "sed -e 's/Starts and ends gently/<b>a | b/' -e 's/.pairs_with/.citation = \"See arXiv:none, "
            "arXiv:2206.00364.\", &/' " CALOTYPE_SOURCE "/sdk/example/ease.cpp >odd.cpp && " CALOTYPE_CXX
            " -std=c++20 -shared -fPIC -I " CALOTYPE_SOURCE "/sdk/include odd.cpp -o odd.so");
  REQUIRE(built.err == "");
  const std::string page = shell(folder, "CALOTYPE_PLUGIN_PATH=. " CALOTYPE_PROGRAM " list schedulers --markdown").out;
  CHECK(page.find("\n\n&lt;b>a \\| b; wants 12 steps or more\n\n") != std::string::npos);
  CHECK(page.find("\n\nSee arXiv:none, [arXiv:2206.00364](https://arxiv.org/abs/2206.00364).") != std::string::npos);
}

TEST_CASE("list: --markdown has the user's plugins") {
  const Folder folder;
  const std::string with_plugin =
      "CALOTYPE_PLUGIN_PATH='" CALOTYPE_FIXTURES "/settings' " CALOTYPE_PROGRAM " list schedulers --markdown";
  const std::string page = shell(folder, with_plugin).out;
  CHECK(page.find("| [Other](#other-schedulers) | *not declared* | [`every_setting`](#every_setting) |\n") !=
        std::string::npos);
  CHECK(page.find("\n## Other schedulers\n\n![every_setting](images/other-schedulers.png)\n\n### "
                  "`every_setting`\n\nalso `all_settings`\n\n"
                  "A setting of each type\n\nusual sampler [`euler`](samplers.md#euler)\n\n[settings](settings.md): "
                  "`size`, `on`, ") != std::string::npos);
}

TEST_CASE("list: --markdown is for schedulers and samplers, and never JSON") {
  const Folder folder;
  const Ended loaders = run_program(folder, "list loaders --markdown"),
              both = run_program(folder, "list schedulers --markdown --json");
  CHECK(loaders.code == 64);
  CHECK(loaders.err == "list: --markdown: want schedulers, samplers, keys or settings, got loaders\n");
  CHECK(both.code == 64);
  CHECK(both.err == "list: want --json or --markdown, got both\n");
  CHECK(run_program(folder, "list keys --markdown").out == run_program(folder, "list keys").out);
  CHECK(run_program(folder, "list --markdown").out == run_program(folder, "list schedulers --markdown").out + "\n" +
                                                          run_program(folder, "list samplers --markdown").out);
}
