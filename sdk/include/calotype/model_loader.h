#pragma once
#include <calotype/model.h>
#include <calotype/settings.h>

#include <functional>
#include <string>
#include <vector>

namespace calotype {

/// One network of a model, as the file headers tell.
struct Component {
  std::string name;  ///< "unet", "vae", "text_encoder", "text_encoder_2"
  int64_t parameters = 0;
  std::string dtype;  ///< "F16", or "F16, F32" where mixed
  uint64_t bytes = 0;
};

/// What can be said of a model without reading a weight.
struct ModelDescription {
  std::string family;                   ///< "sdxl", "sdxl refiner", "cosxl", ...
  std::string layout;                   ///< "diffusers folder", "single file"
  std::string prediction;               ///< "epsilon", "v_prediction"
  std::vector<double> training_sigmas;  ///< sigma of each training timestep, rising
  int width = 1024, height = 1024;      ///< pixels it was trained on; the default of a request
  std::vector<Component> components;
  std::string usage;  ///< how people run such a model, to be shown; "" where nothing is known
};

/// Where the weights are, and what the user said of them.
struct ModelSource {
  std::string path;
  const Settings& settings;  ///< the loader's own
};

/// Where the weights are while a model works. What it draws does not depend on it.
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

/// What a model will take of the device's memory, in bytes, beyond what the process has. 0: the loader cannot tell.
struct MemoryNeed {
  uint64_t weights = 0;  ///< that stay between two runs
  uint64_t peak = 0;     ///< the most at any time of loading and drawing
};

/// Turns files into a Model. Stateless; may be used from any thread.
class ModelLoader {
 public:
  virtual ~ModelLoader() = default;
  /// Reads headers and configs only. Throws Error naming the file, what was found and what was wanted.
  virtual ModelDescription describe(const ModelSource& source) const = 0;
  /// Reads the weights, or as many as options.memory has there at first.
  virtual std::unique_ptr<Model> load(const ModelSource& source, const LoadOptions& options) const = 0;
  /// Predicts, from headers and configs, what drawing one image of that size will take.
  virtual MemoryNeed memory_need(const ModelSource&, const LoadOptions&, const Request&) const { return {}; }
  /// What of a request the model will not do as it is written, a sentence each: a prompt that it reads in part.
  virtual std::vector<std::string> warnings(const ModelSource&, const Request&) const { return {}; }
};

using ModelLoaderFactory = ModelLoader*();

template <class T>
inline constexpr ModelLoaderFactory* kModelLoaderFactory = []() -> ModelLoader* { return new T; };

}  // namespace calotype

/// Offers `type`, a ModelLoader, under the names in `info`. info.accepts tells the host which paths it is for.
#define CALOTYPE_LOADER_ENTRY(info, type)              \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_LOADER, 2u, info, ::calotype::note::kHost, &::calotype::kModelLoaderFactory<type>)
