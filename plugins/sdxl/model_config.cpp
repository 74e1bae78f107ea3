#include "model_config.h"

#include <calotype/error.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "quote.h"

namespace calotype::sdxl {
namespace {

using nlohmann::json;
constexpr int kDeepest = 64;
constexpr uintmax_t kLargest = 64'000'000;

[[noreturn]] void bad(const std::string& what) {
  throw Error(ErrorCode::bad_data, what);
}

/// Watches the parse: no key twice in one object, no bottomless nesting.
class Guard {
 public:
  explicit Guard(const std::string& where) : where_(where) {}
  bool operator()(int depth, json::parse_event_t event, json& value) {
    if (depth > kDeepest)
      bad(where_ + ": nested too deeply, found more than " + std::to_string(kDeepest) + " levels, wanted fewer");
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second)
      bad(where_ + ": key " + quote(value.get_ref<const std::string&>()) + ", found it twice, wanted it once");
    return true;
  }

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> keys_;
};

std::string shortest(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

}  // namespace

ModelConfig::ModelConfig(std::string where) : ModelConfig(std::move(where), json::object()) {}

ModelConfig::ModelConfig(std::string where, json object)
    : where_(std::move(where)), json_(std::make_shared<const json>(std::move(object))) {}

ModelConfig ModelConfig::read(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw Error(ErrorCode::no_input, path + ": cannot be read, " + error.message());
  if (size > kLargest)
    bad(path + ": too long, found " + std::to_string(size) + " bytes, wanted at most " + std::to_string(kLargest));
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  if (!file.read(text.data(), std::streamsize(size)))
    throw Error(ErrorCode::no_input, path + ": cannot be read, " + std::strerror(errno));
  return parse(text, path);
}

ModelConfig ModelConfig::parse(std::string_view text, const std::string& where) {
  if (text.find('\0') != text.npos) bad(where + ": found a zero byte, wanted JSON text");  // nlohmann takes it for the end
  Guard guard(where);
  json value;
  try {
    value = json::parse(text.begin(), text.end(),
                        [&guard](int depth, json::parse_event_t event, json& v) { return guard(depth, event, v); });
  } catch (const json::exception& e) {
    const auto* syntax = dynamic_cast<const json::parse_error*>(&e);
    bad(where + ": found no JSON" + (syntax ? " at byte " + std::to_string(syntax->byte) : "") + ", wanted one JSON object");
  }
  if (!value.is_object()) bad(where + ": found " + value.type_name() + ", wanted a JSON object");
  return {where, std::move(value)};
}

const json* ModelConfig::find(const std::string& key) const {
  const auto found = json_->find(key);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

bool ModelConfig::has(const std::string& key) const {
  return find(key) != nullptr;
}

void ModelConfig::fail(const std::string& key, const std::string& wanted) const {
  const json* value = find(key);
  std::string found = "nothing";
  if (value)
    found = value->is_object()                        ? "an object"
            : value->is_array() && value->size() > 16 ? "a long list"
                                                      : value->dump().substr(0, 64);
  if (value && value->is_string()) found = quote(value->get_ref<const std::string&>());
  bad(where_ + ": " + quote(key) + ": found " + found + ", wanted " + wanted);
}

int ModelConfig::integer(const std::string& key, int fallback, int min, int max) const {
  return has(key) ? integers(key, {}, min, max).front() : fallback;
}

std::vector<int> ModelConfig::integers(const std::string& key, const std::vector<int>& fallback, int min, int max) const {
  const json* value = find(key);
  if (!value) return fallback;
  const std::string wanted = "whole numbers from " + std::to_string(min) + " to " + std::to_string(max);
  std::vector<int> out;
  const auto add = [&](const json& v) {
    if (!v.is_number_integer() || (v.is_number_unsigned() && v.get<uint64_t>() > uint64_t(max))) fail(key, wanted);
    const auto n = v.get<int64_t>();
    if (n < min || n > max) fail(key, wanted);
    out.push_back(int(n));
  };
  if (!value->is_array())
    add(*value);
  else
    for (const auto& v : *value) add(v);
  if (out.empty()) fail(key, wanted);
  return out;
}

double ModelConfig::number(const std::string& key, double fallback, double min, double max) const {
  return has(key) ? numbers(key, min, max).front() : fallback;
}

std::vector<double> ModelConfig::numbers(const std::string& key, double min, double max) const {
  const json* value = find(key);
  std::vector<double> out;
  if (!value) return out;
  const auto add = [&](const json& v) {
    if (!v.is_number() || !(v.get<double>() >= min && v.get<double>() <= max))
      fail(key, "numbers from " + shortest(min) + " to " + shortest(max));
    out.push_back(v.get<double>());
  };
  if (!value->is_array())
    add(*value);
  else
    for (const auto& v : *value) add(v);
  if (out.empty()) fail(key, "at least one number");
  return out;
}

bool ModelConfig::boolean(const std::string& key, bool fallback) const {
  const json* value = find(key);
  if (value && !value->is_boolean()) fail(key, "true or false");
  return value ? value->get<bool>() : fallback;
}

std::string ModelConfig::text(const std::string& key, const std::string& fallback) const {
  const json* value = find(key);
  if (value && !value->is_string()) fail(key, "a text");
  return value ? value->get<std::string>() : fallback;
}

ModelConfig ModelConfig::at(const std::string& key) const {
  const json* value = find(key);
  if (value && !value->is_object()) fail(key, "an object");
  return {where_ + ": " + key, value ? *value : json::object()};
}

}  // namespace calotype::sdxl
