#include "networks/files/model_config.h"

#include <calotype/error.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "networks/files/quote.h"

namespace calotype::networks {
namespace {

constexpr size_t kDeepest = 64;
constexpr uintmax_t kLargest = 64'000'000;
/// A tokenizer's vocabulary and merges are 200,000; each takes many times its bytes of memory.
constexpr size_t kMostValues = 1'000'000;

[[noreturn]] void bad(const std::string& what) {
  throw Error(ErrorCode::bad_data, what);
}

/// Watches the parse: no key twice in one object, no bottomless nesting, no end of values.
class Guard : public JsonBuilder {
 public:
  explicit Guard(const std::string& where) : where_(where) {}
  bool null() { return count(), JsonBuilder::null(); }
  bool boolean(bool value) { return count(), JsonBuilder::boolean(value); }
  bool number_integer(int64_t value) { return count(), JsonBuilder::number_integer(value); }
  bool number_unsigned(uint64_t value) { return count(), JsonBuilder::number_unsigned(value); }
  bool number_float(double value, const std::string& text) { return count(), JsonBuilder::number_float(value, text); }
  bool string(std::string& value) { return count(), JsonBuilder::string(value); }
  bool start_object(size_t size) {
    count();
    check_depth();
    keys_.emplace_back();
    return JsonBuilder::start_object(size);
  }
  bool key(std::string& name) {
    if (!keys_.back().insert(name).second) bad(where_ + ": key " + quote(name) + ": want it once, got it twice");
    return JsonBuilder::key(name);
  }
  bool end_object() {
    keys_.pop_back();
    return JsonBuilder::end_object();
  }
  bool start_array(size_t size) {
    count();
    check_depth();
    return JsonBuilder::start_array(size);
  }

 private:
  void count() {
    if (++values_ > kMostValues)
      bad(where_ + ": too many values: want at most " + std::to_string(kMostValues) + ", got more");
  }
  void check_depth() const {
    if (depth() > kDeepest)
      bad(where_ + ": nested too deeply: want at most " + std::to_string(kDeepest) + " levels, got more");
  }
  const std::string& where_;
  std::vector<std::set<std::string>> keys_;
  size_t values_ = 0;
};

std::string shortest(double number) {
  char text[32];  // no stream: a program may have given these a locale with a comma
  return {text, std::to_chars(text, text + sizeof text, number, std::chars_format::general, 6).ptr};
}

}  // namespace

ModelConfig::ModelConfig(std::string where) : ModelConfig(std::move(where), JsonValue::object()) {}

ModelConfig::ModelConfig(std::string where, JsonValue object)
    : where_(std::move(where)), json_(std::make_shared<const JsonValue>(std::move(object))) {}

ModelConfig ModelConfig::read(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw Error(ErrorCode::no_input, path + ": cannot be read, " + error.message());
  if (size > kLargest)
    bad(path + ": too long: want at most " + std::to_string(kLargest) + " bytes, got " + std::to_string(size));
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  if (!file.read(text.data(), std::streamsize(size)))
    throw Error(ErrorCode::no_input, path + ": cannot be read, " + std::strerror(errno));
  return parse(text, path);
}

ModelConfig ModelConfig::parse(std::string_view text, const std::string& where) {
  if (text.find('\0') != text.npos) bad(where + ": want JSON text, got a zero byte");  // nlohmann takes it for the end
  Guard guard(where);
  try {
    nlohmann::json::sax_parse(text.begin(), text.end(), &guard);
  } catch (const JsonError& e) {
    bad(where + ": want one JSON object, got none" + (e.byte ? " at byte " + std::to_string(*e.byte) : ""));
  }
  if (!guard.result.as<JsonValue::Object>()) bad(where + ": want a JSON object, got " + guard.result.type_name());
  return {where, std::move(guard.result)};
}

const JsonValue* ModelConfig::find(const std::string& key) const {
  const JsonValue* found = json_->find(key);
  return !found || found->is_null() ? nullptr : found;
}

bool ModelConfig::has(const std::string& key) const {
  return find(key) != nullptr;
}

void ModelConfig::fail(const std::string& key, const std::string& wanted) const {
  const JsonValue* value = find(key);
  std::string found = "nothing";
  if (value) {
    const auto* list = value->as<JsonValue::List>();
    found = value->as<JsonValue::Object>() ? "an object"
            : list && list->size() > 16    ? "a long list"
                                           : value->dump().substr(0, 160);
    if (const auto* text = value->as<std::string>()) found = quote(*text);
  }
  bad(where_ + ": " + quote(key) + ": want " + wanted + ", got " + found);
}

int ModelConfig::integer(const std::string& key, int fallback, int min, int max) const {
  return has(key) ? integers(key, {}, min, max).front() : fallback;
}

std::vector<int> ModelConfig::integers(const std::string& key, const std::vector<int>& fallback, int min,
                                       int max) const {
  const JsonValue* value = find(key);
  if (!value) return fallback;
  const std::string wanted = "whole numbers from " + std::to_string(min) + " to " + std::to_string(max);
  std::vector<int> out;
  const auto add = [&](const JsonValue& v) {
    if (!v.is_integer() || v.number() < min || v.number() > max) fail(key, wanted);
    out.push_back(int(v.number()));
  };
  if (const auto* list = value->as<JsonValue::List>())
    for (const auto& v : *list) add(v);
  else
    add(*value);
  if (out.empty()) fail(key, wanted);
  return out;
}

double ModelConfig::number(const std::string& key, double fallback, double min, double max) const {
  return has(key) ? numbers(key, min, max).front() : fallback;
}

std::vector<double> ModelConfig::numbers(const std::string& key, double min, double max) const {
  const JsonValue* value = find(key);
  std::vector<double> out;
  if (!value) return out;
  const auto add = [&](const JsonValue& v) {
    if (!v.is_number() || !(v.number() >= min && v.number() <= max))
      fail(key, "numbers from " + shortest(min) + " to " + shortest(max));
    out.push_back(v.number());
  };
  if (const auto* list = value->as<JsonValue::List>())
    for (const auto& v : *list) add(v);
  else
    add(*value);
  if (out.empty()) fail(key, "at least one number");
  return out;
}

bool ModelConfig::boolean(const std::string& key, bool fallback) const {
  const JsonValue* value = find(key);
  if (value && !value->as<bool>()) fail(key, "true or false");
  return value ? *value->as<bool>() : fallback;
}

std::string ModelConfig::text(const std::string& key, const std::string& fallback) const {
  const JsonValue* value = find(key);
  if (value && !value->as<std::string>()) fail(key, "a text");
  return value ? *value->as<std::string>() : fallback;
}

ModelConfig ModelConfig::at(const std::string& key) const {
  const JsonValue* value = find(key);
  if (value && !value->as<JsonValue::Object>()) fail(key, "an object");
  return {where_ + ": " + key, value ? *value : JsonValue::object()};
}

}  // namespace calotype::networks
