#include "output/output_path.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "base/spelling.h"
#include "base/utf8.h"

namespace calotype {
namespace {

constexpr std::array<std::string_view, 10> kPlaceholders{"seed",    "variation_seed", "index", "prompt", "scheduler",
                                                         "sampler", "config",         "model", "date",   "time"};
constexpr size_t kMaxNameBytes = 60, kDateBytes = 10;

/// A text in a form for file names: ASCII letters, digits, - and _, and all characters that are not ASCII. A run of
/// others becomes one _.
std::string file_name_part(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (kept)
      out += c;
    else if (c == '_' || (!out.empty() && out.back() != '_'))
      out += '_';
  }
  out = cut_utf8(out, kMaxNameBytes);
  while (out.size() > 1 && out.back() == '_') out.pop_back();
  return out.empty() ? "_" : out;
}

bool has_parent_folder(std::string_view path) {
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    if (path.substr(start, end - start) == "..") return true;
    start = end + 1;
  }
  return false;
}

bool has_control(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

/// Splits "index:05" into "index" and "05".
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view placeholder) {
  const size_t colon = placeholder.find(':');
  if (colon == placeholder.npos) return {placeholder, std::nullopt};
  return {placeholder.substr(0, colon), placeholder.substr(colon + 1)};
}

bool is_number(std::string_view name) {
  return name == "seed" || name == "variation_seed" || name == "index";
}

/// 01 to 09: as in printf, padded with zeros
bool is_width(std::string_view width) {
  return width.size() == 2 && width[0] == '0' && width[1] >= '1' && width[1] <= '9';
}

std::string digits(uint64_t number, std::optional<std::string_view> width) {
  std::string out = std::to_string(number);
  const size_t least = width ? size_t(width->back() - '0') : 0;
  return out.insert(0, least - std::min(least, out.size()), '0');
}

/// Whether a template contains this number, with any width.
bool has_number(std::string_view path, const std::string& name) {
  return path.find("{" + name + "}") != path.npos || path.find("{" + name + ":") != path.npos;
}

std::string placeholder_problem(std::string_view path) {
  while (true) {
    const size_t open = path.find('{');
    if (open == std::string_view::npos) return "";
    const size_t close = path.find('}', open);
    if (close == std::string_view::npos)
      return "want a } for each {, got none after \"" + one_line(path.substr(open)) + "\"";
    const auto [name, width] = split(path.substr(open + 1, close - open - 1));
    if (std::find(kPlaceholders.begin(), kPlaceholders.end(), name) == kPlaceholders.end())
      return unknown_name("placeholder", one_line(name), {kPlaceholders.begin(), kPlaceholders.end()}, {},
                          "calotype list keys");
    if (width && (!is_number(name) || !is_width(*width)))
      return "want {" + std::string(name) + "}" + (is_number(name) ? " or {" + std::string(name) + ":05}" : "") +
             ", got \"{" + std::string(name) + ":" + one_line(*width) + "}\"";
    path.remove_prefix(close + 1);
  }
}

std::string value_of(std::string_view text, const OutputNames& names) {
  const auto [placeholder, width] = split(text);
  if (placeholder == "seed") return digits(names.seed, width);
  if (placeholder == "variation_seed") return digits(names.variation_seed, width);
  if (placeholder == "index") return digits(uint64_t(names.index), width);
  if (placeholder == "prompt") return file_name_part(names.prompt);
  if (placeholder == "scheduler") return file_name_part(names.scheduler);
  if (placeholder == "sampler") return file_name_part(names.sampler);
  if (placeholder == "config") return file_name_part(names.config);
  if (placeholder == "model") return file_name_part(names.model);
  return std::string(placeholder == "date" ? names.time.substr(0, kDateBytes) : names.time);
}

}  // namespace

std::string output_path_problem(std::string_view path, std::string_view ending, int images, Variations variations) {
  const std::string got = ", got \"" + one_line(path) + "\"";
  if (has_control(path)) return "want a path without control characters" + got;
  if (auto problem = placeholder_problem(path); !problem.empty()) return problem;
  const auto file = path.substr(path.rfind('/') + 1);
  if (!file.ends_with(ending) || file.size() == ending.size())
    return "want a path that ends in " + std::string(ending) + got;
  if (has_parent_folder(path)) return "want a path without \"..\"" + got;
  if (!variations.seed && has_number(path, "variation_seed"))
    return "want variation_seed too for {variation_seed}" + got;
  const std::string seed = variations.strength ? "variation_seed" : "seed";
  if (images > 1 && !has_number(path, seed) && !has_number(path, "index"))
    return "want {" + seed + "} or {index} in it, for " + std::to_string(images) + " images" + got;
  return "";
}

std::string render_output_path(std::string_view path, const OutputNames& names) {
  std::string out;
  for (size_t open; (open = path.find('{')) != std::string_view::npos;) {
    const size_t close = path.find('}', open);
    out += path.substr(0, open);
    out += value_of(path.substr(open + 1, close - open - 1), names);
    path.remove_prefix(close + 1);
  }
  return out.append(path);
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &local)};
}

}  // namespace calotype
