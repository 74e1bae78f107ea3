#pragma once
#include <calotype/error.h>
#include <calotype/host/host.h>

#include <string>
#include <vector>

/// configs/demo.yaml with overrides, and what planning it reports.
using namespace calotype;

inline Config demo(const std::vector<std::string>& overrides) {
  return Config::from_file(CALOTYPE_SOURCE "/configs/demo.yaml", overrides);
}

inline Plan plan_of(const std::vector<std::string>& overrides) {
  Host host;
  return host.plan(host.resolve(demo(overrides)));
}
inline std::string message_of(const std::vector<std::string>& overrides) {
  try {
    plan_of(overrides);
  } catch (const Error& e) {
    return e.what();
  }
  return "fine";
}
