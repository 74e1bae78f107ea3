#pragma once
// JSON as a value whose destructor allocates nothing. The destructor of nlohmann::json allocates, and ends the process
// if no memory is left. nlohmann's lexer and parser read the text, so this header needs nlohmann/json.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace calotype {

/// Null, true or false, a number, a text, a list, or an object whose keys keep their order.
class JsonValue {
 public:
  using Member = std::pair<std::string, JsonValue>;
  // own types: if all types of a variant are the standard library's, GCC 12 assumes that no copy throws
  struct List : std::vector<JsonValue> {
    using std::vector<JsonValue>::vector;
  };
  struct Object : std::vector<Member> {};

  JsonValue() = default;
  JsonValue(std::nullptr_t) {}
  JsonValue(bool b) : value_(b) {}
  JsonValue(std::string s) : value_(std::move(s)) {}
  JsonValue(std::string_view s) : value_(std::string(s)) {}
  JsonValue(const char* s) : value_(std::string(s)) {}
  JsonValue(List list) : value_(std::move(list)) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  JsonValue(T number) {
    if constexpr (std::is_floating_point_v<T>)
      value_ = double(number);
    else if constexpr (std::is_signed_v<T>)
      value_ = int64_t(number);
    else
      value_ = uint64_t(number);
  }
  template <class T>
  JsonValue(const std::vector<T>& items) : value_(List(items.begin(), items.end())) {}
  /// An empty object, to be filled with []. There is no constructor from a list in braces, because GCC 12 cleans up
  /// wrongly after one that throws halfway.
  static JsonValue object() {
    JsonValue out;
    out.value_ = Object();
    return out;
  }
  /// Reads a text. Throws JsonError.
  static JsonValue parse(std::string_view text);
  /// How deep lists and objects may be nested. No file of ours is deeper, and to destroy a deeper value would overflow
  /// the stack.
  static constexpr size_t kDeepest = 256;
  static constexpr const char* kTooDeep = "lists and objects within each other, more than 256 deep";

  template <class T>
  const T* as() const {
    return std::get_if<T>(&value_);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&value_);
  }
  bool is_null() const { return as<std::monostate>(); }
  bool is_integer() const { return as<int64_t>() || as<uint64_t>(); }
  bool is_number() const { return is_integer() || as<double>(); }
  /// The value of a number; 0 for any other type.
  double number() const {
    if (const auto* i = as<int64_t>()) return double(*i);
    if (const auto* u = as<uint64_t>()) return double(*u);
    return as<double>() ? *as<double>() : 0;
  }
  /// The value of an object's key; null if there is none. If the key occurs twice, the first one counts.
  const JsonValue* find(std::string_view key) const {
    if (const auto* members = as<Object>())
      for (const auto& [name, value] : *members)
        if (name == key) return &value;
    return nullptr;
  }
  /// The value of an object's key, which is added if it is missing. A null becomes an object first.
  JsonValue& operator[](std::string_view key) {
    if (is_null()) value_ = Object();
    if (const JsonValue* found = find(key)) return const_cast<JsonValue&>(*found);
    return std::get<Object>(value_).emplace_back(std::string(key), JsonValue()).second;
  }
  /// The type, for messages: "an object", "a text".
  const char* type_name() const {
    constexpr const char* kNames[]{"null", "boolean", "number", "number", "number", "string", "array", "object"};
    return kNames[value_.index()];
  }
  /// The JSON text, on one line and without spaces. Numbers read back exactly. Bytes that are not UTF-8 are replaced by
  /// U+FFFD.
  std::string dump() const {
    std::string out;
    write(out);
    return out;
  }

 private:
  /// The number of bytes of the character at the start of a text; 0 if it is not UTF-8.
  static size_t character(std::string_view text) {
    const auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : 0u; };
    const size_t size = byte(0) < 0x80   ? 1
                        : byte(0) < 0xc2 ? 0
                        : byte(0) < 0xe0 ? 2
                        : byte(0) < 0xf0 ? 3
                        : byte(0) < 0xf5 ? 4
                                         : 0;
    for (size_t i = 1; i < size; ++i)
      if ((byte(i) & 0xc0) != 0x80) return 0;
    const uint32_t start = byte(0) << 8 | byte(1);
    const bool is_long = size > 2 && (start < 0xe0a0 || (start >= 0xf000 && start < 0xf090));
    const bool is_none = (start >= 0xeda0 && start < 0xee00) || start >= 0xf490;
    return size > 2 && (is_long || is_none) ? 0 : size;
  }
  static std::string quoted(std::string_view text) {
    constexpr std::string_view kPlain = "\"\\\b\f\n\r\t", kEscaped = "\"\\bfnrt";
    constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    while (!text.empty()) {
      const size_t size = character(text), at = kPlain.find(text[0]);
      if (size == 0)
        out += "\xef\xbf\xbd";
      else if (at != kPlain.npos)
        out += {'\\', kEscaped[at]};
      else if (uint8_t(text[0]) < 0x20)
        out += {'\\', 'u', '0', '0', kHex[text[0] >> 4], kHex[text[0] & 15]};
      else
        out += text.substr(0, size);
      text.remove_prefix(size ? size : 1);
    }
    return out + '"';
  }
  static std::string shortest(double number) {
    if (!std::isfinite(number)) return "null";
    char text[32];
    std::string out(text, std::to_chars(text, text + sizeof text, number).ptr);
    return out.find_first_of(".e") == out.npos ? out + ".0" : out;
  }
  void write(std::string& out) const {
    if (is_null()) out += "null";
    if (const auto* b = as<bool>()) out += *b ? "true" : "false";
    if (const auto* i = as<int64_t>()) out += std::to_string(*i);
    if (const auto* u = as<uint64_t>()) out += std::to_string(*u);
    if (const auto* d = as<double>()) out += shortest(*d);
    if (const auto* s = as<std::string>()) out += quoted(*s);
    if (const auto* list = as<List>()) write(out, *list, '[', ']', [&](const JsonValue& item) { item.write(out); });
    if (const auto* members = as<Object>())
      write(out, *members, '{', '}',
            [&](const Member& member) { out += quoted(member.first) + ':', member.second.write(out); });
  }
  template <class Items, class One>
  static void write(std::string& out, const Items& items, char open, char close, One&& one) {
    const size_t start = out.size();
    for (const auto& item : items) out += out.size() == start ? open : ',', one(item);
    if (items.empty()) out += open;
    out += close;
  }

  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, List, Object> value_;
};

