// The two layouts that SDXL comes in, as entries of the plugin. What they share is ModelLayout.
#include "loader.h"

#include "files/mapped_reads.h"
#include "layouts/diffusers_folder.h"
#include "layouts/model_description.h"
#include "layouts/single_file.h"
#include "model/checked_model.h"
#include "model/model.h"
#include "networks/memory_prediction.h"
#include "networks/pinned_weights.h"
#include "networks/tiny_decoder_fit.h"
#include "ops/weight_loading.h"
#include "text/prompt_check.h"
#include "text/tokenizer_files.h"
#include "text/truncation_warnings.h"
#include "text/unread_words.h"

namespace {
using namespace calotype;
using namespace calotype::sdxl;

constexpr Setting kPrediction =
    choice("prediction_type", "auto", "auto|epsilon|v_prediction",
           "what the network predicts; auto: as the model's config or the tensor v_pred says");
constexpr Setting kZeroSnr = choice("zero_terminal_snr", "auto", "auto|yes|no",
                                    "last sigma is pure noise; auto: as the model's config or the tensor ztsnr says");
constexpr Setting kUnet = path("unet", "takes the UNet from this file or folder, under original or diffusers names");
constexpr Setting kVae = path("vae", "takes the VAE from this file or folder");
constexpr Setting kTextEncoder = path("text_encoder", "takes the first text encoder from this file or folder");
constexpr Setting kTextEncoder2 = path("text_encoder_2", "takes the second text encoder from this file or folder");
constexpr Setting kTinyDecoder =
    path("tiny_decoder", "decodes previews: TAESD for such latents, from this file or folder");
constexpr Setting kDecoder = choice("decoder", "vae", "vae|tiny",
                                    "what decodes the image: the VAE, or tiny_decoder, in much less time and roughly");
constexpr Setting kVariant = choice("variant", "auto", "auto|none|fp16",
                                    "which weight files of the folder; auto: those without a variant, else fp16");
constexpr Setting kRead = choice(
    "read", "map", "map|copy",
    "map: files are read while they are used, and an image during which one was changed is an error; copy: once and "
    "whole into memory, which takes the size of the files more");
constexpr Setting kAttention =
    choice("attention", "fixed", "fixed|measured|measured_text",
           "on a GPU. fixed: libtorch's rule, always the same kernel; measured: the UNet's fastest at its first use, "
           "so that images of "
           "two runs may differ in their last bits; measured_text: the same of attention to the text alone");
constexpr Setting kFusions = choice("fusions", "few", "few|all",
                                    "on a GPU. all: more of what stands between the UNet's products is done by one "
                                    "kernel each, the same image but for its last "
                                    "bits; no GPU has measured yet whether it is faster");

constexpr Info kDiffusers{.id = "diffusers",
                          .summary = "SDXL from a folder with model_index.json and safetensors files, sharded or not",
                          .citation = "Podell et al. 2023, arXiv:2307.01952",
                          .category = "sdxl",
                          .accepts = {"model_index.json/"},
                          .settings = {kPrediction, kZeroSnr, kVariant, kUnet, kVae, kTextEncoder, kTextEncoder2,
                                       kTinyDecoder, kDecoder, kRead, kAttention, kFusions}};
constexpr Info kSingleFile{.id = "single_file",
                           .summary = "SDXL from one safetensors file under the original checkpoint's names",
                           .citation = "Podell et al. 2023, arXiv:2307.01952",
                           .category = "sdxl",
                           .accepts = {".safetensors"},
                           .settings = {kPrediction, kZeroSnr, kUnet, kVae, kTextEncoder, kTextEncoder2, kTinyDecoder,
                                        kDecoder, kRead, kAttention, kFusions}};

AttentionRule attention_rule(std::string_view name) {
  if (name == "measured") return AttentionRule::measured;
  return name == "measured_text" ? AttentionRule::measured_text : AttentionRule::fixed;
}

/// The user's word goes before the model's.
ModelLayout overruled(ModelLayout model, const Settings& settings) {
  if (const auto prediction = settings.text(kPrediction); prediction != "auto") model.schedule.prediction = prediction;
  if (const auto zero = settings.text(kZeroSnr); zero != "auto") {
    if (zero == "yes" && model.schedule.edm)
      throw Error(ErrorCode::config, "zero_terminal_snr: want auto or no for a model of EDM's sigmas, got yes");
    model.schedule.zero_terminal_snr = zero == "yes";
  }
  model.draws_tiny = settings.text(kDecoder) == "tiny";
  if (const auto path = settings.text(kTinyDecoder); !path.empty()) {
    model.tiny_decoder = find_tiny_decoder(std::string(path));
    check_fits(model.tiny_decoder, model);
  } else if (model.draws_tiny) {
    throw Error(ErrorCode::config, "decoder: want tiny_decoder too, got none");
  }
  return model;
}
ComponentOverrides overrides(const Settings& settings) {
  const auto path = [&](const Setting& s) { return std::string(settings.text(s)); };
  return {path(kUnet), path(kVae), path(kTextEncoder), path(kTextEncoder2)};
}

/// What the settings say of how a model is loaded, and not of what it is.
struct Loading {
  explicit Loading(const Settings& settings)
      : copies(settings.text(kRead) == "copy"),
        fuses_all(settings.text(kFusions) == "all"),
        attention(attention_rule(settings.text(kAttention))) {}
  bool copies, fuses_all;
  AttentionRule attention;
};

/// CLIP's own where no tokenizer came with the model, cut to the rows of the encoder's embedding.
Vocabulary vocabulary(const std::string& folder, const Weights& encoder, const std::string& pad_token) {
  if (!folder.empty()) return read_vocabulary(folder, pad_token);
  if (!encoder.has("text_model")) return {};  // the refiner has no such encoder
  try {
    return {clip_merges(encoder.shape("text_model.embeddings.token_embedding.weight").front()), pad_token};
  } catch (const Error& e) {
    throw Error(e.code(), encoder.where() + ": " + e.what());
  }
}

/// Keeps the files mapped, and their pages out of memory once they were read.
WeightRead release_pages(const ModelLayout& found) {
  return [files = found.files](std::span<const std::byte> data) {
    for (const auto& file : files) file->release(data);
  };
}

Prediction prediction_of(const NoiseSchedule& schedule) {
  if (schedule.prediction == "v_prediction") return Prediction::v_prediction;
  return schedule.edm ? Prediction::edm : Prediction::epsilon;
}

/// All files of a model, its tiny decoder's among them.
std::vector<std::shared_ptr<const SafetensorsFile>> files_of(const ModelLayout& found) {
  auto files = found.files;
  files.insert(files.end(), found.tiny_decoder.files.begin(), found.tiny_decoder.files.end());
  return files;
}

std::unique_ptr<Model> load_found(const ModelLayout& found, const Loading& loading, const LoadOptions& options) {
  const Networks& n = found.networks;
  const auto network = [&](const TensorSources& sources, const ModelConfig& config, Part part, at::ScalarType type,
                           Quantization how) {
    return Network{open_weights(sources, options.device, type, found.where(part), release_pages(found)).quantized(how),
                   config};
  };
  const at::ScalarType dtype = options.dtype;
  Network unet = network(n.unet, found.unet, Part::unet, dtype, options.quantize);
  if (options.memory == Memory::block_offload && !options.device.is_cpu())
    unet.weights =
        pinned_weights(n.unet, options.device, dtype, options.quantize, unet.weights.where(), release_pages(found));
  unet.weights = unet.weights.fusing_all(loading.fuses_all);
  const FoundTinyDecoder& tiny = found.tiny_decoder;
  std::optional<Weights> tiny_decoder;
  if (!tiny.sources.empty()) tiny_decoder = load_weights(tiny.sources, options.device, dtype, tiny.path);
  const Network text = network(n.text_encoder, found.text_encoder, Part::text_encoder, dtype, options.quantize);
  const Network text_2 = network(n.text_encoder_2, found.text_encoder_2, Part::text_encoder_2, dtype, options.quantize);
  auto model = std::make_unique<SdxlModel>(
      SdxlParts{.text_encoder = text,
                .text_encoder_2 = text_2,
                .unet = std::move(unet),
                .vae = network(n.vae, found.vae, Part::vae, vae_dtype(dtype, found.vae), Quantization::none),
                .tiny_decoder = std::move(tiny_decoder),
                .draws_tiny = found.draws_tiny,
                .tokenizer = vocabulary(found.tokenizer, text.weights, "<|endoftext|>"),
                .tokenizer_2 = vocabulary(found.tokenizer_2, text_2.weights, "!"),
                .training_sigmas = training_sigmas(found.schedule, found.path),
                .prediction = prediction_of(found.schedule),
                .edm = found.schedule.edm,
                .zeros_for_empty_prompt = found.zeros_for_empty_prompt,
                .device = options.device,
                .dtype = dtype,
                .memory = options.memory,
                .tiled_decode = options.tiled_decode,
                .attention = loading.attention});
  return checked(std::move(model), files_of(found));
}

/// What the encoders leave out of prompts, whose tokens only prompt_syntax plain counts.
std::vector<std::string> truncations(const ModelLayout& found, const Request& request, const DenoiserUse& use) {
  const auto weights = [&](const TensorSources& sources, const char* name) {
    return open_weights(sources, at::kCPU, at::kFloat, found.path + ": " + name, [](std::span<const std::byte>) {});
  };
  const Weights one = weights(found.networks.text_encoder, "text_encoder"),
                two = weights(found.networks.text_encoder_2, "text_encoder_2");
  std::optional<Tokenizer> first;
  if (one.has("text_model")) first.emplace(vocabulary(found.tokenizer, one, "<|endoftext|>"), one.where());
  const Tokenizer second(vocabulary(found.tokenizer_2, two, "!"), two.where());
  return truncation_warnings(request, use, first ? &*first : nullptr, second,
                             size_t(two.shape("text_model.embeddings.position_embedding.weight").front()));
}

/// A model of either layout.
class OpenedSdxl final : public OpenedModel {
 public:
  OpenedSdxl(ModelLayout found, const Settings& settings)
      : found_(overruled(std::move(found), settings)), loading_(settings), description_(describe(found_)) {}

