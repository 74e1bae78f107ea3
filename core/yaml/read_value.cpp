#include "yaml/read_value.h"

#include <algorithm>
#include <cmath>

#include "base/parse_number.h"
#include "base/spelling.h"
#include "base/utf8.h"
#include "yaml/peer_keys.h"

namespace calotype {
namespace {

using yaml::Node;
using Type = SettingInfo::Type;

std::string range(double min, double max) {
  if (std::isfinite(min) && std::isfinite(max)) return " from " + format_number(min) + " to " + format_number(max);
  if (std::isfinite(min)) return " of at least " + format_number(min);
  if (std::isfinite(max)) return " of at most " + format_number(max);
  return "";
}

std::string either(const std::vector<std::string>& choices) {
  std::string out;
  for (size_t i = 0; i < choices.size(); ++i)
    out += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  return out;
}

bool within(double value, const SettingInfo& info) {
  return value >= info.min && value <= info.max;
}

bool is_plain(const Node& node) {
  return node.kind == Node::Kind::scalar && !node.quoted;
}

/// The hint for a value of another program: "; here it is float16".
std::string with_hint(const Node& got, const Wanted& wanted) {
  const std::string hint = got.kind == Node::Kind::scalar ? hint_for_value(wanted.name, got.text) : "";
  return hint.empty() ? "" : "; " + hint;
}

[[noreturn]] void refuse(const Node& got, const Wanted& wanted) {
  yaml::fail(got, wanted.name + ": want " + describe(wanted) + ", got " + describe(got) + with_hint(got, wanted));
}

/// The hint for a text whose quotes are wrong.
[[noreturn]] void refuse_plain(const Node& got, const Wanted& wanted) {
  yaml::fail(got, wanted.name + ": want " + describe(wanted) + ", got " + (got.quoted ? "the text " : "") +
                      describe(got) + with_hint(got, wanted));
}

std::string item(const Wanted& wanted, size_t i) {
  return wanted.name + "[" + std::to_string(i) + "]";
}

}  // namespace

namespace {

/// "[height, width]"
std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "[" : ", ") + name;
  return out + "]";
}

}  // namespace

std::string describe(const Wanted& wanted) {
  const SettingInfo& info = wanted.info;
  switch (info.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      if (wanted.multiple_of > 1)
        return "a multiple of " + std::to_string(wanted.multiple_of) + range(info.min, info.max);
      return "an integer" + range(info.min, info.max);
    case Type::number:
      return "a number" + range(info.min, info.max);
    case Type::text:
      return "a text";
    case Type::choice:
      return either(info.choices);
    case Type::numbers:
      if (info.choices.empty()) return "a list of numbers" + range(info.min, info.max);
      return listed(info.choices) + ", integers" + range(info.min, info.max);
  }
  return "";
}

std::string describe(const Node& got) {
  switch (got.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  std::string out("\"");  // not "..." + text: GCC 12 then warns of an overlap that cannot be
  return out.append(one_line(got.text)).append("\"");
}

void fail_unwanted(const Node& got, const std::string& name, const std::string& what) {
  yaml::fail(got, name + ": want " + what + ", got " + describe(got));
}

void fail_unknown_key(const Node& key, const std::string& whose, const std::vector<std::string>& known,
                      const std::string& rest) {
  if (const auto hint = hint_for_key(key.text); whose.empty() && !hint.empty())
    yaml::fail(key, "unknown key \"" + key.text + "\"; " + hint);
  yaml::fail(key, (whose.empty() ? "" : whose + ": ") + unknown_name("key", key.text, known, {}, rest));
}

const Node& want_key(const Node& section, const std::string& section_name, const std::string& key) {
  if (const Node* found = section.find(key)) return *found;
  yaml::fail(section, section_name + ": missing key \"" + key + "\"");
}

bool read_boolean(const Node& node, const Wanted& wanted) {
  if (is_plain(node) && node.text == "true") return true;
  if (is_plain(node) && node.text == "false") return false;
  refuse_plain(node, wanted);
}

int64_t read_integer(const Node& node, const Wanted& wanted) {
  const auto value = is_plain(node) ? parse_integer(node.text) : std::nullopt;
  if (value && within(double(*value), wanted.info) && *value % wanted.multiple_of == 0) return *value;
  refuse_plain(node, wanted);
}

double read_number(const Node& node, const Wanted& wanted) {
  const auto value = is_plain(node) ? parse_number(node.text) : std::nullopt;
  if (value && within(*value, wanted.info)) return *value;
  refuse_plain(node, wanted);
}

std::string read_text(const Node& node, const Wanted& wanted) {
  if (node.kind == Node::Kind::scalar) return node.text;
  const bool is_prompt = wanted.name.find("prompt") != std::string::npos;  // often written without quotes
  if (node.kind == Node::Kind::null)
    yaml::fail(node, wanted.name + ": want a text, got nothing; write \"\" for an empty one" +
                         (is_prompt ? ", and quotes around one that begins with #" : ""));
  yaml::fail(node, wanted.name + ": want a text, got " + describe(node) +
                       (is_prompt ? "; a text that begins with [ or { wants quotes" : ""));
}

size_t read_choice(const Node& node, const Wanted& wanted) {
  const auto& choices = wanted.info.choices;
  const auto found = std::find(choices.begin(), choices.end(), node.text);
  if (node.kind != Node::Kind::scalar || found == choices.end()) refuse(node, wanted);
  return size_t(found - choices.begin());
}

std::vector<double> read_numbers(const Node& node, const Wanted& wanted) {
  if (node.kind != Node::Kind::list) refuse(node, wanted);
  SettingInfo info = wanted.info;
  info.type = Type::number;
  std::vector<double> out;
  for (size_t i = 0; i < node.items.size(); ++i) out.push_back(read_number(node.items[i], {item(wanted, i), info}));
  return out;
}

std::vector<double> read_integers(const Node& node, const Wanted& wanted) {
  if (node.kind != Node::Kind::list) refuse(node, wanted);
  if (node.items.size() != wanted.info.choices.size())
    yaml::fail(node,
               wanted.name + ": want " + describe(wanted) + ", got " + std::to_string(node.items.size()) + " values");
  SettingInfo info = wanted.info;
  info.type = Type::integer;
  std::vector<double> out;
  for (size_t i = 0; i < node.items.size(); ++i)
    out.push_back(double(read_integer(node.items[i], {item(wanted, i), info})));
  return out;
}

std::string read_name(const Node& node, const std::string& name, const std::string& what) {
  if (node.kind != Node::Kind::scalar || node.text.empty()) fail_unwanted(node, name, what);
  return node.text;
}

Value read_value(const Node& node, const Wanted& wanted) {
  switch (wanted.info.type) {
    case Type::boolean:
      return read_boolean(node, wanted);
    case Type::integer: {
      SettingInfo info = wanted.info;
      info.min = std::max(info.min, -kLargestExact);
      info.max = std::min(info.max, kLargestExact);
      return double(read_integer(node, {wanted.name, info}));
    }
    case Type::number:
      return read_number(node, wanted);
    case Type::text:
      return read_text(node, wanted);
    case Type::choice:
      return wanted.info.choices[read_choice(node, wanted)];
    case Type::numbers:
      return wanted.info.choices.empty() ? read_numbers(node, wanted) : read_integers(node, wanted);
  }
  return {};
}

}  // namespace calotype
