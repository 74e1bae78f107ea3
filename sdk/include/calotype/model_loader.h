#pragma once
#include <calotype/model.h>
#include <calotype/settings.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calotype {

/// One network of a model, as the file headers declare it.
struct Component {
  std::string name;  ///< "unet", "vae", "text_encoder", "text_encoder_2"
  int64_t parameters = 0;
  std::string dtype;  ///< "F16", or "F16, F32" where mixed
  uint64_t bytes = 0;
};

/// What is known of a model without reading a weight.
struct ModelDescription {
  std::string family;                   ///< a name of one or a few words, as people write it
  std::string layout;                   ///< "diffusers folder", "single file"
  std::string prediction;               ///< "epsilon", "v_prediction"
  std::vector<double> training_sigmas;  ///< sigma of each training timestep, rising
  int width = 1024, height = 1024;      ///< pixels it was trained on; the default of a request
  std::vector<Component> components;
  std::string usage;                   ///< how people run such a model, to be shown; "" where nothing is known
  std::vector<std::string> missing{};  ///< what ModelLoader::describe_incomplete finds missing; else empty
};

/// Where the weights are, and the user's choices for them.
struct ModelSource {
  std::string path;
  const Settings& settings;  ///< the loader's own
};

/// Where the weights are while a model works. The images do not depend on it.
enum class Memory {
  full,           ///< all on the device
  model_offload,  ///< one network on the device at a time
  block_offload   ///< and of the denoising network one block at a time, the next one on its way
};

/// How linear layers are kept: the transformers' of the denoising network, and the text encoders'.
enum class Quantization {
  none,
  int8,  ///< a scale for each output; inputs rounded too, a scale for each row
  fp8,   ///< e4m3, a scale for each output
  nf4    ///< four bits, a scale for each 64: Dettmers et al. 2023, arXiv:2305.14314
};

/// Where and how a model is loaded.
struct LoadOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  ///< float32, bfloat16 or float16: what the networks compute in
  Memory memory = Memory::full;
  Quantization quantize = Quantization::none;
  bool tiled_decode = false;  ///< decode tile by tile: less memory, the same image but for rounding
};

/// What a model will take of the device's memory, in bytes, beyond what the process has. 0: the loader does not know.
struct MemoryNeed {
  uint64_t weights = 0;  ///< that stay between two runs
  uint64_t peak = 0;     ///< the most at any time of loading and generating
};

/// A model whose headers and configs were read, once, and what is known from them. Used by one thread at a time,
/// destroyed on any. The host keeps one from a plan to its run and to the next, as long as no file of it changes, so it
/// holds no weights.
class OpenedModel {
 public:
  virtual ~OpenedModel() = default;
  /// The same at each call. Lives as long as this object.
  virtual const ModelDescription& description() const = 0;
  /// What of a request the model will not do as it is written, a sentence each: a prompt that it reads only the
  /// beginning of. Throws Error (config) for a prompt that it cannot read.
  virtual std::vector<std::string> warnings(const Request&, const DenoiserUse&) { return {}; }
  /// Predicts what generating one image of that size will take. Reads nothing.
  virtual MemoryNeed memory_need(const LoadOptions&, const Request&, const DenoiserUse&) { return {}; }
  /// Reads the weights, or as many as options.memory has there at first. May be called again once that Model is gone.
  /// Throws Error naming the file; io where it was changed since it was opened.
  virtual std::unique_ptr<Model> load(const LoadOptions& options) = 0;
};

/// Opens the files of models. Stateless; may be used from any thread.
class ModelLoader {
 public:
  virtual ~ModelLoader() = default;
  /// Reads and checks headers and configs, no weight. `source` is gone after the call. Throws Error naming the file,
  /// what was found and what was wanted.
  virtual std::unique_ptr<OpenedModel> open(const ModelSource& source) const = 0;
  /// Asked where `open` has failed: what is there of a model of which components are missing. Nothing where none is
  /// missing, or where that cannot be told.
  virtual std::optional<ModelDescription> describe_incomplete(const std::string&) const { return std::nullopt; }
};

using ModelLoaderFactory = ModelLoader*();

template <class T>
inline constexpr ModelLoaderFactory* kModelLoaderFactory = []() -> ModelLoader* { return new T; };

}  // namespace calotype

/// Offers `type`, a ModelLoader, under the names in `info`. info.accepts declares the paths that it is for.
#define CALOTYPE_LOADER_ENTRY(info, type)              \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_LOADER, 2u, info, ::calotype::note::kHost, &::calotype::kModelLoaderFactory<type>)
