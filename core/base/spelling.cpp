#include "base/spelling.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/utf8.h"

namespace calotype {
namespace {

std::string folded(std::string_view s) {
  std::string out;
  for (char c : s)
    if (c != '-' && c != '_' && c != '.' && c != ' ') out += char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// The number of edits (insert, delete, replace, swap of neighbours) that turn a into b.
size_t distance(const std::string& a, const std::string& b) {
  const size_t n = b.size() + 1;
  std::vector<size_t> rows(3 * n);  // of the table of all prefixes, which needs no more
  size_t *now = rows.data(), *last = now + n, *before = last + n;
  for (size_t j = 0; j < n; ++j) now[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last), std::swap(last, now);
    now[0] = i;
    for (size_t j = 1; j < n; ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
      now[j] = std::min(std::min(last[j], now[j - 1]) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
  }
  return now[b.size()];
}

}  // namespace

bool has_ending(std::string_view path, std::string_view ending) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return path.size() >= ending.size() && std::equal(ending.rbegin(), ending.rend(), path.rbegin(),
                                                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = folded(name.substr(0, 64));
  std::string best;
  size_t least = wanted.size() / 3 + 2;  // exclusive
  for (const auto& candidate : known) {
    const std::string other = folded(candidate);
    const size_t d = distance(wanted, other);
    if (d < least && 2 * d < std::max(wanted.size(), other.size()))
      least = d, best = candidate;  // if half of the letters differ it is not a typing error
  }
  return best;
}

namespace {

constexpr size_t kNearest = 5, kFew = 9;

/// The part of the letters that differ, in percent.
size_t difference(const std::string& a, const std::string& b) {
  return 100 * distance(a, b) / std::max<size_t>({a.size(), b.size(), 1});
}

/// The distance of a known name from the wanted one: of the whole name, of the part before "@", or of one of its words,
/// which counts less.
size_t remoteness(const std::string& wanted, const std::string& name) {
  const std::string plain = name.substr(0, name.find('@'));
  size_t least = std::min(difference(wanted, folded(name)), difference(wanted, folded(plain)) + 1);
  for (size_t at = 0; at <= plain.size();) {
    const size_t end = std::min(plain.find_first_of("_.", at), plain.size());
    if (end > at) least = std::min(least, difference(wanted, folded(plain.substr(at, end - at))) + 20);
    at = end + 1;
  }
  return least;
}

/// The names, nearest first, without duplicates.
std::vector<std::string> by_nearness(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = folded(name.substr(0, 64));
  std::vector<std::pair<size_t, std::string>> all;
  for (const auto& k : known) all.emplace_back(remoteness(wanted, k), k);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (auto& [far, text] : all)
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  return out;
}

std::string listed(std::string_view name, const std::vector<std::string>& known, const std::string& rest) {
  std::vector<std::string> shown = known;
  std::string more;
  if (known.size() > (rest.empty() ? kFew : kNearest)) {
    shown = by_nearness(name, known);
    if (shown.size() > kNearest) {
      more = ", and " + std::to_string(shown.size() - kNearest) + " more" + (rest.empty() ? "" : ": " + rest);
      shown.resize(kNearest);
    }
  }
  std::string text;
  for (size_t i = 0; i < shown.size(); ++i) text += (i ? ", " : "") + shown[i];
  return text + more;
}

}  // namespace

std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known,
                         const std::vector<std::string>& candidates, const std::string& rest) {
  std::string text = "unknown " + std::string(what) + " \"" + one_line(name) + "\"";
  const auto near = nearest(name, candidates.empty() ? known : candidates);
  text += near.empty() ? ";" : "; did you mean \"" + near + "\"?";
  if (known.empty()) return text + " none is known";
  return text + " known: " + listed(name, known, rest);
}

}  // namespace calotype
