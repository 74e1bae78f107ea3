#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tier1.h"

using namespace tier1;
using Sigmas = std::vector<double>;

namespace {

const json& peers() {
  static const json table = json::parse(read_file(CALOTYPE_TEST_DATA "/schedules/schedules.json"));
  return table;
}

const Library& library() {
  static const Library loaded("schedulers");
  return loaded;
}

/// What a config's id or alias stands for.
std::string id_of(const std::string& name) {
  if (library().entries.contains(name)) return name;
  for (const auto& [id, manifest] : library().manifests)
    for (const json& alias : manifest.value("aliases", json::array()))
      if (alias == name) return id;
  throw std::runtime_error("no scheduler is called " + name);
}

/// The sigmas that a peer computes for SDXL: they differ in the fifth digit.
Sigmas levels_of(const std::string& peer) {
  const std::string name = peers()["peers"][peer]["levels"];
  if (peers()["levels"].contains(name)) return peers()["levels"][name];
  Sigmas out;
  const json goldens = json::parse(read_file(CALOTYPE_TEST_DATA "/goldens/schedules.json"));
  for (const double alpha : goldens["alphas_cumprod"]) out.push_back(std::sqrt((1 - alpha) / alpha));
  return out;
}

Sigmas ours(const json& run, const Sigmas& levels, int steps) {
  json settings = run["scheduler"];
  const std::string id = id_of(settings["id"]);
  settings.erase("id");
  return schedule(library(), id, steps, levels, settings);
}

double log_sum(const Sigmas& sigmas) {
  double sum = 0;
  for (size_t i = 0; i + 1 < sigmas.size(); ++i) sum += std::log(sigmas[i]);
  return sum;
}

/// How far a peer's float32 may lie from ours in double, relative.
double tolerance(const std::string& peer, const std::string& name) {
  // the error of sigma^(1/7) grows 7 times; tan near pi/2 grows that of its angle 15 times
  if (name == "karras" || (peer == "forge" && name == "kl_optimal")) return 2e-6;
  if (peer == "k_diffusion" && name == "vp")
    return 3e-4;  // exp(x) - 1 where x is 1e-4: ComfyUI's expm1 is held to 1e-6
  if (peer != "stable-diffusion.cpp") return 1e-6;
  // timesteps added up in float32, off by 1e-4 at little noise, where the sigmas grow by a third a timestep
  if (name == "sgm_uniform" || name == "discrete") return 5e-5;
  if (name == "ays" || name == "bong_tangent")
    return 1e-5;                      // positions added up in float32; differences of close arctangents
  if (name == "simple") return 1e-2;  // 30 and 60 steps: i 1000/n falls below its whole number
  return 1e-6;
}

bool keeps_contract(const Sigmas& sigmas) {
  return sigmas.back() == 0 && std::all_of(sigmas.begin(), sigmas.end(), [](double s) { return std::isfinite(s); }) &&
         std::adjacent_find(sigmas.begin(), sigmas.end(), std::less_equal<>()) == sigmas.end();
}

}  // namespace

TEST_CASE("schedules: each name of another program gives that program's sigmas") {
  int compared = 0;
  for (const json& run : peers()["runs"]) {
    const std::string peer = run["peer"], name = run["name"];
    const Sigmas levels = levels_of(peer);
    CAPTURE(peer);
    CAPTURE(name);
    for (const auto& [steps, theirs] : run["sigmas"].items()) {
      CAPTURE(steps);
      const Sigmas sigmas = ours(run, levels, std::stoi(steps));
      REQUIRE(sigmas.size() == theirs.size());
      double worst = 0;
      for (size_t i = 0; i + 1 < sigmas.size(); ++i)
        worst = std::max(worst, std::abs(sigmas[i] / theirs[i].get<double>() - 1));
      CHECK(worst <= tolerance(peer, name));
      ++compared;
    }
  }
  CHECK(compared >= 650);
}

