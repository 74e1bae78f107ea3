#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace calotype {

/// Whether a path has the ending of a Python pickle, in upper or lower case: ".ckpt", ".pt", ".pth", ".bin". Reading
/// one may run code; nothing of Calotype's does.
inline bool is_pickle(const std::string& path) {
  constexpr std::array<std::string_view, 4> kEndings{".ckpt", ".pt", ".pth", ".bin"};
  const auto is_same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    return path.size() >= ending.size() && std::equal(ending.rbegin(), ending.rend(), path.rbegin(),
                                                      [&](char wanted, char c) { return is_same(c, wanted); });
  });
}

}  // namespace calotype
