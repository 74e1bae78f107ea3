#include "config/read_restart.h"

#include <algorithm>
#include <iterator>

#include "base/parse_number.h"
#include "schedule/restart.h"
#include "yaml/read_value.h"

namespace calotype {
namespace {

using yaml::Node;

constexpr const char* kKeys[] = {"sigma_min", "sigma_max", "steps", "times"};

RestartSegment read_interval(const Node& node) {
  if (node.kind != Node::Kind::map) fail_unwanted(node, "restart", "a map with sigma_min, sigma_max, steps and times");
  const std::vector<std::string> known(std::begin(kKeys), std::end(kKeys));
  for (const auto& [key, value] : node.members)
    if (std::find(known.begin(), known.end(), key.text) == known.end()) fail_unknown_key(key, "restart", known);
  const auto number = [&](const char* key) {
    const SettingInfo info{key, "", SettingInfo::Type::number, {}, kLeastRestartSigma, kMostRestartSigma, {}};
    return read_number(want_key(node, "restart", key), {"restart." + std::string(key), info});
  };
  const auto integer = [&](const char* key) {
    const SettingInfo info{key, "", SettingInfo::Type::integer, {}, 1, kMostRestartSteps, {}};
    return int(read_integer(want_key(node, "restart", key), {"restart." + std::string(key), info}));
  };
  const RestartSegment out{number("sigma_min"), number("sigma_max"), integer("steps"),
                           node.find("times") ? integer("times") : 1};
  if (out.sigma_min >= out.sigma_max)
    fail_unwanted(want_key(node, "restart", "sigma_max"), "restart.sigma_max",
                  "more than sigma_min, " + format_number(out.sigma_min));
  return out;
}

}  // namespace

Restart read_restart(const Node& node, int steps) {
  Restart out;
  if (node.kind == Node::Kind::scalar) {
    const SettingInfo info{"restart", "", SettingInfo::Type::choice, {}, 0, 0, restart_presets()};
    out = restart_preset(restart_presets()[read_choice(node, {"restart", info})], steps);
  }
  out.place = yaml::position(node);
  if (node.kind == Node::Kind::map) out.segments.push_back(read_interval(node));
  for (const Node& item : node.items) out.segments.push_back(read_interval(item));
  if (node.kind != Node::Kind::scalar && out.segments.empty())
    fail_unwanted(node, "restart", "the name of a preset, a restart interval or a list of one or more");
  return out;
}

int steps_of(const Restart& restart) {
  int out = 0;
  for (const RestartSegment& s : restart.segments) out += s.steps * s.times;
  return out;
}
}  // namespace calotype
