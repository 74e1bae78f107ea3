#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace calotype::networks {

/// Runs body(0) to body(count - 1) on as many threads as ATen has, each in one of them alone: what is made of many
/// layers is made faster so than by threads that share each layer, for they need not wait for each other. The first
/// exception comes out when all have ended.
void in_parallel(size_t count, const std::function<void(size_t)>& body);

/// What make(0) to make(count - 1) return, made in threads.
template <class T, class Make>
std::vector<T> made_in_parallel(size_t count, Make make) {
  std::vector<std::optional<T>> made(count);
  in_parallel(count, [&](size_t i) { made[i].emplace(make(i)); });
  std::vector<T> out;
  out.reserve(count);
  for (auto& one : made) out.push_back(std::move(*one));
  return out;
}

}  // namespace calotype::networks
