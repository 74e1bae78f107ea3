#include "networks/components/block_layout.h"

#include <c10/core/ScalarType.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "networks/ops/weight_loading.h"

namespace calotype::networks {
namespace {

constexpr size_t kAlignment = 256;

int64_t count(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (const int64_t size : shape) n *= size;
  return n;
}

/// Dense, of a convolution's weight with its channels last.
std::vector<int64_t> strides_of(const std::vector<int64_t>& shape) {
  const bool is_convolution = shape.size() == 4 && shape[2] * shape[3] > 1;
  std::vector<size_t> order;  // of the dimensions, the one whose numbers follow each other first
  for (size_t i = shape.size(); i-- > 0;)
    if (!is_convolution || i != 1) order.push_back(i);
  if (is_convolution) order.insert(order.begin(), 1);
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (const size_t i : order) strides[i] = stride, stride *= shape[i];
  return strides;
}

/// What layers of an attention keep in fewer bits.
bool is_quantized(const std::string& name, const std::vector<int64_t>& shape) {
  return shape.size() >= 2 && name.find(".attentions.") != std::string::npos;
}

/// Matrices before the rest, and those of queries, keys and values in the order in which layers put them side by side.
std::tuple<bool, std::string> order_of(const std::string& name, const std::vector<int64_t>& shape) {
  std::string sorted = name;
  for (const auto& [part, sorts_as] :
       {std::pair(".to_q.", ".to_0."), std::pair(".to_k.", ".to_1."), std::pair(".to_v.", ".to_2.")})
    if (const size_t at = name.find(part); at != std::string::npos)
      sorted.replace(at, std::string_view(part).size(), sorts_as);
  return {shape.size() < 2, sorted};
}

}  // namespace

std::string block_of(const std::string& name) {
  for (const std::string kind : {".resnets.", ".attentions."})
    if (const size_t at = name.find(kind); at != std::string::npos) {
      const size_t number = at + kind.size();
      return name.substr(0, at + 1) + name.substr(number, name.find('.', number) - number);
    }
  return "";
}

BlockLayouts block_layouts(const TensorSources& sources, at::ScalarType dtype, Quantization how) {
  using Named = std::pair<std::string, std::vector<int64_t>>;
  std::vector<Named> all;
  for (const auto& [name, source] : sources) all.emplace_back(name, shape_of(source));
  std::sort(all.begin(), all.end(),
            [](const Named& a, const Named& b) { return order_of(a.first, a.second) < order_of(b.first, b.second); });
  const int64_t unit = int64_t(kAlignment / c10::elementSize(dtype));
  BlockLayouts layouts;
  for (const auto& [name, shape] : all) {
    BlockLayout& layout = layouts[block_of(name)];
    const bool is_apart = how != Quantization::none && is_quantized(name, shape);
    int64_t& end = is_apart ? layout.apart : layout.together;
    layout.tensors[name] = {shape, strides_of(shape), end, is_apart};
    end += (count(shape) + unit - 1) / unit * unit;
  }
  int64_t begin = 0;
  for (auto& [block, layout] : layouts) {
    for (auto& [name, place] : layout.tensors)
      if (place.is_apart) place.begin += layout.together;
    layout.begin = begin, begin = layout.end();
  }
  return layouts;
}

}  // namespace calotype::networks
