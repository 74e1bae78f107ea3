#include "networks/layouts/tiny_decoder_file.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "networks/files/component_files.h"
#include "networks/files/foreign_files.h"
#include "networks/files/model_config.h"
#include "networks/files/quote.h"
#include "networks/files/refuse_pickle.h"

namespace calotype::networks {
namespace {

using std::string;
using std::string_view;

constexpr const char* kWanted = "TAESD's decoder for \"tiny_decoder\"";

/// What stands before a layer's number, and the number of the first convolution.
struct Layout {
  string_view front;
  int first;
};
/// diffusers does not count what is done before the first convolution.
constexpr std::array<Layout, 4> kLayouts{{{"taesd_decoder.", 1}, {"decoder.layers.", 0}, {"decoder.", 1}, {"", 1}}};

/// "3.conv.0.weight" of "decoder.layers.2.conv.0.weight"; nothing where it is no tensor of a decoder.
std::optional<string> numbered(string_view name, const Layout& layout) {
  name.remove_prefix(layout.front.size());
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || number < layout.first || number > 999) return std::nullopt;
  name.remove_prefix(size_t(end - name.data()));
  for (const string_view part : {"", ".conv.0", ".conv.2", ".conv.4"})
    for (const string_view kind : {".weight", ".bias"})
      if (name == string(part) + string(kind)) return std::to_string(number + 1 - layout.first) + string(name);
  return std::nullopt;
}

/// Whether a tensor has the shape that any layer could have.
void check_shape(const string& where, const TensorSource& source) {
  const auto& shape = source.shape;
  const bool is_bias = source.name.ends_with("bias"),
             is_convolution = shape.size() == 4 && shape[2] == 3 && shape[3] == 3;
  if (is_bias ? shape.size() == 1 : is_convolution) return;
  string got;
  for (const int64_t n : shape) got += (got.empty() ? "" : ",") + std::to_string(n);
  throw Error(ErrorCode::bad_data, where + ": tensor " + quote(source.name) + ": want " +
                                       (is_bias ? "1 dimension" : "a convolution of 3 x 3") + ", got [" + got + "]");
}

TensorSources name_layers(const TensorSources& all, const Layout& layout, const string& where) {
  TensorSources out;
  for (const auto& [name, source] : all) {
    if (!name.starts_with(layout.front)) continue;  // of the encoder
    const auto known = numbered(name, layout);
    if (!known)
      throw Error(ErrorCode::bad_data, where + ": want only the tensors of " + kWanted + ", got " + quote(name));
    TensorSource& named = out[*known] = source;
    named.name = name;
    check_shape(where, named);
  }
  return out;
}

[[noreturn]] void refuse(const SafetensorsFile& file) {
  const auto& tensors = file.tensors();
  const auto begins = [&](const string& front) {
    const auto first = tensors.lower_bound(front);
    return first != tensors.end() && first->first.starts_with(front);
  };
  const auto found = [&](const char* what) {
    return Error(ErrorCode::bad_data, file.path() + ": want " + kWanted + ", got " + what);
  };
  if (tensors.contains("0.weight") && tensors.contains("1.conv.0.weight")) throw found("TAESD's encoder");
  refuse_foreign(file, "", kWanted, false);
  if (begins("model.diffusion_model.") || begins("first_stage_model.")) throw found("a whole checkpoint");
  throw found("none of its tensors");
}

/// A folder's config tells of functions that tensors do not show.
void check_config(const string& path) {
  if (!is_there(path)) return;
  const ModelConfig config = ModelConfig::read(path);
  if (config.text("act_fn", "relu") != "relu") config.fail("act_fn", "relu");
  if (config.text("upsample_fn", "nearest") != "nearest") config.fail("upsample_fn", "nearest");
  if (config.integer("upsampling_scaling_factor", 2, 1, 64) != 2) config.fail("upsampling_scaling_factor", "2");
}

}  // namespace

FoundTinyDecoder find_tiny_decoder(const string& path) {
  refuse_pickle(path);
  FoundTinyDecoder out{path, {}, {}};
  if (is_folder(path)) {
    check_config(path + "/config.json");
    out.files = open_component(path, "diffusion_pytorch_model", "auto");
  } else {
    out.files = {std::make_shared<const SafetensorsFile>(path)};
  }
  TensorSources all;
  for (const auto& file : out.files) all.merge(stored_sources(*file));
  for (const Layout& layout : kLayouts) {
    const auto has = [&](int number, const char* rest) {
      return all.contains(string(layout.front) + std::to_string(layout.first + number) + rest);
    };
    if (!has(0, ".weight") || !has(2, ".conv.0.weight")) continue;
    out.sources = name_layers(all, layout, path);
    return out;
  }
  refuse(*out.files.front());
}

}  // namespace calotype::networks
