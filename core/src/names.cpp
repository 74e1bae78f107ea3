#include "names.h"

#include <algorithm>
#include <cctype>

namespace calotype {
namespace {

std::string folded(std::string_view s) {
  std::string out;
  for (char c : s)
    if (c != '-' && c != '_' && c != '.' && c != ' ') out += char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Edits (insert, delete, replace, swap of neighbours) that turn a into b.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

bool has_ending(std::string_view path, std::string_view ending) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return path.size() >= ending.size() && std::equal(ending.rbegin(), ending.rend(), path.rbegin(), [&](char a, char b) { return lower(a) == lower(b); });
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = folded(name.substr(0, 64));
  std::string best;
  size_t least = wanted.size() / 3 + 2;  // exclusive
  for (const auto& candidate : known) {
    const std::string other = folded(candidate);
    const size_t d = distance(wanted, other);
    if (d < least && 2 * d < std::max(wanted.size(), other.size())) least = d, best = candidate;  // half of the letters is no slip
  }
  return best;
}

std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known,
                         const std::vector<std::string>& candidates) {
  std::string text = "unknown " + std::string(what) + " \"" + std::string(name) + "\"";
  if (const auto near = nearest(name, candidates.empty() ? known : candidates); !near.empty()) text += "; did you mean \"" + near + "\"?";
  else text += ";";
  text += " known: ";
  for (size_t i = 0; i < known.size(); ++i) text += (i ? ", " : "") + known[i];
  return text;
}

}  // namespace calotype
