#include "networks/components/block_layout.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace calotype;
using namespace calotype::networks;

namespace {

const std::string kAttention = "up_blocks.0.attentions.2.transformer_blocks.0.attn1.";

TensorSources sources(std::initializer_list<std::pair<std::string, std::vector<int64_t>>> all) {
  TensorSources out;
  for (const auto& [name, shape] : all) out[name] = {.dtype = "F16", .shape = shape, .data = {}};
  return out;
}

/// A resnet's convolution and time, and an attention's weights, of block "up_blocks.0.2".
TensorSources one_block() {
  return sources({{"up_blocks.0.resnets.2.conv1.weight", {8, 4, 3, 3}},
                  {"up_blocks.0.resnets.2.conv1.bias", {8}},
                  {"up_blocks.0.resnets.2.time_emb_proj.weight", {8, 20}},
                  {"up_blocks.0.attentions.2.proj_in.weight", {16, 16, 1, 1}},
                  {kAttention + "to_k.weight", {16, 16}},
                  {kAttention + "to_out.0.bias", {16}},
                  {kAttention + "to_out.0.weight", {16, 16}},
                  {kAttention + "to_q.weight", {16, 16}},
                  {kAttention + "to_v.weight", {16, 16}}});
}

}  // namespace

TEST_CASE("block layout: a resnet and the attention after it are one block, the rest is none") {
  CHECK(block_of("down_blocks.1.resnets.0.conv1.weight") == "down_blocks.1.0");
  CHECK(block_of("down_blocks.1.attentions.0.transformer_blocks.1.ff.net.0.proj.weight") == "down_blocks.1.0");
  CHECK(block_of("mid_block.resnets.1.norm1.bias") == "mid_block.1");
  CHECK(block_of("up_blocks.0.resnets.12.conv2.weight") == "up_blocks.0.12");
  for (const char* name :
       {"conv_in.weight", "down_blocks.0.downsamplers.0.conv.weight", "time_embedding.linear_1.weight"})
    CHECK(block_of(name).empty());
}

TEST_CASE("block layout: tensors begin at multiples of 256 bytes, none on another, and leave little between") {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const int64_t unit = 256 / int64_t(c10::elementSize(type));
    const BlockLayout layout = block_layouts(one_block(), type, Quantization::none).at("up_blocks.0.2");
    std::vector<std::pair<int64_t, int64_t>> taken;
    for (const auto& [name, place] : layout.tensors) {
      CHECK(place.begin % unit == 0);
      taken.emplace_back(place.begin, place.begin + c10::multiply_integers(place.shape));
    }
    std::sort(taken.begin(), taken.end());
    for (size_t i = 1; i < taken.size(); ++i) {
      CHECK(taken[i].first >= taken[i - 1].second);
      CHECK(taken[i].first - taken[i - 1].second < unit);
    }
    CHECK(layout.together - taken.back().second < unit);
    CHECK(layout.apart == 0);
  }
}

TEST_CASE("block layout: queries, keys and values follow each other without a gap") {
  const auto layouts = block_layouts(one_block(), at::kBFloat16, Quantization::none);
  const auto begin = [&](const char* name) { return layouts.at("up_blocks.0.2").tensors.at(kAttention + name).begin; };
  CHECK(begin("to_k.weight") == begin("to_q.weight") + 16 * 16);
  CHECK(begin("to_v.weight") == begin("to_k.weight") + 16 * 16);
}

TEST_CASE(
    "block layout: convolutions have their channels last, those of one pixel and matrices are as they are stored") {
  const auto layouts = block_layouts(one_block(), at::kFloat, Quantization::none);
  const auto strides = [&](const std::string& name) { return layouts.at("up_blocks.0.2").tensors.at(name).strides; };
  CHECK(strides("up_blocks.0.resnets.2.conv1.weight") == std::vector<int64_t>{36, 1, 12, 4});
  CHECK(strides("up_blocks.0.attentions.2.proj_in.weight") == std::vector<int64_t>{16, 1, 1, 1});
  CHECK(strides(kAttention + "to_q.weight") == std::vector<int64_t>{16, 1});
}

TEST_CASE("block layout: what linear layers keep in fewer bits comes apart, and lies after the rest") {
  const BlockLayout layout = block_layouts(one_block(), at::kFloat, Quantization::fp8).at("up_blocks.0.2");
  CHECK(layout.apart == 5 * 16 * 16);
  for (const auto& [name, place] : layout.tensors) {
    CAPTURE(name);
    CHECK(place.is_apart == (name.find(".attentions.") != std::string::npos && name.ends_with(".weight")));
    CHECK(place.is_apart == (place.begin >= layout.together));
  }
}

TEST_CASE("block layout: blocks follow each other, what is in none before them") {
  const auto layouts = block_layouts(sources({{"conv_in.weight", {64, 4, 1, 1}},
                                              {"down_blocks.0.resnets.0.conv1.bias", {128}},
                                              {"mid_block.resnets.0.conv1.bias", {1}}}),
                                     at::kFloat, Quantization::none);
  CHECK(layouts.at("").begin == 0);
  CHECK(layouts.at("down_blocks.0.0").begin == 256);
  CHECK(layouts.at("mid_block.0").begin == 384);
  CHECK(layouts.at("mid_block.0").end() == 448);
}
