#include "networks/components/tiny_decoder.h"

#include <ATen/TensorOperators.h>
#include <calotype/error.h>

namespace calotype::networks {
namespace {

constexpr size_t kMostStages = 16;

/// Whether a bias is there, where there must be one, and of the convolution's outputs, which are not none.
void check(const Weights& weights, const std::string& name, const Conv& conv, bool has_bias) {
  const auto fail = [&](const char* tensor, const std::string& what) {
    throw Error(ErrorCode::bad_data, weights.where() + ": tensor \"" + name + tensor + "\"" + what);
  };
  if (conv.outputs() < 1 || conv.inputs() < 1) fail(".weight", ": want no dimension of 0");
  if (!weights.has(name + ".bias")) {
    if (has_bias) fail(".bias", " is missing");
    return;
  }
  if (const int64_t got = weights.shape(name + ".bias").at(0); got != conv.outputs())
    fail(".bias",
         ": want " + std::to_string(conv.outputs()) + " outputs, as the weight has, got " + std::to_string(got));
}

/// A convolution that reads as many channels as come in, which it sets to what go out.
Conv next(const Weights& weights, const std::string& name, int64_t& channels, bool has_bias) {
  Conv conv(weights.at(name));
  check(weights, name, conv, has_bias);
  if (conv.inputs() != channels)
    throw Error(ErrorCode::bad_data, weights.where() + ": tensor \"" + name + ".weight\": want " +
                                         std::to_string(channels) + " input channels, got " +
                                         std::to_string(conv.inputs()));
  channels = conv.outputs();
  return conv;
}

}  // namespace

TinyDecoder::TinyDecoder(const Weights& weights) : conv_in_(weights.at("1")) {
  int number = 3;  // 0 and 2 are functions without tensors
  int64_t channels = conv_in_.outputs();
  check(weights, "1", conv_in_, true);
  const auto name = [&] { return std::to_string(number); };
  do {
    Stage& stage = stages_.emplace_back();
    for (; weights.has(name() + ".conv"); ++number) {
      const auto conv = [&](const char* part) { return next(weights, name() + ".conv." + part, channels, true); };
      const int64_t inputs = channels;
      stage.blocks.push_back({conv("0"), conv("2"), conv("4")});
      if (channels != inputs)
        throw Error(ErrorCode::bad_data, weights.where() + ": tensor \"" + name() + ".conv.4.weight\": want " +
                                             std::to_string(inputs) + " output channels, got " +
                                             std::to_string(channels));
    }
    stage.enlarges = !weights.has(name());
    if (stage.enlarges) ++number;
    stage.conv = next(weights, name(), channels, !stage.enlarges);  // TAESD's has none behind an enlargement
    ++number;
    if (stages_.size() > kMostStages)
      throw Error(ErrorCode::bad_data,
                  weights.where() + ": want at most " + std::to_string(kMostStages) + " stages, got more");
  } while (stages_.back().enlarges);
  if (channels != 3 || weights.has(name()))
    throw Error(ErrorCode::bad_data, weights.where() + ": tensor \"" + std::to_string(number - 1) +
                                         ".weight\": want the last one, of 3 output channels, got " +
                                         (channels != 3 ? std::to_string(channels) : "more layers behind it"));
}

at::Tensor TinyDecoder::Block::operator()(const at::Tensor& x) const {
  at::Tensor h = first(x).relu_();
  h = second(h).relu_();  // a statement of its own: what it read is gone before the next
  return third.plus(h, [&] { return x; }).relu_();
}

at::Tensor TinyDecoder::operator()(const at::Tensor& latents) const {
  at::Tensor h = conv_in_((latents.to(conv_in_.options().dtype()) / 3).tanh() * 3).relu_();
  for (const Stage& stage : stages_) {
    for (const Block& block : stage.blocks) h = block(h);
    if (stage.enlarges) h = enlarged(h, 2 * h.size(2), 2 * h.size(3));
    h = (*stage.conv)(h);
  }
  return h.to(at::kFloat);
}

}  // namespace calotype::networks
