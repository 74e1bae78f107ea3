#include "declaration.h"

#include <calotype/error.h>

#include <algorithm>
#include <charconv>

#include "declared_networks.h"
#include "found_model.h"
#include "network_settings.h"
#include "part_widths.h"
#include "quote.h"

namespace calotype::sdxl {
namespace {

using std::string;

string shown(const std::vector<int64_t>& shape) {
  string out = "[";
  for (const int64_t n : shape) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "]";
}

/// As the network sees it: a matrix may be stored as its transpose, or as a convolution of 1 x 1.
std::vector<int64_t> seen(const TensorSource& source, size_t dimensions) {
  auto shape = source.shape;
  if (source.transposed && shape.size() == 2) std::swap(shape[0], shape[1]);
  while (shape.size() > dimensions && dimensions == 2 && shape.back() == 1) shape.pop_back();
  return shape;
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
  if (has_values && seen(source, declared.shape.size()) == declared.shape) return;
  auto wanted = declared.shape;
  if (source.transposed && wanted.size() == 2) std::swap(wanted[0], wanted[1]);
  fail(where, "tensor " + name_of(name, source) + ", found " + shown(source.shape) + ", wanted " +
                  (has_values ? shown(wanted) : "no dimension of 0"));
}

/// The first three, and how many more.
string listed(const std::vector<string>& names) {
  string out;
  for (size_t i = 0; i < std::min<size_t>(names.size(), 3); ++i) out += (i ? ", " : "") + names[i];
  return out + (names.size() > 3 ? " and " + std::to_string(names.size() - 3) + " more" : "");
}

void check(const string& where, const Declaration& declaration, const TensorSources& sources) {
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
  if (!unknown.empty())
    fail(where, "found unknown tensors " + listed(unknown) + ", wanted those of one network of SDXL");
}

}  // namespace

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
  const auto shape = seen(found->second, found->second.transposed ? 2 : found->second.shape.size());
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

void check_networks(const FoundModel& model) {
  const Networks& n = model.networks;
  const auto check_one = [&](Part part, const Declaration& declaration, const TensorSources& sources) {
    check(model.where(part), declaration, sources);
  };
  UnetNeighbours beside;
  if (!n.text_encoder.empty()) {
    check_one(Part::text_encoder, declared_text_encoder(n.text_encoder, model.text_encoder, false), n.text_encoder);
    beside.text += text_width(n.text_encoder);
  }
  check_one(Part::text_encoder_2, declared_text_encoder(n.text_encoder_2, model.text_encoder_2, true),
            n.text_encoder_2);
  beside.text += text_width(n.text_encoder_2);
  beside.pooled = Found(n.text_encoder_2).size("text_projection.weight", 0);
  check_one(Part::vae, declared_vae(n.vae), n.vae);
  beside.latents = latent_channels(n.vae);
  const Declaration unet = declared_unet(n.unet, model.unet, beside);
  check_widths(model, unet);
  check_one(Part::unet, unet, n.unet);
  check_settings(model);
}

}  // namespace calotype::sdxl
