#include "config/declared_keys.h"

#include <algorithm>

#include "config/config_keys.h"

namespace calotype {
namespace {

bool is_there(const Value& value) {
  return !std::holds_alternative<std::monostate>(value);
}

/// What a config has for the key; monostate where that is nothing.
Value held(const SettingInfo& info, const ResolvedConfig& config) {
  const Value* found = config.request.options.find(info.name);
  return found ? *found : info.default_value;
}

JsonValue json_of(const SettingInfo& info, const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value))
    return info.type == SettingInfo::Type::integer ? JsonValue(int64_t(*number)) : JsonValue(*number);
  const auto* numbers = std::get_if<Numbers>(&value);
  if (!numbers) return {};
  if (info.parts.empty()) return std::vector<double>(*numbers);
  return std::vector<int>(numbers->begin(), numbers->end());
}

/// Whether a config has the key that another one wants.
bool has_wanted(const std::string& name, const ResolvedConfig& config) {
  const std::vector<Key> keys = keys_of(config);
  const Key* wanted = find_key(keys, name);
  return wanted && wanted->is_default && !wanted->is_default(config);
}

}  // namespace

Key declared_key(const SettingInfo& declared) {
  Key key{declared};
  key.is_declared = true;
  if (!declared.parts.empty()) key.info.choices = declared.parts;
  key.wants = declared.wants;
  key.read = [](const ConfigTree&, const yaml::Node& node, const Wanted& wanted, ResolvedConfig& out) {
    const bool is_typed_text = wanted.info.type == SettingInfo::Type::text && !node.typed.empty();
    out.request.options.set(wanted.info.name, is_typed_text ? Value(node.typed) : read_value(node, wanted));
  };
  key.value = [](const SettingInfo& info, const ResolvedConfig& config) { return json_of(info, held(info, config)); };
  key.is_default = [declared](const ResolvedConfig& config) {
    return held(declared, config) == declared.default_value;
  };
  key.is_recorded = [declared, is_default = key.is_default](const ResolvedConfig& config) {
    if (!is_there(held(declared, config)) || (declared.is_rare && is_default(config))) return false;
    return declared.wants.empty() || has_wanted(declared.wants, config);
  };
  return key;
}

std::vector<Key> keys_with(const std::vector<const EntryInfo*>& entries) {
  std::vector<Key> out = common_keys();
  for (const EntryInfo* entry : entries)
    for (const SettingInfo& declared : entry->request) {
      const auto has_name = [](const std::string& name) {
        return [&name](const Key& key) { return key.info.name == name; };
      };
      if (std::any_of(out.begin(), out.end(), has_name(declared.name))) continue;
      const auto before = std::find_if(out.begin(), out.end(), has_name(declared.after));
      out.insert(before == out.end() ? before : before + 1, declared_key(declared));
    }
  return out;
}

std::vector<Key> keys_of(const ResolvedConfig& config) {
  return keys_with({&config.loader.entry, &config.pipeline.entry});
}

std::vector<Key> keys_of(const Catalog& catalog) {
  std::vector<const EntryInfo*> all = catalog.of(Kind::loader);
  for (const EntryInfo* pipeline : catalog.of(Kind::pipeline)) all.push_back(pipeline);
  return keys_with(all);
}

void complete_options(const std::vector<Key>& keys, Request& request) {
  for (const Key& key : keys)
    if (key.is_declared && is_there(key.info.default_value) && !request.options.find(key.info.name))
      request.options.set(key.info.name, key.info.default_value);
}

}  // namespace calotype
