#include "output_path.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "names.h"
#include "utf8.h"

namespace calotype {
namespace {

constexpr std::array<std::string_view, 6> kPlaceholders{"seed", "index", "prompt", "scheduler", "sampler", "date"};
constexpr size_t kMaxNameBytes = 60;

/// What is left of a text when it stands in a file name: ASCII letters, digits, - and _, and whatever is not ASCII. A run of
/// anything else is one _.
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

std::string placeholder_problem(std::string_view path) {
  while (true) {
    const size_t open = path.find('{');
    if (open == std::string_view::npos) return "";
    const size_t close = path.find('}', open);
    if (close == std::string_view::npos)
      return "want a } for each {, got none after \"" + one_line(path.substr(open)) + "\"";
    const auto name = path.substr(open + 1, close - open - 1);
    bool is_known = false;
    for (auto known : kPlaceholders) is_known = is_known || name == known;
    if (!is_known) return unknown_name("placeholder", one_line(name), {kPlaceholders.begin(), kPlaceholders.end()});
    path.remove_prefix(close + 1);
  }
}

std::string value_of(std::string_view placeholder, const OutputNames& names) {
  if (placeholder == "seed") return std::to_string(names.seed);
  if (placeholder == "index") return std::to_string(names.index);
  if (placeholder == "prompt") return file_name_part(names.prompt);
  if (placeholder == "scheduler") return file_name_part(names.scheduler);
  if (placeholder == "sampler") return file_name_part(names.sampler);
  return std::string(names.date);
}

}  // namespace

std::string output_path_problem(std::string_view path, std::string_view ending, int images) {
  const std::string got = ", got \"" + one_line(path) + "\"";
  if (has_control(path)) return "want a path without control characters" + got;
  if (auto problem = placeholder_problem(path); !problem.empty()) return problem;
  const auto file = path.substr(path.rfind('/') + 1);
  if (!file.ends_with(ending) || file.size() == ending.size())
    return "want a path that ends in " + std::string(ending) + got;
  if (has_parent_folder(path)) return "want a path without \"..\"" + got;
  if (images > 1 && path.find("{seed}") == path.npos && path.find("{index}") == path.npos)
    return "want {seed} or {index} in it, for " + std::to_string(images) + " images" + got;
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

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[11];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &local)};
}

}  // namespace calotype
