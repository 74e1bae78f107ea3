#include "family_models.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "networks/files/safetensors.h"

namespace fs = std::filesystem;
using calotype::networks::SafetensorsFile;
using nlohmann::json;

namespace {

const std::string kData = CALOTYPE_TEST_DATA, kTiny = kData + "/tiny_sdxl";
const std::string kUnetPrefix = "model.diffusion_model.", kEncoders = "conditioner.embedders.";

at::ScalarType type_of(const std::string& name) {
  if (name == "F16") return at::kHalf;
  if (name == "F32") return at::kFloat;
  throw std::runtime_error("no test file has " + name);
}

std::string name_of(at::ScalarType type) {
  if (type == at::kHalf) return "F16";
  if (type == at::kBFloat16) return "BF16";
  if (type == at::kFloat8_e4m3fn) return "F8_E4M3";
  if (type == at::kFloat8_e5m2) return "F8_E5M2";
  return "F32";
}

json read_json(const std::string& path) {
  return json::parse(std::ifstream(path));
}

/// As make_families.py generates them.
at::Tensor weight(const std::string& name, const std::vector<int64_t>& shape, uint64_t index) {
  const at::Tensor u = at::rand(shape, at::detail::createCPUGenerator(index), at::TensorOptions(at::kFloat)) * 2 - 1;
  if (shape.size() == 1) return (u * 0.1 + (name.ends_with("weight") ? 1 : 0)).to(at::kHalf);
  int64_t inputs = 1;
  for (size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
  return (u * std::sqrt(3 / double(inputs))).to(at::kHalf);
}

}  // namespace

NamedTensors read_tensors(const std::string& path) {
  NamedTensors out;
  const SafetensorsFile file(path);
  for (const auto& [name, t] : file.tensors())
    out[name] =
        at::from_blob(const_cast<std::byte*>(t.data.data()), t.shape, at::TensorOptions(type_of(t.dtype))).clone();
  return out;
}

void write_tensors(const std::string& path, const NamedTensors& tensors) {
  json header = json::object();
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor t = tensor.contiguous();
    const size_t begin = data.size();
    data.append(static_cast<const char*>(t.const_data_ptr()), t.nbytes());
    header[name] = {
        {"dtype", name_of(t.scalar_type())}, {"shape", t.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
  }
  std::ofstream(path, std::ios::binary) << safetensors(header.dump(), 0) << data;
}

FamilyModels::FamilyModels() : all_(read_json(kData + "/families/families.json")) {}

std::vector<std::string> FamilyModels::names() const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : all_.items()) out.push_back(name);
  return out;
}

bool FamilyModels::has_file(const std::string& name) const {
  for (const auto& tensor : entry(name).value("tensors", json::array()))
    if (tensor[1].is_null()) return false;
  return true;
}

NamedTensors FamilyModels::unet(const std::string& name) const {
  if (!entry(name).contains("tensors"))
    return read_tensors(kTiny + "/diffusers/unet/diffusion_pytorch_model.safetensors");
  NamedTensors out;
  uint64_t index = 0;
  for (const auto& t : entry(name)["tensors"]) out[t[0]] = weight(t[0], t[2], index++);
  return out;
}

std::string FamilyModels::folder(const std::string& name) const {
  const json& family = entry(name);
  const std::string path = folder_.path(name);
  fs::copy(kTiny + "/diffusers", path, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  json index = read_json(path + "/model_index.json"), vae = read_json(path + "/vae/config.json");
  for (const auto& [key, value] : family["index"].items()) index[key] = value;
  if (index.value("requires_aesthetics_score", false))
    for (const char* part : {"text_encoder", "tokenizer"}) {
      index[part] = {nullptr, nullptr};
      fs::remove_all(path + "/" + part);
    }
  if (const json marks = family.value("marks", json::object()); marks.contains("edm_mean"))
    vae.update({{"latents_mean", marks["edm_mean"][1]}, {"latents_std", marks["edm_std"][1]}, {"scaling_factor", 0.5}});
  folder_.write(name + "/model_index.json", index.dump());
  folder_.write(name + "/vae/config.json", vae.dump());
  folder_.write(name + "/scheduler/scheduler_config.json", family["scheduler"].dump());
  if (family.contains("unet")) {
    folder_.write(name + "/unet/config.json", family["unet"].dump());
    write_tensors(path + "/unet/diffusion_pytorch_model.safetensors", unet(name));
  }
  return path;
}

std::string FamilyModels::file(const std::string& name, void (*change)(NamedTensors&)) const {
  const json& family = entry(name);
  const bool is_refiner = family["index"].value("requires_aesthetics_score", false);
  NamedTensors out;
  for (const auto& [key, tensor] : read_tensors(kTiny + "/single_file.safetensors")) {
    if (family.contains("tensors") && key.starts_with(kUnetPrefix)) continue;
    if (!is_refiner || !key.starts_with(kEncoders))
      out[key] = tensor;
    else if (key.starts_with(kEncoders + "1."))
      out[kEncoders + "0." + key.substr(kEncoders.size() + 2)] = tensor;
  }
  if (family.contains("tensors")) {
    const NamedTensors own = unet(name);
    for (const auto& t : family["tensors"]) out[kUnetPrefix + t[1].get<std::string>()] = own.at(t[0]);
  }
  const json marks = family.value("marks", json::object());
  for (const auto& [mark, t] : marks.items())
    out[mark] = at::tensor(t[1].get<std::vector<double>>(), at::kFloat).view(t[0].get<std::vector<int64_t>>());
  if (change) change(out);
  const std::string path = folder_.path(name + ".safetensors");
  write_tensors(path, out);
  return path;
}