TEST_CASE("schedules: the mean of log sigma equals the other program's for 1 to 100 steps") {
  int compared = 0;
  for (const json& run : peers()["runs"]) {
    const std::string peer = run["peer"], name = run["name"];
    const Sigmas levels = levels_of(peer);
    CAPTURE(peer);
    CAPTURE(name);
    for (int n = 1; n <= 100; ++n) {
      const json& theirs = run["log_sums"][n - 1];
      if (theirs.is_null()) continue;  // a fault: the next test
      CAPTURE(n);
      CHECK(std::abs(log_sum(ours(run, levels, n)) - theirs.get<double>()) / n <= tolerance(peer, name));
      ++compared;
    }
  }
  CHECK(compared >= 7500);
}

TEST_CASE("schedules: where another program breaks the contract, ours keep it or name the largest number of steps") {
  std::map<std::string, int> kept, refused;
  for (const json& run : peers()["runs"])
    for (const auto& [steps, fault] : run["faults"].items()) {
      const std::string name = run["peer"].get<std::string>() + " " + run["name"].get<std::string>();
      CAPTURE(name);
      CAPTURE(steps);
      try {
        const Sigmas sigmas = ours(run, levels_of(run["peer"]), std::stoi(steps));
        CHECK(keeps_contract(sigmas));
        ++kept[name];
      } catch (const Failed& e) {
        CHECK(std::string(e.what()).starts_with("at most "));
        ++refused[name];
      }
    }
  CHECK(kept["comfyui ddim_uniform"] == 85);  // more steps than asked
  CHECK(kept["comfyui kl_optimal"] == 1);     // one step: not a number
  CHECK(kept["stable-diffusion.cpp karras"] == 1);
  CHECK(kept["stable-diffusion.cpp exponential"] == 1);
  CHECK(kept["res4lyf bong_tangent"] == 1);  // one step: division by zero
  CHECK(refused["res4lyf beta57"] == 4);     // fewer steps than asked
  CHECK(refused["comfyui sd_turbo"] == 90);
  CHECK(refused["stable-diffusion.cpp smoothstep"] == 23);  // a sigma twice
}

TEST_CASE("schedules: laplace and kl_optimal@a1111 end at 0; in ComfyUI and AUTOMATIC1111 noise remains") {
  std::map<std::string, std::string> every;
  for (const json& run : peers()["runs"])
    if (run.contains("every")) every[run["scheduler"]["id"]] = run["every"];
  CHECK(every == std::map<std::string, std::string>{{"laplace", "99 steps"}, {"kl_optimal@a1111", "ends at 0.0292"}});
}

TEST_CASE("schedules: docs/names.md has a line for each of them") {
  const std::string page = read_file(CALOTYPE_SOURCE "/docs/names.md");
  for (const json& run : peers()["runs"]) {
    const std::string name = run["scheduler"]["id"], id = id_of(name);
    bool found = false;
    for (const auto& each : library().manifests.at(id).value("aliases", json::array())) {
      const std::string alias = each;
      found = found || page.find("`scheduler: " + alias + "`") != page.npos;
    }
    found = found || page.find("`scheduler: " + id + "`") != page.npos ||
            page.find("`scheduler: {id: " + id + ",") != page.npos;
    CHECK_MESSAGE(found, name);
  }
}

TEST_CASE("schedules: every scheduler in the right column of docs/names.md exists") {
  const std::string page = read_file(CALOTYPE_SOURCE "/docs/names.md"), start = "`scheduler: ";
  int lines = 0;
  for (size_t at = page.find(start); at != page.npos; at = page.find(start, at + 1), ++lines) {
    std::string name = page.substr(at + start.size(), page.find('`', at + 1) - at - start.size());
    if (name.starts_with("{id: ")) name = name.substr(5, name.find_first_of(",}") - 5);
    CHECK_FALSE(id_of(name).empty());
  }
  CHECK(lines >= 60);
}
