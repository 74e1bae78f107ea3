#include "networks/layouts/network_check.h"

#include <calotype/error.h>

#include <algorithm>

#include "networks/files/quote.h"
#include "networks/layouts/component_widths.h"
#include "networks/layouts/declared_networks.h"
#include "networks/layouts/network_settings.h"

namespace calotype::networks {
namespace {

using std::string;

string shown(const std::vector<int64_t>& shape) {
  string out = "[";
  for (const int64_t n : shape) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "]";
}

/// Of a tensor, in whole but for what no network has.
string name_of(const string& name, const TensorSource& source) {
  constexpr size_t kLongest = 256;
  return quote(source.name.empty() ? name : source.name, kLongest);
}

[[noreturn]] void fail(const string& where, const string& what) {
  throw Error(ErrorCode::bad_data, where + ": " + what);
}

void check_shape(const string& where, const string& name, const DeclaredTensor& declared, const TensorSource& source) {
  const bool has_values = std::all_of(declared.shape.begin(), declared.shape.end(), [](int64_t n) { return n > 0; });
  if (has_values && seen_shape(source, declared.shape.size()) == declared.shape) return;
  auto wanted = declared.shape;
  if (source.transposed && wanted.size() == 2) std::swap(wanted[0], wanted[1]);
  fail(where, "tensor " + name_of(name, source) + ": want " + (has_values ? shown(wanted) : "no dimension of 0") +
                  ", got " + shown(source.shape));
}

/// The first three, and how many more.
string listed(const std::vector<string>& names) {
  string out;
  for (size_t i = 0; i < std::min<size_t>(names.size(), 3); ++i) out += (i ? ", " : "") + names[i];
  return out + (names.size() > 3 ? " and " + std::to_string(names.size() - 3) + " more" : "");
}

void check(const string& where, const char* family, const Declaration& declaration, const TensorSources& sources) {
  std::vector<string> missing, unknown;
  for (const auto& [name, declared] : declaration.tensors()) {
    const auto source = sources.find(name);
    if (source != sources.end())
      check_shape(where, name, declared, source->second);
    else if (!declared.is_optional)
      missing.push_back(quote(name, 256));
  }
  for (const auto& [name, source] : sources)
    if (!declaration.tensors().contains(name)) unknown.push_back(name_of(name, source));
  if (missing.size() == 1) fail(where, "tensor " + listed(missing) + " is missing");
  if (!missing.empty()) fail(where, "tensors " + listed(missing) + " are missing");
  if (!unknown.empty()) fail(where, string("want tensors of one network of ") + family + ", got " + listed(unknown));
}

}  // namespace

void check_networks(const ModelLayout& model) {
  const Networks& n = model.networks;
  const Family& family = *model.family;
  const auto check_one = [&](ComponentId id, const Declaration& declaration, const TensorSources& sources) {
    check(model.where(id), family.names.family, declaration, sources);
  };
  UnetNeighbours beside{.reads_sizes = family.reads_sizes};
  const auto check_text = [&](ComponentId id, const TensorSources& sources, const ModelConfig& config) {
    if (sources.empty() && id != family.text_encoder) return;
    check_one(id, declared_text_encoder(sources, config, id == ComponentId::text_encoder_2), sources);
    beside.text += text_width(sources);
  };
  check_text(ComponentId::text_encoder, n.text_encoder, model.text_encoder);
  check_text(ComponentId::text_encoder_2, n.text_encoder_2, model.text_encoder_2);
  beside.pooled = Found(n.text_encoder_2).size("text_projection.weight", 0);
  check_one(ComponentId::vae, declared_vae(n.vae), n.vae);
  beside.latents = latent_channels(n.vae);
  const Declaration unet = declared_unet(n.unet, model.unet, beside);
  check_widths(model, unet);
  check_one(ComponentId::unet, unet, n.unet);
  check_settings(model);
}

}  // namespace calotype::networks
