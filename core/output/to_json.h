#pragma once
#include <calotype/host/catalog.h>
#include <calotype/host/plan.h>
#include <calotype/host/run.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace calotype {

using Json = nlohmann::ordered_json;

/// The name of a type: "boolean", "integer", "number", "text", "choice", "numbers".
std::string_view name_of(SettingInfo::Type type);

/// The JSON that the program prints with --json and the C interface returns.
Json to_json(const Value& value);
/// A number, which is written without a fraction if it is whole. 2^63, the double of the largest integer, is written as
/// that integer.
Json exact(double number);
Json to_json(const SettingInfo& setting);
Json to_json(const EntryInfo& entry);
Json to_json(const Refusal& refusal);
Json to_json(const ModelInfo& model);
Json to_json(const Plan& plan);
Json to_json(const GeneratedImage& image, const std::string& device, const std::string& dtype);
Json to_json(const Statistics& statistics);

/// The JSON on one line. Bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);

}  // namespace calotype
