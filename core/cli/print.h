#pragma once
#include <calotype/host/host.h>

#include <string>

#include "output/to_json.h"

namespace calotype::cli {

std::string to_text(const SettingInfo& setting);
/// How many model evaluations a sampler declares that it makes: "2 a step, less 1".
std::string calls_text(const EntryInfo& e);
std::string to_text(const EntryInfo& entry);
/// Several lines: the code, the file, and the four parts of the reason.
std::string to_text(const Refusal& refusal);
std::string to_text(const ModelInfo& model);
std::string to_text(const Plan& plan);

/// "a, b"
std::string joined(const std::vector<std::string>& names);
/// "6.94 GB"
std::string size_text(uint64_t bytes);
/// With control characters, which a file's name may have, as escapes.
std::string one_line_text(const std::string& text);
/// On one line; what is not UTF-8 is replaced.
void print_json(const Json& json);

/// "integer 1 to 1000", "auto, float32, bfloat16"
std::string range_of(const SettingInfo& setting);
/// "14.614647"
std::string to_text(double number);

}  // namespace calotype::cli
