// A whole model: files of tensors that are not as a network has them, loaded, and one step and one image made of them.
// The input is a byte that chooses how it is kept and computed, then edits of a small model, four bytes each.
#include <ATen/Parallel.h>
#include <ATen/ops/full.h>

#include <cstring>
#include <vector>

#include "networks/files/safetensors.h"
#include "sdxl/tiny_model.h"
#include "target.h"

using namespace calotype;

namespace {

constexpr int64_t kTokens = 600, kMostNumbers = 1 << 20;

struct Tensor {
  std::string name, dtype;
  std::vector<int64_t> shape;
  std::string bytes;
};

int64_t numbers(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (const int64_t size : shape) n = n > kMostNumbers ? n : n * size;
  return n;
}
int64_t size_of(const std::string& dtype) {
  return dtype == "F64" || dtype == "I64" ? 8 : dtype == "F32" ? 4 : dtype == "U8" ? 1 : 2;
}

/// The name in a model of two levels, and one block where the tiny model has several; "" where it has none.
std::string smaller(std::string name) {
  constexpr const char* kLeftOut[] = {
      ".layers.2.",       ".resblocks.2.",   ".resblocks.3.",   ".transformer_blocks.1.", ".block.1.",
      ".block.2.",        "encoder.down.1.", "encoder.down.3.", ".2.downsample",          "decoder.up.2.",
      "decoder.up.3.",    "input_blocks.6.", "input_blocks.7.", "input_blocks.8.",        "output_blocks.0.",
      "output_blocks.1.", "output_blocks.2."};
  for (const char* part : kLeftOut)
    if (name.find(part) != name.npos) return "";
  constexpr std::string_view kLevel = "encoder.down.2", kBlock = "output_blocks.";
  if (const size_t at = name.find(kLevel); at != name.npos) name[at + kLevel.size() - 1] = '1';
  if (const size_t at = name.find(kBlock); at != name.npos) name[at + kBlock.size()] -= 3;  // those of three levels
  return name;
}

/// The tiny model, smaller still, for many runs a second. Most of its file are rows of tokens.
std::vector<Tensor> small_model() {
  const networks::SafetensorsFile file(CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors");
  std::vector<Tensor> out;
  for (const auto& [name, stored] : file.tensors()) {
    Tensor tensor{smaller(name),
                  stored.dtype,
                  stored.shape,
                  {reinterpret_cast<const char*>(stored.data.data()), stored.data.size()}};
    if (tensor.name.empty()) continue;
    if (tensor.name.find("token_embedding") != name.npos) {
      tensor.shape[0] = kTokens;
      tensor.bytes.resize(size_t(numbers(tensor.shape) * size_of(tensor.dtype)));
    }
    out.push_back(std::move(tensor));
  }
  return out;
}

void change_dimension(std::vector<int64_t>& shape, uint8_t how) {
  if (shape.empty()) return;
  int64_t& size = shape[how % shape.size()];
  const int64_t others[] = {0, 1, size / 2, size + 1, 2 * size, size - 1, 3};
  size = others[how / 8 % std::size(others)];
}

void edit(std::vector<Tensor>& tensors, const uint8_t* bytes) {
  const size_t at = (bytes[1] | size_t(bytes[2]) << 8) % tensors.size();
  Tensor& tensor = tensors[at];
  const uint8_t how = bytes[3];
  constexpr const char* kTypes[] = {"F16", "F32", "BF16", "F64", "I64", "U8"};
  switch (bytes[0] % 9) {
    case 0:
      change_dimension(tensor.shape, how);
      break;
    case 1:
      tensor.shape = {tensor.shape.rbegin(), tensor.shape.rend()};
      break;
    case 2:
      tensor.shape = {numbers(tensor.shape)};
      break;
    case 3:
      tensor.shape.insert(tensor.shape.begin() + how % (tensor.shape.size() + 1), 1);
      break;
    case 4:
      tensors.erase(tensors.begin() + std::ptrdiff_t(at));
      break;
    case 5:
      tensor.name.insert(how % (tensor.name.size() + 1), 1, 'x');
      break;
    case 6:
      tensor.dtype = kTypes[how % std::size(kTypes)];
      break;
    case 7:
      std::swap(tensor.name, tensors[(at + 1 + how) % tensors.size()].name);
      break;
    case 8:
      std::memset(tensor.bytes.data(), how, tensor.bytes.size());
      break;  // 0xff: not a number
  }
}

/// "" where it would be too large.
std::string file_of(std::vector<Tensor>& tensors) {
  std::string header = "{", data;
  for (Tensor& tensor : tensors) {
    const int64_t count = numbers(tensor.shape);
    if (count > kMostNumbers) return "";
    const size_t bytes = size_t(count * size_of(tensor.dtype)), begin = data.size();
    while (tensor.bytes.size() < bytes) tensor.bytes += tensor.bytes.empty() ? std::string(64, '\x11') : tensor.bytes;
    data.append(tensor.bytes, 0, bytes);
    std::string shape;
    for (const int64_t n : tensor.shape) shape += (shape.empty() ? "" : ",") + std::to_string(n);
    header += (header.size() > 1 ? ",\"" : "\"") + tensor.name + R"(":{"dtype":")" + tensor.dtype + R"(","shape":[)" +
              shape + R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

LoadOptions options_of(uint8_t how) {
  constexpr Quantization kQuantizations[] = {Quantization::none, Quantization::int8, Quantization::fp8,
                                             Quantization::nf4};
  constexpr Memory kMemories[] = {Memory::full, Memory::model_offload, Memory::block_offload};
  return {.dtype = how & 1 ? at::kBFloat16 : at::kFloat,
          .memory = kMemories[how / 8 % std::size(kMemories)],
          .quantize = kQuantizations[how / 2 % std::size(kQuantizations)],
          .tiled_decode = how > 127};
}

void make_image(const std::string& path, const LoadOptions& options) {
  const auto model =
      with({}, [&](const Settings& s) { return sdxl::SingleFileLoader().open({path, s})->load(options); });
  Request request;
  request.prompt = "a red cat", request.width = request.height = 16;
  const at::Tensor x = at::full(model->latents_shape(16, 16), 0.5, at::kFloat);
  const at::Tensor image = model->decode(model->condition(request, {})->denoise(x, 2.0));
  if (image.dim() != 4 || image.size(1) != 3) fuzz::found("an image of another shape");
}

}  // namespace

CALOTYPE_FUZZ(model) {
  static const std::vector<Tensor> small = [] {
    at::set_num_threads(1);  // several would wait for each other longer than they compute
    return small_model();
  }();
  std::vector<Tensor> tensors = small;
  const auto* bytes = reinterpret_cast<const uint8_t*>(input.data());
  for (size_t at = 1; at + 4 <= input.size() && at < 1 + 4 * 8; at += 4) edit(tensors, bytes + at);
  const std::string file = file_of(tensors);
  if (file.empty()) return;
  const std::string& path = fuzz::as_file(file);
  try {
    make_image(path, options_of(input.empty() ? 0 : bytes[0]));
  } catch (const Error& e) {
    if (input.size() < 5) fuzz::found("the model as it is, refused", e.what());  // else no edit would be seen
    fuzz::check_error(e, path);
  }
}
