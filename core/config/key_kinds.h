#pragma once
// The kinds of keys: each makes a Key of its name, the member of a config that it gives, its limits and its doc.
#include <optional>
#include <type_traits>
#include <utility>

#include "config/key.h"

namespace calotype::keys {

/// Reads the value of the key `name`: a path, an id or the like.
using NameReader = std::string(const ConfigTree&, const yaml::Node&, const std::string& name);

/// A key without a member.
Key plain_key(std::string name, SettingInfo::Type type, std::string doc);
/// What is shown as a key's default: nothing for an empty text or an int of 0, which mean that there is none.
Value default_of(const JsonValue& value);

/// The part of a resolved config that has members of this owner.
template <class Owner, class Config>
auto& part_of(Config& config) {
  if constexpr (std::is_same_v<Owner, Request>)
    return config.request;
  else
    return config;
}

/// A value of a member's type.
template <class T>
T read_as(const yaml::Node& node, const Wanted& wanted) {
  if constexpr (std::is_same_v<T, bool>)
    return read_boolean(node, wanted);
  else if constexpr (std::is_enum_v<T>)
    return T(read_choice(node, wanted));
  else if constexpr (std::is_integral_v<T>)
    return T(read_integer(node, wanted));
  else if constexpr (std::is_same_v<T, double>)
    return read_number(node, wanted);
  else
    return read_text(node, wanted);
}

template <class T>
JsonValue json_of(const SettingInfo& info, const T& value) {
  if constexpr (std::is_enum_v<T>)
    return info.choices.at(size_t(value));
  else
    return value;
}
template <class T>
JsonValue json_of(const SettingInfo& info, const std::optional<T>& value) {
  return value ? json_of(info, *value) : JsonValue();
}

/// What a member holds, or holds where it is given.
template <class T>
T held(const T&);
template <class T>
T held(const std::optional<T>&);
template <class T>
using Held = decltype(held(std::declval<T>()));

/// The key, which gives this member.
template <class T, class Owner>
Key giving(T Owner::* member, Key key) {
  key.read = [member](const ConfigTree&, const yaml::Node& node, const Wanted& wanted, ResolvedConfig& out) {
    part_of<Owner>(out).*member = read_as<Held<T>>(node, wanted);
  };
  key.value = [member](const SettingInfo& info, const ResolvedConfig& config) {
    return json_of(info, part_of<Owner>(config).*member);
  };
  key.is_default = [member](const ResolvedConfig& config) { return part_of<Owner>(config).*member == Owner().*member; };
  key.is_recorded = [](const ResolvedConfig&) { return true; };
  key.info.default_value = default_of(key.value(key.info, {}));
  return key;
}

/// Any text, an empty one too.
template <class T, class Owner>
Key text(std::string name, T Owner::* member, std::string doc) {
  return giving(member, plain_key(std::move(name), SettingInfo::Type::text, std::move(doc)));
}

/// A text that may not be empty; an empty member means that there is none.
template <class T, class Owner>
Key name(std::string name, T Owner::* member, NameReader* read, std::string doc) {
  Key key = text(std::move(name), member, std::move(doc));
  key.is_name = true;
  key.read = [member, read](const ConfigTree& tree, const yaml::Node& node, const Wanted& wanted, ResolvedConfig& out) {
    part_of<Owner>(out).*member = read(tree, node, wanted.name);
  };
  key.is_recorded = [member](const ResolvedConfig& config) { return part_of<Owner>(config).*member != T(); };
  return key;
}

template <class Owner>
Key boolean(std::string name, bool Owner::* member, std::string doc) {
  Key key = plain_key(std::move(name), SettingInfo::Type::boolean, std::move(doc));
  key.info.min = 0, key.info.max = 1;
  return giving(member, std::move(key));
}

/// T: int, uint64_t, or optional.
template <class T, class Owner>
Key integer(std::string name, T Owner::* member, double min, double max, std::string doc, int multiple_of = 1) {
  Key key = plain_key(std::move(name), SettingInfo::Type::integer, std::move(doc));
  key.info.min = min, key.info.max = max, key.multiple_of = multiple_of;
  return giving(member, std::move(key));
}

template <class Owner>
Key number(std::string name, double Owner::* member, double min, double max, std::string doc) {
  Key key = plain_key(std::move(name), SettingInfo::Type::number, std::move(doc));
  key.info.min = min, key.info.max = max;
  return giving(member, std::move(key));
}

/// T: an enum, whose values have these names in their order, or an optional one.
template <class T, class Owner>
Key choice(std::string name, T Owner::* member, std::vector<std::string> choices, std::string doc) {
  static_assert(std::is_enum_v<Held<T>>);
  Key key = plain_key(std::move(name), SettingInfo::Type::choice, std::move(doc));
  key.info.choices = std::move(choices);
  return giving(member, std::move(key));
}

/// A name that code of its own reads; `is_shorthand`: the section may be written as it alone.
Key name(std::string name, std::string doc, bool is_shorthand = false);
/// A name, or a list of them, that code of its own reads.
Key names(std::string name, std::string doc);
/// The name of an entry, which a section may be written as.
Key entry(std::string name, Value default_id, std::string doc);
/// One of these, or what code of its own reads.
Key choice(std::string name, std::vector<std::string> choices, std::string doc);

/// The key, which would be ignored without another.
Key wanting(std::string other, Key key);
/// The key, whose texts look so.
Key like(std::string pattern, Key key);
/// The key, of whose texts completion offers these.
Key offering(std::vector<std::string> texts, Key key);
/// The key, as which the section may be written.
Key shorthand(Key key);
/// The key, whose member's own value stands for nothing, or for what other keys give.
Key no_default(Key key);
/// The key, which the record has where it is not the default.
Key rare(Key key);
/// The key, which the record has where this holds.
Key when(bool (*is_recorded)(const ResolvedConfig&), Key key);

}  // namespace calotype::keys
