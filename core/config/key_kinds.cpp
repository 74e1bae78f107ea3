#include "config/key_kinds.h"

#include <limits>

namespace calotype::keys {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

Key plain_key(std::string name, SettingInfo::Type type, std::string doc) {
  return {{std::move(name), std::move(doc), type, {}, -kInfinite, kInfinite, {}}};
}

Value default_of(const JsonValue& value) {
  if (const auto* b = value.as<bool>()) return *b;
  if (const auto* i = value.as<int64_t>(); i && *i == 0) return {};
  if (value.is_number()) return value.number();
  const auto* text = value.as<std::string>();
  return text && !text->empty() ? Value(*text) : Value();
}

Key name(std::string name, std::string doc, bool is_shorthand) {
  Key key = plain_key(std::move(name), SettingInfo::Type::text, std::move(doc));
  key.is_name = true, key.is_shorthand = is_shorthand;
  return key;
}
Key names(std::string own_name, std::string doc) {
  Key key = name(std::move(own_name), std::move(doc));
  key.is_list = true;
  return key;
}
Key entry(std::string own_name, Value default_id, std::string doc) {
  Key key = name(std::move(own_name), std::move(doc), true);
  key.info.default_value = std::move(default_id);
  return key;
}
Key choice(std::string name, std::vector<std::string> choices, std::string doc) {
  Key key = plain_key(std::move(name), SettingInfo::Type::choice, std::move(doc));
  key.info.choices = std::move(choices);
  return key;
}

Key wanting(std::string other, Key key) {
  key.wants = std::move(other);
  return key;
}
Key like(std::string pattern, Key key) {
  key.pattern = std::move(pattern);
  return key;
}
Key offering(std::vector<std::string> texts, Key key) {
  key.offered = std::move(texts);
  return key;
}
Key shorthand(Key key) {
  key.is_shorthand = true;
  return key;
}
Key no_default(Key key) {
  key.info.default_value = {};
  return key;
}
Key rare(Key key) {
  key.is_recorded = [is_default = key.is_default](const ResolvedConfig& config) { return !is_default(config); };
  return key;
}
Key when(bool (*is_recorded)(const ResolvedConfig&), Key key) {
  key.is_recorded = is_recorded;
  return key;
}

}  // namespace calotype::keys
