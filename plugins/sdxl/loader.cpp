// The two layouts that SDXL comes in, as entries of the plugin. What they share is FoundModel.
#include "loader.h"

#include "found_model.h"
#include "model.h"
#include "tokenizer_files.h"
#include "weight_loading.h"

namespace {
using namespace calotype;
using namespace calotype::sdxl;

constexpr Setting kPrediction = choice("prediction_type", "auto", "auto|epsilon|v_prediction",
                                       "what the network predicts; auto: as the model's config or the tensor v_pred says");
constexpr Setting kZeroSnr = choice("zero_terminal_snr", "auto", "auto|yes|no",
                                    "last noise level is pure noise; auto: as the model's config or the tensor ztsnr says");
constexpr Setting kVariant = choice("variant", "auto", "auto|none|fp16",
                                    "which weight files of the folder; auto: those without a variant, else fp16");

constexpr Info kDiffusers{.id = "diffusers",
                          .summary = "SDXL from a folder with model_index.json and safetensors files, sharded or not",
                          .citation = "Podell et al. 2023, arXiv:2307.01952",
                          .category = "sdxl",
                          .accepts = {"model_index.json/"},
                          .settings = {kPrediction, kZeroSnr, kVariant}};
constexpr Info kSingleFile{.id = "single_file",
                           .summary = "SDXL from one safetensors file under the original checkpoint's names",
                           .citation = "Podell et al. 2023, arXiv:2307.01952",
                           .category = "sdxl",
                           .accepts = {".safetensors"},
                           .settings = {kPrediction, kZeroSnr}};

/// The user's word goes before the model's.
FoundModel overruled(FoundModel model, const Settings& settings) {
  if (const auto prediction = settings.text(kPrediction); prediction != "auto") model.schedule.prediction = prediction;
  if (const auto zero = settings.text(kZeroSnr); zero != "auto") model.schedule.zero_terminal_snr = zero == "yes";
  return model;
}
FoundModel find_folder(const ModelSource& source) {
  return overruled(find_diffusers_folder(source.path, std::string(source.settings.text(kVariant))), source.settings);
}
FoundModel find_file(const ModelSource& source) {
  return overruled(find_single_file(source.path), source.settings);
}

/// CLIP's own where no tokenizer came with the model, cut to the rows of the encoder's embedding.
Vocabulary vocabulary(const std::string& folder, const Weights& encoder, const std::string& pad_token) {
  if (!folder.empty()) return read_vocabulary(folder, pad_token);
  return {clip_merges(encoder["text_model.embeddings.token_embedding.weight"].size(0)), pad_token};
}

std::unique_ptr<Model> load_found(const FoundModel& found, at::Device device, at::ScalarType dtype) {
  const Networks& n = found.networks;
  const auto network = [&](const TensorSources& sources, const ModelConfig& config, const char* name, at::ScalarType type) {
    return Network{load_weights(sources, device, type, found.path + ": " + name), config};
  };
  const Network text = network(n.text_encoder, found.text_encoder, "text_encoder", dtype);
  const Network text_2 = network(n.text_encoder_2, found.text_encoder_2, "text_encoder_2", dtype);
  return std::make_unique<SdxlModel>(
      SdxlParts{.text_encoder = text,
                .text_encoder_2 = text_2,
                .unet = network(n.unet, found.unet, "unet", dtype),
                .vae = network(n.vae, found.vae, "vae", vae_dtype(dtype, found.vae)),
                .tokenizer = vocabulary(found.tokenizer, text.weights, "<|endoftext|>"),
                .tokenizer_2 = vocabulary(found.tokenizer_2, text_2.weights, "!"),
                .noise_levels = training_sigmas(found.schedule, found.path),
                .prediction = found.schedule.prediction == "epsilon" ? Prediction::epsilon : Prediction::v_prediction,
                .zeros_for_empty_prompt = found.zeros_for_empty_prompt,
                .device = device,
                .dtype = dtype});
}

}  // namespace

namespace calotype::sdxl {

ModelDescription DiffusersLoader::describe(const ModelSource& source) const {
  return sdxl::describe(find_folder(source));
}
ModelDescription SingleFileLoader::describe(const ModelSource& source) const {
  return sdxl::describe(find_file(source));
}

std::unique_ptr<Model> DiffusersLoader::load(const ModelSource& source, at::Device device, at::ScalarType dtype) const {
  return load_found(find_folder(source), device, dtype);
}
std::unique_ptr<Model> SingleFileLoader::load(const ModelSource& source, at::Device device, at::ScalarType dtype) const {
  return load_found(find_file(source), device, dtype);
}

}  // namespace calotype::sdxl

CALOTYPE_LOADER_ENTRY(kDiffusers, calotype::sdxl::DiffusersLoader);
CALOTYPE_LOADER_ENTRY(kSingleFile, calotype::sdxl::SingleFileLoader);
