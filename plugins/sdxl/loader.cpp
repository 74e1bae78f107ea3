// The two layouts that SDXL comes in, as entries of the plugin.
#include "sdxl/loader.h"

#include "networks/files/mapped_reads.h"
#include "networks/model/model_settings.h"
#include "networks/text/latent_request.h"
#include "sdxl/conditioning.h"
#include "sdxl/family.h"
#include "sdxl/incomplete_model.h"
#include "sdxl/layouts.h"

namespace calotype::sdxl {
namespace {

using namespace networks;

constexpr Setting kTextEncoder = path("text_encoder", "takes the first text encoder from this file or folder");
constexpr Setting kTextEncoder2 = path("text_encoder_2", "takes the second text encoder from this file or folder");

constexpr Info kDiffusers{
    .id = "diffusers",
    .summary = "SDXL from a folder with model_index.json and safetensors files, sharded or not",
    .citation = "Podell et al. 2023, arXiv:2307.01952",
    .category = "sdxl",
    .accepts = {"model_index.json/"},
    .settings = {kPrediction, kZeroSnr, kVariant, kUnet, kVae, kTextEncoder, kTextEncoder2, kTinyDecoder, kDecoder,
                 kRead, kAttention, kFusions},
    .usual_noise = {0.00085, 0.012, 1000},
    .request = {networks::keys::kPrompt2, networks::keys::kNegativePrompt2, networks::keys::kDeepCache,
                networks::keys::kTokenMerging, networks::keys::kClipSkip, keys::kOriginalSize, keys::kCrop,
                keys::kTargetSize, keys::kNegativeOriginalSize, keys::kNegativeCrop, keys::kNegativeTargetSize,
                keys::kAestheticScore, keys::kNegativeAestheticScore}};
constexpr Info kSingleFile{
    .id = "single_file",
    .summary = "SDXL from one safetensors file under the original checkpoint's names",
    .citation = "Podell et al. 2023, arXiv:2307.01952",
    .category = "sdxl",
    .accepts = {".safetensors"},
    .settings = {kPrediction, kZeroSnr, kUnet, kVae, kTextEncoder, kTextEncoder2, kTinyDecoder, kDecoder, kRead,
                 kAttention, kFusions},
    .usual_noise = {0.00085, 0.012, 1000},
    .request = {networks::keys::kPrompt2, networks::keys::kNegativePrompt2, networks::keys::kDeepCache,
                networks::keys::kTokenMerging, networks::keys::kClipSkip, keys::kOriginalSize, keys::kCrop,
                keys::kTargetSize, keys::kNegativeOriginalSize, keys::kNegativeCrop, keys::kNegativeTargetSize,
                keys::kAestheticScore, keys::kNegativeAestheticScore}};

ComponentOverrides overrides(const Settings& settings) {
  return {path_of(settings, kUnet), path_of(settings, kVae), path_of(settings, kTextEncoder),
          path_of(settings, kTextEncoder2)};
}

std::unique_ptr<OpenedModel> opened_sdxl(ModelLayout found, const Settings& settings) {
  const ModelLayout model = overruled(std::move(found), settings);
  return opened(model, settings, conditioning(), family_of(model), usage_of(model));
}

}  // namespace

std::unique_ptr<OpenedModel> DiffusersLoader::open(const ModelSource& source) const {
  const MappedReads reads;
  const Settings& settings = source.settings;
  return opened_sdxl(find_diffusers_folder(source.path, std::string(settings.text(kVariant)), overrides(settings)),
                     settings);
}

std::unique_ptr<OpenedModel> SingleFileLoader::open(const ModelSource& source) const {
  const MappedReads reads;
  return opened_sdxl(find_single_file(source.path, overrides(source.settings)), source.settings);
}

std::optional<ModelDescription> SingleFileLoader::describe_incomplete(const std::string& path) const {
  const MappedReads reads;
  return sdxl::describe_incomplete(path);
}

}  // namespace calotype::sdxl

CALOTYPE_LOADER_ENTRY(calotype::sdxl::kDiffusers, calotype::sdxl::DiffusersLoader);
CALOTYPE_LOADER_ENTRY(calotype::sdxl::kSingleFile, calotype::sdxl::SingleFileLoader);
