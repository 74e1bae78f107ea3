#pragma once
#include <calotype/json.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace calotype {

/// The value of a text, an nlohmann::json or ordered_json. nlohmann's functions call themselves for each list within a
/// list: what is nested deeper than JsonValue::kDeepest is refused before it is one. Throws JsonError,
/// nlohmann::json::exception.
template <class Json>
Json parse_bounded(std::string_view text) {
  size_t depth = 0;
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      is_quoted = !is_quoted;
    else if (!is_quoted && (text[i] == '[' || text[i] == '{'))
      ++depth;
    else if (!is_quoted && (text[i] == ']' || text[i] == '}'))
      depth -= depth > 0;
    if (depth > JsonValue::kDeepest) throw JsonError(JsonValue::kTooDeep, i + 1);
  }
  return Json::parse(text);
}

}  // namespace calotype
