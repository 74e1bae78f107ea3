// What a network's declaration finds: every tensor of every network with another shape, left out, or one too many.
#include "networks/layouts/declaration.h"

#include <calotype/error.h>
#include <doctest/doctest.h>

#include <algorithm>

#include "networks/layouts/network_check.h"
#include "sdxl/layouts.h"

using namespace calotype;
using namespace calotype::networks;

namespace {

constexpr ComponentId kAll[] = {ComponentId::unet, ComponentId::vae, ComponentId::text_encoder,
                                ComponentId::text_encoder_2};

ModelLayout tiny() {
  return sdxl::find_single_file(CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors");
}

/// What is said of a model; "" where it is right.
std::string said(const ModelLayout& model) {
  try {
    check_networks(model);
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::bad_data);
    return e.what();
  }
  return "";
}

using Shape = std::vector<int64_t>;

/// Other shapes, of as many kinds as a damaged or hostile file may have.
std::vector<Shape> others(const Shape& shape) {
  std::vector<Shape> out{{}, {1}};
  for (size_t i = 0; i < shape.size(); ++i)
    for (const int64_t n : {int64_t(0), int64_t(1), shape[i] / 2, shape[i] + 1, 2 * shape[i]}) {
      Shape other = shape;
      other[i] = n;
      out.push_back(other);
    }
  Shape more = shape;
  more.insert(more.begin(), 1);
  out.push_back(more);
  if (shape.size() > 1) out.push_back({shape.rbegin(), shape.rend()});
  std::erase_if(out, [&](const Shape& other) { return other == shape; });
  return out;
}

/// How many rows the tokens have follows from nothing else.
bool is_free(const std::string& name, const Shape& shape, const Shape& other) {
  return name.ends_with("token_embedding.weight") && other.size() == 2 && other[1] == shape[1] && other[0] > 0;
}

}  // namespace

TEST_CASE("declaration: the models of the tests are as they are declared") {
  CHECK(said(tiny()) == "");
  CHECK(said(sdxl::find_diffusers_folder(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers", "auto")) == "");
  CHECK(said(sdxl::find_single_file(CALOTYPE_SOURCE "/configs/demo_model/demo.safetensors")) == "");
}

TEST_CASE("declaration: a tensor of another shape is found, by its name in the file") {
  ModelLayout model = tiny();
  size_t kind = 0;
  for (const ComponentId id : kAll)
    for (auto& [name, source] : model.sources(id)) {
      const Shape shape = source.shape;
      const auto all = others(shape);
      for (int twice = 0; twice < 2; ++twice) {
        source.shape = all[kind++ % all.size()];
        if (is_free(name, shape, source.shape)) continue;
        CAPTURE(name);
        CAPTURE(source.shape.size());
        CHECK(said(model).find("tensor \"" + source.name + "\": want ") != std::string::npos);
      }
      source.shape = shape;
    }
  CHECK(said(model) == "");
}

TEST_CASE("declaration: a tensor that is missing is found, by diffusers' name") {
  ModelLayout model = tiny();
  for (const ComponentId id : kAll) {
    TensorSources& sources = model.sources(id);
    for (const auto& [name, source] : TensorSources(sources)) {
      sources.erase(name);
      CHECK(said(model).find("\"" + name + "\"") != std::string::npos);
      sources.emplace(name, source);
    }
  }
}

TEST_CASE("declaration: a tensor that nothing reads is found") {
  for (const ComponentId id : kAll) {
    ModelLayout model = tiny();
    model.sources(id)["mid_block.to_q_lora.down.weight"] = {"F32", {4, 4}, {}};
    CHECK(said(model).ends_with("want tensors of one network of SDXL, got \"mid_block.to_q_lora.down.weight\""));
  }
}