/// The error for a text that is not JSON.
class JsonError : public std::runtime_error {
 public:
  JsonError(const char* words, std::optional<size_t> where) : std::runtime_error(words), byte(where) {}
  std::optional<size_t> byte;  ///< position in the text, from 1; absent for a number that is too large
};

/// Builds a JsonValue from the events of nlohmann::json::sax_parse. To check more, derive from this class and call
/// these functions from your functions of the same names.
class JsonBuilder {
 public:
  JsonValue result;
  bool null() { return add({}); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(int64_t value) { return add(value); }
  bool number_unsigned(uint64_t value) { return add(value); }
  bool number_float(double value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(std::vector<uint8_t>&) { return false; }
  bool start_object(size_t) { return open(JsonValue::object()); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(JsonValue::List()); }
  bool end_array() { return close(); }
  bool parse_error(size_t byte, const std::string&, const nlohmann::json::exception& e) {
    const bool is_syntax = dynamic_cast<const nlohmann::json::parse_error*>(&e);
    throw JsonError(e.what(), is_syntax ? std::optional(byte) : std::nullopt);
  }

 protected:
  size_t depth() const { return open_.size(); }

 private:
  bool add(JsonValue value) {
    put(std::move(value));
    return true;
  }
  JsonValue& put(JsonValue value) {
    if (open_.empty()) return result = std::move(value);
    if (auto* list = open_.back()->as<JsonValue::List>()) return list->emplace_back(std::move(value));
    return open_.back()->as<JsonValue::Object>()->emplace_back(std::move(key_), std::move(value)).second;
  }
  bool open(JsonValue value) {
    if (open_.size() >= JsonValue::kDeepest) throw JsonError(JsonValue::kTooDeep, std::nullopt);
    open_.push_back(&put(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  std::vector<JsonValue*>
      open_;  // pointers to open lists and objects stay valid, because only the last one of each grows
  std::string key_;
};

inline JsonValue JsonValue::parse(std::string_view text) {
  JsonBuilder builder;
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder.result);
}

}  // namespace calotype
