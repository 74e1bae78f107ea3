#pragma once
#include <calotype/host/entry.h>
#include <calotype/request.h>

#include <map>
#include <string>

namespace calotype {

/// An entry by name, with settings: {"karras", {{"rho", 5.0}}}. Other settings have the entry's defaults.
struct EntryRequest {
  std::string id;  ///< empty: the default entry
  std::map<std::string, Value> settings;
};

/// A run without a config file. Every member has the checks, the default and the messages of the config key of the same
/// name. Here `image` and `mask` are pixels, and the record stores them as PNG in base64; to give paths, use `more`.
struct GenerateRequest : Request {
  std::string model;                            ///< a file, a folder, or anything else that the key `model` accepts
  std::map<std::string, Value> model_settings;  ///< settings of its loader: {{"prediction_type", "v_prediction"}}
  EntryRequest scheduler, sampler, pipeline;
  std::string device = "auto", dtype = "auto";
  std::string output;  ///< path template of a .png file for each image; empty: the images are only returned
  std::map<std::string, Value> more;  ///< other config keys: {{"plugins.path", "/opt/plugins"}}
};

}  // namespace calotype
