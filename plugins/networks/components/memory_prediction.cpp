// The most that a model takes, from the shapes of its tensors: which tensors are alive at once follows from the order
// in which the networks compute. docs/memory.md has the rules in words.
#include "networks/components/memory_prediction.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <map>

#include "networks/components/activation_memory.h"
#include "networks/components/autoencoder.h"
#include "networks/components/block_layout.h"
#include "networks/ops/cpu_int8_convolution.h"
#include "networks/ops/onednn.h"
#include "networks/ops/weight_loading.h"

namespace calotype::networks {
namespace {

/// Of a network or of a part of it.
struct Bytes {
  uint64_t all = 0;
  uint64_t in_file = 0;  ///< of that what is there only when it is used
  uint64_t largest = 0;  ///< what one layer takes besides, for a moment
};

uint64_t elements(const TensorSource& source) {
  uint64_t n = 1;
  for (const int64_t size : source.shape) n *= uint64_t(size);
  return n;
}

/// How a network is to be there.
struct Kept {
  at::Device device;
  at::ScalarType dtype;
  Quantization how = Quantization::none;
  bool is_copied = false;  ///< the file, whose whole size is counted elsewhere
  uint64_t element() const { return c10::elementSize(dtype); }
};

/// Of linear layers: only these are kept in fewer bits, or stay in the file.
bool is_of_linear(const std::string& name, const TensorSource& source) {
  const auto is_in = [&](const char* part) { return name.find(part) != std::string::npos; };
  return source.shape.size() >= 2 && name.ends_with(".weight") &&
         (is_in(".attentions.") || is_in(".self_attn.") || is_in(".mlp."));
}

/// Of convolutions, on the CPU and in int8: those of many channels.
bool is_of_int8_convolution(const std::string& name, const TensorSource& source, const Kept& kept) {
  return kept.how == Quantization::int8 && kept.device.is_cpu() && source.shape.size() == 4 &&
         name.ends_with(".weight") && !is_of_linear(name, source) && CpuInt8Convolution::takes(source.shape);
}

double quantized_size(Quantization how) {
  return how == Quantization::nf4 ? 0.5 + 4.0 / 64 : 1;
}

/// What a layer of so many weights takes besides, for a moment: when it is read, or used and its weight made anew.
double remade_size(Quantization how, uint64_t element) {
  if (how == Quantization::nf4)
    return 4 + 4 + 8 + 8;  // exact, scaled, nearest, and room that the heap has between them
  return how == Quantization::fp8 ? 2 * double(element) : 0;
}

bool is_of_tokens(const std::string& name) {
  return name.ends_with("token_embedding.weight");
}

/// Whether a tensor is read where it lies in the file.
bool stays(const std::string& name, const TensorSource& source, const Kept& kept) {
  return can_stay(source, kept.device, kept.dtype) &&
         (is_of_tokens(name) || (is_of_linear(name, source) && kept.how == Quantization::none));
}

/// Bytes of a tensor.
uint64_t kept_size(const std::string& name, const TensorSource& source, const Kept& kept) {
  if (stays(name, source, kept))
    return is_of_tokens(name) || kept.is_copied ? 0 : source.data.size();  // few of the tokens' rows are read
  const uint64_t n = elements(source);
  const bool fewer = kept.how != Quantization::none && is_of_linear(name, source);
  return fewer || is_of_int8_convolution(name, source, kept) ? uint64_t(quantized_size(kept.how) * double(n))
                                                             : n * kept.element();
}

Bytes weights_of(const TensorSources& sources, const Kept& kept) {
  Bytes out;
  for (const auto& [name, source] : sources) {
    const uint64_t size = kept_size(name, source, kept);
    out.all += size;
    if (stays(name, source, kept)) out.in_file += size;
    if (kept.how != Quantization::none && is_of_linear(name, source))
      out.largest = std::max(out.largest, uint64_t(remade_size(kept.how, kept.element()) * double(elements(source))));
  }
  return out;
}

/// What each block of the network takes, by its name and so in their order; under "" what is in none.
std::map<std::string, Bytes> block_weights(const TensorSources& sources, const Kept& kept) {
  std::map<std::string, TensorSources> parts;
  for (const auto& [name, source] : sources) parts[block_of(name)].emplace(name, source);
  std::map<std::string, Bytes> blocks;
  for (const auto& [name, tensors] : parts) blocks[name] = weights_of(tensors, kept);
  return blocks;
}

/// What of the network stays when its blocks are streamed, and the largest two that follow each other.
uint64_t streamed_weights(const TensorSources& sources, const Kept& kept) {
  const std::map<std::string, Bytes> named = block_weights(sources, kept);
  std::vector<Bytes> blocks;
  uint64_t rest = 0, two = 0;
  for (const auto& [name, bytes] : named) {
    if (name.empty())
      rest = bytes.all;
    else
      blocks.push_back(bytes);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Bytes& next = blocks[(i + 1) % blocks.size()];
    two = std::max(two, blocks[i].all + next.all - next.in_file);
  }
  return rest + two;
}

/// Of cuBLAS, which libtorch takes at the first product of a stream and keeps: 32 MiB since compute capability 9.0,
/// less before. Graphs are recorded on a stream of their own; in the mode automatic at the second pass of a shape.
uint64_t workspaces(const at::Device& device, const Request& request, int64_t at_once) {
  constexpr uint64_t kOne = uint64_t(32) << 20;
  if (device.is_cpu()) return 0;
  const bool records = request.cuda_graphs == CudaGraphs::on ||
                       (request.cuda_graphs == CudaGraphs::automatic && request.images > at_once);
  return records ? 2 * kOne : kOne;
}

bool copies_in_convolutions(const Kept& kept) {
  return kept.device.is_cpu() && !is_packable(at::empty({0}, kept.dtype));
}

Weights shapes_of(const TensorSources& sources, const std::string& where) {
  return open_weights(sources, at::kMeta, at::kFloat, where, [](std::span<const std::byte>) {});
}

/// Without what a copy of the files takes.
MemoryNeed need_beside_files(const ModelLayout& model, const LoadOptions& options, const Request& request,
                             const DenoiserUse& use, bool is_copied) {
  const Networks& n = model.networks;
  const Kept kept{options.device, options.dtype, options.quantize, is_copied},
      vae_kept{options.device, vae_dtype(options.dtype, model.vae), Quantization::none, is_copied};
  const Bytes unet = weights_of(n.unet, kept);
  const uint64_t text = weights_of(n.text_encoder, kept).all + weights_of(n.text_encoder_2, kept).all;
  const uint64_t vae = weights_of(n.vae, vae_kept).all;

  const Weights vae_shapes = shapes_of(n.vae, model.where(ComponentId::vae)),
                unet_shapes = shapes_of(n.unet, model.where(ComponentId::unet));
  const int64_t factor = latent_factor(vae_shapes), height = request.height / factor, width = request.width / factor;
  const int64_t at_once = options.device.is_cpu() ? 1 : std::min(request.batch, request.images);
  const int64_t batch = (request.takes_negative(use) ? 2 : 1) * at_once;
  const uint64_t workspace = workspaces(options.device, request, at_once);
  const uint64_t drawing = unet_activation_memory(unet_shapes, {height, width, batch, int64_t(kept.element()),
                                                                copies_in_convolutions(kept)}) +
                           unet.largest;
  const RunShape image{height, width, 1, int64_t(vae_kept.element()), copies_in_convolutions(vae_kept)};
  const uint64_t decoding = decoder_activation_memory(vae_shapes, image, options.tiled_decode);

  // a graph's memory stays while decoding; in the mode automatic it goes where that wants it
  const bool stays = !options.device.is_cpu() && request.cuda_graphs == CudaGraphs::on;
  const uint64_t working = stays ? drawing + decoding : std::max(drawing, decoding);
  if (options.memory == Memory::full) return {text + unet.all + vae, text + unet.all + vae + working + workspace};
  const uint64_t there = options.memory == Memory::block_offload ? streamed_weights(n.unet, kept) : unet.all;
  return {std::max({text, there, vae}), std::max({text, there + drawing, vae + decoding}) + workspace};
}

}  // namespace

MemoryNeed memory_need(const ModelLayout& model, const LoadOptions& options, const Request& request,
                       const DenoiserUse& use, uint64_t copied) {
  if (!copied) return need_beside_files(model, options, request, use, false);
  MemoryNeed need = need_beside_files(model, options, request, use, true);
  need.weights += copied, need.peak += copied;
  return need;
}

}  // namespace calotype::networks
