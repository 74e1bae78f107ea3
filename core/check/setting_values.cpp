#include "check/setting_values.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace calotype::check {
namespace {

using Type = SettingInfo::Type;

std::vector<Value> corners_of(const SettingInfo& s) {
  std::vector<Value> out{s.default_value};
  if (s.type == Type::boolean) return {true, false};
  if (s.type == Type::choice) out.assign(s.choices.begin(), s.choices.end());
  for (const double end : {s.min, s.max}) {
    if (!std::isfinite(end)) continue;
    if (s.type == Type::integer || s.type == Type::number) out.push_back(end);
    if (s.type == Type::numbers) out.push_back(Numbers{end});
  }
  if (s.type == Type::numbers) out.push_back(Numbers{});
  return out;
}

/// Between the ends; even in the logarithm if the range spans orders of magnitude.
double between(double min, double max, std::mt19937_64& random) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  min = std::max(min, -1e6), max = std::min(max, 1e6);
  return min > 0 && max / min > 1000 ? min * std::pow(max / min, u) : min + u * (max - min);
}

}  // namespace

std::vector<Values> corners(const EntryInfo& entry, Level level, uint64_t seed) {
  constexpr double kMost = 200;
  std::vector<Values> out{{}};
  std::vector<std::vector<Value>> choices;
  double together = 1;
  for (const auto& s : entry.settings) {
    choices.push_back(corners_of(s));
    together *= double(choices.back().size());
    for (const auto& value : choices.back()) out.push_back({{s.name, value}});
  }
  if (level == Level::quick || choices.size() < 2) return out;
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < uint64_t(std::min(together, kMost)); ++i) {
    Values values;
    uint64_t rest = together <= kMost ? i : random();
    for (size_t k = 0; k < choices.size(); ++k) {
      values[entry.settings[k].name] = choices[k][rest % choices[k].size()];
      rest /= choices[k].size();
    }
    out.push_back(values);
  }
  return out;
}

Values random_values(const EntryInfo& entry, std::mt19937_64& random) {
  Values out;
  for (const auto& s : entry.settings) {
    if (s.type == Type::boolean) out[s.name] = random() % 2 == 1;
    if (s.type == Type::choice && !s.choices.empty()) out[s.name] = s.choices[random() % s.choices.size()];
    if (s.type == Type::number) out[s.name] = between(s.min, s.max, random);
    if (s.type == Type::integer) out[s.name] = std::clamp(std::round(between(s.min, s.max, random)), s.min, s.max);
    if (s.type != Type::numbers) continue;
    Numbers numbers(random() % 9);
    for (double& n : numbers) n = between(s.min, s.max, random);
    out[s.name] = numbers;
  }
  return out;
}

std::string to_text(const Values& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    out += (out.empty() ? "" : ", ") + name + " = ";
    char text[32];
    const auto number = [&](double d) { return std::snprintf(text, sizeof text, "%.17g", d), std::string(text); };
    if (const auto* b = std::get_if<bool>(&value))
      out += *b ? "true" : "false";
    else if (const auto* d = std::get_if<double>(&value))
      out += number(*d);
    else if (const auto* t = std::get_if<std::string>(&value))
      out += *t;
    else if (const auto* n = std::get_if<Numbers>(&value)) {
      out += "[";
      for (const double d : *n) out += (out.back() == '[' ? "" : ", ") + number(d);
      out += "]";
    } else
      out += "not given";
  }
  return out;
}

std::string steps_text(uint32_t steps, const Values& values) {
  return std::to_string(steps) + " steps" + (values.empty() ? "" : ", " + to_text(values));
}

std::string at(uint32_t steps, const Values& values) {
  return steps_text(steps, values) + ": ";
}

}  // namespace calotype::check
