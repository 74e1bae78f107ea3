#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/plan.h>
#include <calotype/host/run.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace calotype {

using Json = nlohmann::ordered_json;

/// "boolean", "integer", "number", "text", "choice", "numbers"
std::string_view name_of(SettingInfo::Type type);

/// What the program prints with --json, and the C interface returns.
Json to_json(const Value& value);
/// Whole numbers without a fraction, which a double of 2^53 or more has lost.
Json exact(double number);
Json to_json(const SettingInfo& setting);
Json to_json(const EntryInfo& entry);
Json to_json(const Refusal& refusal);
Json to_json(const ModelInfo& model);
Json to_json(const Plan& plan);
Json to_json(const GeneratedImage& image, const std::string& device, const std::string& dtype);
Json to_json(const Statistics& statistics);

/// On one line; what is not UTF-8 is replaced.
std::string dump(const Json& json);

}  // namespace calotype
