#include "tokenizer_files.h"

#include <calotype/error.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "model_config.h"

namespace calotype::sdxl {
namespace {

bool is_file(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none);
}

/// Rules have been written as "a b" and as ["a","b"].
Merges merges_of(const ModelConfig& tokenizer) {
  const ModelConfig model = tokenizer.at("model");
  const std::string wanted = R"(rules as "a b" or ["a","b"])";
  const auto rules = model.value().find("merges");
  if (rules == model.value().end() || !rules->is_array()) model.fail("merges", wanted);
  Merges merges;
  for (const auto& rule : *rules) {
    const bool pair = rule.is_array() && rule.size() == 2 && rule[0].is_string() && rule[1].is_string();
    if (!pair && !rule.is_string()) model.fail("merges", wanted);
    merges.push_back(pair ? rule[0].get<std::string>() + " " + rule[1].get<std::string>() : rule.get<std::string>());
  }
  return merges;
}

/// Empty where the file says nothing. A token is a text, or an object that holds its text.
std::string pad_token_of(const std::string& path) {
  if (!is_file(path)) return "";
  const ModelConfig config = ModelConfig::read(path);
  if (!config.has("pad_token")) return "";
  return config.value()["pad_token"].is_object() ? config.at("pad_token").text("content", "") : config.text("pad_token", "");
}

}  // namespace

Vocabulary read_vocabulary(const std::string& folder, const std::string& pad_token) {
  Vocabulary out;
  if (is_file(folder + "/merges.txt"))
    out.merges = read_merges(folder + "/merges.txt");
  else if (is_file(folder + "/tokenizer.json"))
    out.merges = merges_of(ModelConfig::read(folder + "/tokenizer.json"));
  else
    throw Error(ErrorCode::no_input, folder + ": found neither merges.txt nor tokenizer.json, wanted one of them");
  out.pad_token = pad_token;
  for (const char* file : {"/special_tokens_map.json", "/tokenizer_config.json"})
    if (const std::string token = pad_token_of(folder + file); !token.empty()) out.pad_token = token;
  return out;
}

}  // namespace calotype::sdxl
