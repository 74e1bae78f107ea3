#pragma once
#include <calotype/host/host.h>

#include <nlohmann/json.hpp>
#include <string>

namespace calotype::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value);
Json to_json(const EntryInfo& entry);
Json to_json(const ModelInfo& model);
Json to_json(const Plan& plan);
Json to_json(const Picture& picture, const Result& result);

std::string to_text(const EntryInfo& entry);
std::string to_text(const ModelInfo& model);
std::string to_text(const Plan& plan);

/// "integer 1 to 1000", "auto, float32, bfloat16"
std::string range_of(const SettingInfo& setting);
/// "14.614647"
std::string to_text(double number);

}  // namespace calotype::cli
