#include "networks/text/prompt_syntax.h"

#include <calotype/error.h>

#include <charconv>
#include <cmath>

#include "networks/text/unicode.h"

namespace calotype::networks {
namespace {

constexpr std::string_view kBreak = "BREAK", kDigits = "0123456789";
constexpr double kStronger = 1.1, kWeaker = 1 / 1.1;

/// Passes over a prompt once, as A1111 reads it.
class A1111Parser {
 public:
  explicit A1111Parser(std::string_view prompt) : rest_(prompt) {}

  std::vector<WeightedText> run() {
    while (!rest_.empty()) step();
    for (const size_t start : round_) multiply(start, kStronger);
    for (const size_t start : square_) multiply(start, kWeaker);
    return merged();
  }

 private:
  void step() {
    switch (rest_[0]) {
      case '\\':
        return escape();
      case '(':
        return open(round_);
      case '[':
        return open(square_);
      case ')':
        return close(round_, kStronger);
      case ']':
        return close(square_, kWeaker);
      case ':':
        return colon();
      default:
        return words(take(std::min(rest_.find_first_of("\\()[]:"), rest_.size())));
    }
  }

  std::string_view take(size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  void add(std::string_view text) { parts_.push_back({std::string(text)}); }

  /// A backslash before anything that needs none is dropped.
  void escape() {
    const bool is_escape = rest_.size() > 1 && std::string_view("()[]\\").find(rest_[1]) != std::string_view::npos;
    add(take(is_escape ? 2 : 1).substr(1));
  }
  void open(std::vector<size_t>& starts) {
    take(1);
    starts.push_back(parts_.size());
    if (round_.size() + square_.size() > kMostOpenBrackets) fail_too_deep();
  }
  void close(std::vector<size_t>& starts, double factor) {
    const std::string_view bracket = take(1);
    if (starts.empty()) return add(bracket);
    multiply(starts.back(), factor);
    starts.pop_back();
  }
  /// `:1.2)`, or a colon.
  void colon() {
    size_t end = 1;
    while (end < rest_.size())
      if (const size_t space = space_before(rest_.substr(end)))
        end += space;
      else if (std::string_view("0123456789.+-").find(rest_[end]) != std::string_view::npos)
        ++end;
      else
        break;
    const bool is_closed = end < rest_.size() && rest_[end] == ')';
    const auto weight = is_closed ? decimal(rest_.substr(1, end - 1)) : std::nullopt;
    if (!weight) return add(take(1));
    const std::string_view all = take(end + 1);
    if (round_.empty()) return add(all);
    multiply(round_.back(), *weight);
    round_.pop_back();
  }

  void words(std::string_view text) {
    size_t from = 0;
    for (size_t at = 0; (at = text.find(kBreak, at)) != text.npos; at += kBreak.size()) {
      const std::string_view after = text.substr(at + kBreak.size());
      if (ends_in_word(text.substr(0, at)) || begins_with_word(after)) continue;
      add(text.substr(from, at - from));
      parts_.push_back({.text = "", .weight = 1, .is_break = true});
      from = at + kBreak.size();
    }
    add(text.substr(from));
  }

  void multiply(size_t start, double factor) {
    for (size_t i = start; i < parts_.size(); ++i) parts_[i].weight *= factor;
  }

  std::vector<WeightedText> merged() const {
    std::vector<WeightedText> out;
    for (const WeightedText& part : parts_) {
      if (part.is_break)
        out.push_back({.text = "", .weight = 1, .is_break = true});
      else if (!out.empty() && !out.back().is_break && out.back().weight == part.weight)
        out.back().text += part.text;
      else
        out.push_back(part);
    }
    if (out.empty()) out.push_back({});
    return out;
  }

  std::string_view rest_;
  std::vector<WeightedText> parts_;
  std::vector<size_t> round_, square_;  // of each open bracket: the part that comes first in it
};

/// Where an escaped bracket stands while a prompt of ComfyUI's is taken apart. No config has these bytes.
constexpr char kEscapedOpen = '\1', kEscapedClose = '\2';

std::string escaped(std::string_view prompt) {
  std::string out;
  for (size_t i = 0; i < prompt.size(); ++i) {
    const char next = prompt[i] == '\\' && i + 1 < prompt.size() ? prompt[i + 1] : '\0';
    const bool is_escape = next == '(' || next == ')';
    out += !is_escape ? prompt[i] : next == '(' ? kEscapedOpen : kEscapedClose;
    i += is_escape;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c == kEscapedOpen || c == kEscapedClose) c = c == kEscapedOpen ? '(' : ')';
  return out;
}

/// The outermost pairs of brackets, and the texts between them. After a closing bracket too many, an opening one only
/// makes up for it.
std::vector<std::string_view> outermost(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t from = 0;
  long open = 0;
  const auto cut = [&](size_t to) {
    if (to > from) parts.push_back(text.substr(from, to - from));
    from = to;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' && open++ == 0) cut(i);
    if (text[i] == ')' && --open == 0) cut(i + 1);
  }
  cut(text.size());
  return parts;
}

void add_comfyui(std::string_view text, double around, size_t depth, std::vector<WeightedText>& out) {
  if (depth > kMostOpenBrackets) fail_too_deep();
  for (std::string_view part : outermost(text)) {
    const bool is_pair = part.size() >= 2 && part.front() == '(' && part.back() == ')';
    if (!is_pair) {
      out.push_back({unescaped(part), around});
      continue;
    }
    part = part.substr(1, part.size() - 2);
    const size_t colon = part.rfind(':');
    const bool has_colon = colon != part.npos && colon > 0;
    const auto weight = has_colon ? decimal(part.substr(colon + 1)) : std::nullopt;
    if (weight) part = part.substr(0, colon);
    add_comfyui(part, weight.value_or(around * kStronger), depth + 1, out);
  }
}

}  // namespace

void fail_too_deep() {
  throw Error(ErrorCode::config,
              "prompt: want at most " + std::to_string(kMostOpenBrackets) + " brackets within each other, got more");
}

std::optional<double> decimal(std::string_view text) {
  text = without_spaces_around(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const size_t digits = text.starts_with('-') ? 1 : 0;
  // neither "inf" and "nan", nor a second sign
  if (digits >= text.size() || (text[digits] != '.' && kDigits.find(text[digits]) == kDigits.npos)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<WeightedText> parse_a1111(std::string_view prompt) {
  return A1111Parser(prompt).run();
}

std::vector<WeightedText> parse_comfyui(std::string_view prompt) {
  std::vector<WeightedText> out;
  add_comfyui(escaped(prompt), 1, 0, out);
  return out;
}

}  // namespace calotype::networks
