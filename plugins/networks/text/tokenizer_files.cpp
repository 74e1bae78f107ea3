#include "networks/text/tokenizer_files.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include "networks/files/model_config.h"

namespace calotype::networks {
namespace {

/// Rules have been written as "a b" and as ["a","b"].
Merges merges_of(const ModelConfig& tokenizer) {
  const ModelConfig model = tokenizer.at("model");
  const std::string wanted = R"(rules as "a b" or ["a","b"])";
  const JsonValue* found = model.value().find("merges");
  const auto* rules = found ? found->as<JsonValue::List>() : nullptr;
  if (!rules) model.fail("merges", wanted);
  Merges merges;
  for (const auto& rule : *rules) {
    const auto* list = rule.as<JsonValue::List>();
    const bool is_pair = list && list->size() == 2 && (*list)[0].as<std::string>() && (*list)[1].as<std::string>();
    if (!is_pair && !rule.as<std::string>()) model.fail("merges", wanted);
    merges.push_back(is_pair ? *(*list)[0].as<std::string>() + " " + *(*list)[1].as<std::string>()
                             : *rule.as<std::string>());
  }
  return merges;
}

/// Empty where the file says nothing. A token is a text, or an object that holds its text.
std::string pad_token_of(const std::string& path) {
  if (!is_file(path)) return "";
  const ModelConfig config = ModelConfig::read(path);
  if (!config.has("pad_token")) return "";
  return config.value().find("pad_token")->as<JsonValue::Object>() ? config.at("pad_token").text("content", "")
                                                                   : config.text("pad_token", "");
}

}  // namespace

Vocabulary read_vocabulary(const std::string& folder, const std::string& pad_token) {
  Vocabulary out;
  const bool has_merges = is_file(folder + "/merges.txt");
  if (!has_merges && !is_file(folder + "/tokenizer.json"))
    throw Error(ErrorCode::no_input, folder + ": want merges.txt or tokenizer.json, got neither");
  out.merges_file = folder + (has_merges ? "/merges.txt" : "/tokenizer.json");
  out.merges = has_merges ? read_merges(out.merges_file) : merges_of(ModelConfig::read(out.merges_file));
  out.pad_token = pad_token;
  for (const char* file : {"/special_tokens_map.json", "/tokenizer_config.json"})
    if (const std::string token = pad_token_of(folder + file); !token.empty())
      out.pad_token = token, out.pad_file = folder + file;
  return out;
}

}  // namespace calotype::networks
