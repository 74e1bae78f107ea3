#include "networks/model/opened_latent_model.h"

#include <calotype/error.h>

#include <utility>

#include "networks/components/memory_prediction.h"
#include "networks/components/pinned_weights.h"
#include "networks/files/mapped_reads.h"
#include "networks/layouts/model_description.h"
#include "networks/model/checked_model.h"
#include "networks/model/model_settings.h"
#include "networks/ops/weight_loading.h"
#include "networks/text/prompt_check.h"
#include "networks/text/tokenizer_files.h"
#include "networks/text/truncation_warnings.h"
#include "networks/text/unread_words.h"

namespace calotype::networks {
namespace {

/// CLIP's own where no tokenizer came with the model, cut to the rows of the encoder's embedding.
Vocabulary vocabulary(const std::string& folder, const Weights& encoder, const std::string& pad_token) {
  if (!folder.empty()) return read_vocabulary(folder, pad_token);
  try {
    return {clip_merges(encoder.shape("text_model.embeddings.token_embedding.weight").front()), pad_token};
  } catch (const Error& e) {
    throw Error(e.code(), encoder.where() + ": " + e.what());
  }
}

Vocabulary vocabulary(const ModelLayout& found, const TextEncoderRole& role, const Weights& encoder) {
  return vocabulary(role.id == ComponentId::text_encoder ? found.tokenizer : found.tokenizer_2, encoder,
                    role.pad_token);
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

class OpenedLatentModel final : public OpenedModel {
 public:
  OpenedLatentModel(ModelLayout found, const Settings& settings, const FamilyConditioning& conditioning,
                    const std::string& family, const std::string& usage)
      : found_(std::move(found)),
        settings_(settings),
        conditioning_(conditioning),
        description_(describe(found_, family, usage)) {}

  const ModelDescription& description() const override { return description_; }

  std::vector<std::string> warnings(const Request& request, const DenoiserUse& use) override {
    const MappedReads reads;
    if (conditioning_.check) conditioning_.check(request);
    check_prompts(request, use);
    std::vector<std::string> out = unread_words(request, use);
    if (request.prompt_syntax != PromptSyntax::plain) return out;
    for (auto& warning : truncations(request, use)) out.push_back(std::move(warning));
    return out;
  }

  MemoryNeed memory_need(const LoadOptions& options, const Request& request, const DenoiserUse& use) override {
    const MappedReads reads;
    uint64_t copied = 0;
    for (const auto& file : files_of(found_)) copied += settings_.copies ? file->size() : 0;
    return networks::memory_need(found_, options, request, use, copied);
  }

  std::unique_ptr<Model> load(const LoadOptions& options) override {
    const MappedReads reads;
    if (settings_.copies)
      for (const auto& file : files_of(found_)) file->read_whole();
    return checked(std::make_unique<LatentModel>(components(options)), files_of(found_));
  }

 private:
  /// What the encoders leave out of prompts, whose tokens only prompt_syntax plain counts.
  std::vector<std::string> truncations(const Request& request, const DenoiserUse& use) const {
    std::vector<PromptReader> readers;
    for (const TextEncoderRole& role : conditioning_.text_encoders) {
      const TensorSources& sources = found_.sources(role.id);
      if (sources.empty()) continue;
      const Weights weights =
          open_weights(sources, at::kCPU, at::kFloat, found_.where(role.id), [](std::span<const std::byte>) {});
      readers.push_back({Tokenizer(vocabulary(found_, role, weights), weights.where()), role.is_second,
                         size_t(weights.shape("text_model.embeddings.position_embedding.weight").front())});
    }
    return truncation_warnings(request, use, readers);
  }

  Network network(ComponentId id, const LoadOptions& options, at::ScalarType type, Quantization how) const {
    return {
        open_weights(found_.sources(id), options.device, type, found_.where(id), release_pages(found_)).quantized(how),
        found_.config(id)};
  }

  Network unet(const LoadOptions& options) const {
    Network out = network(ComponentId::unet, options, options.dtype, options.quantize);
    if (options.memory == Memory::block_offload && !options.device.is_cpu())
      out.weights = pinned_weights(found_.networks.unet, options.device, options.dtype, options.quantize,
                                   out.weights.where(), release_pages(found_));
    out.weights = out.weights.fusing_all(settings_.fuses_all);
    return out;
  }

  std::vector<PromptEncoder::Component> text_encoders(const LoadOptions& options) const {
    std::vector<PromptEncoder::Component> out;
    for (const TextEncoderRole& role : conditioning_.text_encoders) {
      if (found_.sources(role.id).empty()) continue;
      const Network text = network(role.id, options, options.dtype, options.quantize);
      out.push_back({text, vocabulary(found_, role, text.weights), role.activation, role.read, role.is_second,
                     role.gives_pooled});
    }
    return out;
  }

  ModelComponents components(const LoadOptions& options) const {
    const FoundTinyDecoder& tiny = found_.tiny_decoder;
    std::optional<Weights> tiny_decoder;
    if (!tiny.sources.empty()) tiny_decoder = load_weights(tiny.sources, options.device, options.dtype, tiny.path);
    return {.text_encoders = text_encoders(options),
            .unet = unet(options),
            .vae = network(ComponentId::vae, options, vae_dtype(options.dtype, found_.vae), Quantization::none),
            .tiny_decoder = std::move(tiny_decoder),
            .decodes_tiny = found_.decodes_tiny,
            .training_sigmas = training_sigmas(found_.schedule, found_.path),
            .prediction = prediction_of(found_.schedule),
            .edm = found_.schedule.edm,
            .sizes = conditioning_.sizes,
            .colors = conditioning_.colors,
            .zeros_for_empty_prompt = found_.zeros_for_empty_prompt,
            .device = options.device,
            .memory = options.memory,
            .tiled_decode = options.tiled_decode,
            .attention = settings_.attention};
  }

  const ModelLayout found_;
  const LoadSettings settings_;
  const FamilyConditioning& conditioning_;
  const ModelDescription description_;
};

}  // namespace

std::unique_ptr<OpenedModel> opened(ModelLayout found, const Settings& settings, const FamilyConditioning& conditioning,
                                    const std::string& family, const std::string& usage) {
  return std::make_unique<OpenedLatentModel>(std::move(found), settings, conditioning, family, usage);
}

}  // namespace calotype::networks
