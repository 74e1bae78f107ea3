#pragma once
#include <calotype/json.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace calotype {

/// The most values that a text may have, without keys. Values take many times the memory of their text. The header of
/// a file of weights has 30,000.
inline constexpr size_t kMostJsonValues = 500'000;

/// Parses a text into an nlohmann::json or ordered_json. nlohmann's functions recurse for each nested list, so a text
/// that is nested deeper than JsonValue::kDeepest is refused before it is parsed. Throws JsonError,
/// nlohmann::json::exception.
template <class Json>
Json parse_bounded(std::string_view text) {
  using Event = typename Json::parse_event_t;
  size_t values = 0;
  const auto check = [&values](int depth, Event event, Json&) {
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && size_t(depth) >= JsonValue::kDeepest) throw JsonError(JsonValue::kTooDeep, std::nullopt);
    if ((opens || event == Event::value) && ++values > kMostJsonValues)
      throw JsonError("more than 500000 values", std::nullopt);
    return true;
  };
  return Json::parse(text, check);
}

}  // namespace calotype
