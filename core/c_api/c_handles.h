#pragma once
#include <calotype/calotype.h>
#include <calotype/host/host.h>

#include <map>
#include <mutex>
#include <stop_token>

/// The opaque types of the C interface.
struct calotype_host {
  explicit calotype_host(calotype::Host::Options options) : host(std::move(options)) {}
  calotype::Host host;
  std::string text;       ///< what was last handed out
  std::mutex mutex;       ///< of `stop`
  std::stop_source stop;  ///< of the run under way
};

struct calotype_result {
  calotype::Result result;
  std::map<size_t, std::string> png, base64;  ///< made when first asked for
  std::string json;
};
