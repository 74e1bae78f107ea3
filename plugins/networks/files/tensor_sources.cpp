#include "networks/files/tensor_sources.h"

#include <calotype/error.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "networks/files/quote.h"

namespace calotype::networks {
namespace {

using std::string;
using std::string_view;

/// The ending of a weight's scale, in the two ways that programs write it.
constexpr std::array<string_view, 2> kScale{".scale_weight", ".weight_scale"};
constexpr std::array<string_view, 4> kOtherMarks{".scale_input", ".input_scale", ".comfy_quant", "scaled_fp8"};

bool ends_with_any(string_view name, const auto& ends) {
  return std::any_of(ends.begin(), ends.end(), [&](string_view end) { return name.ends_with(end); });
}

int64_t count(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (const int64_t size : shape) n *= size;
  return n;
}

bool is_eight_bits(const string& dtype) {
  return dtype == "F8_E4M3" || dtype == "F8_E5M2";
}

}  // namespace

TensorSources stored_sources(const SafetensorsFile& file) {
  TensorSources out;
  const auto& tensors = file.tensors();
  for (const auto& [name, t] : tensors) {
    if (ends_with_any(name, kScale) || ends_with_any(name, kOtherMarks)) continue;
    TensorSource source{t.dtype, t.shape, t.data};
    source.name = name;
    if (is_eight_bits(t.dtype) && name.ends_with(".weight"))
      for (const auto& end : kScale) {
        const auto scale = tensors.find(name.substr(0, name.size() - string_view(".weight").size()) + string(end));
        if (scale == tensors.end()) continue;
        const int64_t n = count(scale->second.shape), rows = t.shape.empty() ? 1 : t.shape.front();
        if (n != 1 && n != rows)
          throw Error(ErrorCode::bad_data, file.path() + ": tensor " + quote(scale->first) + ": want 1 or " +
                                               std::to_string(rows) + " numbers, got " + std::to_string(n));
        if (const auto& type = scale->second.dtype; type != "F32" && type != "F16" && type != "BF16" && type != "F64")
          throw Error(ErrorCode::bad_data, file.path() + ": tensor " + quote(scale->first) +
                                               ": type of scales: want F16, BF16, F32 or F64, got " + type);
        source.scale = scale->second;
      }
    out.emplace(name, std::move(source));
  }
  return out;
}

}  // namespace calotype::networks