  const ModelDescription& description() const override { return description_; }

  std::vector<std::string> warnings(const Request& request, const DenoiserUse& use) override {
    const MappedReads reads;
    check_prompts(request, use);
    std::vector<std::string> out = unread_words(request, use);
    if (request.prompt_syntax != PromptSyntax::plain) return out;
    for (auto& warning : truncations(found_, request, use)) out.push_back(std::move(warning));
    return out;
  }

  MemoryNeed memory_need(const LoadOptions& options, const Request& request, const DenoiserUse& use) override {
    const MappedReads reads;
    uint64_t copied = 0;
    for (const auto& file : files_of(found_)) copied += loading_.copies ? file->size() : 0;
    return sdxl::memory_need(found_, options, request, use, copied);
  }

  std::unique_ptr<Model> load(const LoadOptions& options) override {
    const MappedReads reads;
    if (loading_.copies)
      for (const auto& file : files_of(found_)) file->read_whole();
    return load_found(found_, loading_, options);
  }

 private:
  const ModelLayout found_;
  const Loading loading_;
  const ModelDescription description_;
};

}  // namespace

namespace calotype::sdxl {

std::unique_ptr<OpenedModel> DiffusersLoader::open(const ModelSource& source) const {
  const MappedReads reads;
  const Settings& settings = source.settings;
  return std::make_unique<OpenedSdxl>(
      find_diffusers_folder(source.path, std::string(settings.text(kVariant)), overrides(settings)), settings);
}

std::unique_ptr<OpenedModel> SingleFileLoader::open(const ModelSource& source) const {
  const MappedReads reads;
  return std::make_unique<OpenedSdxl>(find_single_file(source.path, overrides(source.settings)), source.settings);
}

}  // namespace calotype::sdxl

CALOTYPE_LOADER_ENTRY(kDiffusers, calotype::sdxl::DiffusersLoader);
CALOTYPE_LOADER_ENTRY(kSingleFile, calotype::sdxl::SingleFileLoader);
