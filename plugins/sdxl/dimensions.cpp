#include "dimensions.h"

#include <calotype/error.h>

#include <string_view>

#include "found_model.h"
#include "quote.h"

namespace calotype::sdxl {
namespace {

using std::string;
using std::string_view;

bool has(string_view text, string_view word) {
  return text.find(word) != text.npos;
}

/// "" where the shape will do, else what is wanted.
string_view wanted(string_view name, const std::vector<int64_t>& shape) {
  const size_t n = shape.size();
  if (name.ends_with("bias")) return n == 1 ? "" : "1 dimension";
  if (!name.ends_with(".weight")) return "";
  name.remove_suffix(string_view(".weight").size());
  const string_view layer = name.substr(name.rfind('.') + 1);
  if (has(layer, "norm")) return n == 1 ? "" : "1 dimension";
  if (has(layer, "conv")) return n == 4 ? "" : "4 dimensions";
  if (layer == "token_embedding" || layer == "position_embedding") return n == 2 ? "" : "2 dimensions";
  const bool is_matrix = n == 2 || (n == 4 && shape[2] == 1 && shape[3] == 1);  // a convolution of 1 x 1 is one too
  return is_matrix ? "" : "2 dimensions";
}

string shown(const std::vector<int64_t>& shape) {
  string out = "[";
  for (const int64_t n : shape) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "]";
}

}  // namespace

void check_dimensions(const FoundModel& model) {
  const Networks& n = model.networks;
  for (const auto& [part, sources] : {std::pair{"unet", &n.unet}, std::pair{"vae", &n.vae}, std::pair{"text_encoder", &n.text_encoder},
                                      std::pair{"text_encoder_2", &n.text_encoder_2}})
    for (const auto& [name, source] : *sources)
      if (const string_view want = wanted(name, source.shape); !want.empty())
        throw Error(ErrorCode::bad_data, model.path + ": " + part + ": tensor " + quote(source.name.empty() ? name : source.name) +
                                             ", found " + shown(source.shape) + ", wanted " + string(want));
}

}  // namespace calotype::sdxl
