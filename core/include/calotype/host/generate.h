#pragma once
#include <calotype/host/entry.h>
#include <calotype/request.h>

#include <map>
#include <string>

namespace calotype {

/// An entry by name, with settings of its own: {"karras", {{"rho", 5.0}}}. What is not given has the entry's default.
struct EntryRequest {
  std::string id;  ///< empty: the usual one
  std::map<std::string, Value> settings;
};

/// A run without a config file. Every member has the checks, the default and the messages of the config's key of that
/// name. `image` and `mask` are pixels here, and stand in the record as a PNG in base64; for paths there is `more`.
struct GenerateRequest : Request {
  std::string model;                            ///< a file or a folder, or whatever else the key `model` takes
  std::map<std::string, Value> model_settings;  ///< of its loader: {{"prediction_type", "v_prediction"}}
  EntryRequest scheduler, sampler, pipeline;
  std::string device = "auto", dtype = "auto";
  std::string output;                 ///< path template of a .png for each image; empty: images are only returned
  std::map<std::string, Value> more;  ///< any other key of a config: {{"plugins.path", "/opt/plugins"}}
};

}  // namespace calotype
