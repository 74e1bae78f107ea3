#include "networks/layouts/declaration.h"

#include <algorithm>
#include <charconv>

namespace calotype::networks {
namespace {
using std::string;
}

std::vector<int64_t> seen_shape(const TensorSource& source, size_t dimensions) {
  auto shape = source.shape;
  if (source.transposed && shape.size() == 2) std::swap(shape[0], shape[1]);
  while (shape.size() > dimensions && dimensions == 2 && shape.back() == 1) shape.pop_back();
  return shape;
}

void Declaration::tensor(const string& name, std::vector<int64_t> shape, bool is_optional) {
  tensors_.insert_or_assign(name, DeclaredTensor{std::move(shape), is_optional});
}

void Declaration::linear(const string& name, int64_t out, int64_t in, bool has_bias) {
  tensor(name + ".weight", {out, in});
  if (has_bias) tensor(name + ".bias", {out});
}

void Declaration::convolution(const string& name, int64_t out, int64_t in, int64_t kernel) {
  tensor(name + ".weight", {out, in, kernel, kernel});
  tensor(name + ".bias", {out});
}

void Declaration::norm(const string& name, int64_t channels) {
  tensor(name + ".weight", {channels});
  tensor(name + ".bias", {channels});
}

int64_t Found::size(const string& name, size_t dimension) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return 0;
  const auto shape = seen_shape(found->second, found->second.transposed ? 2 : found->second.shape.size());
  return dimension < shape.size() ? shape[dimension] : 0;
}

int64_t Found::agreed(const std::vector<Dimension>& dimensions) const {
  std::vector<int64_t> sizes;
  for (const auto& [name, dimension] : dimensions)
    if (const int64_t n = size(name, dimension)) sizes.push_back(n);
  const auto times = [&](int64_t n) { return std::count(sizes.begin(), sizes.end(), n); };
  int64_t best = 0;
  for (const int64_t n : sizes)
    if (best == 0 || times(n) > times(best)) best = n;
  return best;
}

bool Found::has(const string& name) const {
  return tensors_.contains(name);
}

bool Found::has_below(const string& prefix) const {
  const auto first = tensors_.lower_bound(prefix);
  return first != tensors_.end() && first->first.starts_with(prefix);
}

int Found::count(const string& prefix, int least, int most) const {
  int count = least;
  for (auto it = tensors_.lower_bound(prefix); it != tensors_.end() && it->first.starts_with(prefix); ++it) {
    const char *begin = it->first.data() + prefix.size(), *end = it->first.data() + it->first.size();
    int number = 0;
    const auto [after, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && after != end && *after == '.' && number >= 0 && number < most)
      count = std::max(count, number + 1);
  }
  return count;
}

}  // namespace calotype::networks
