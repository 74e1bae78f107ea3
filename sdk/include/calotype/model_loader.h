#pragma once
#include <functional>
#include <string>
#include <vector>

#include <calotype/model.h>
#include <calotype/settings.h>

namespace calotype {

/// One network of a model, as the file headers tell.
struct Component {
  std::string name;        ///< "unet", "vae", "text_encoder", "text_encoder_2"
  int64_t parameters = 0;
  std::string dtype;       ///< "F16", or "F16, F32" where mixed
  uint64_t bytes = 0;
};

/// What can be said of a model without reading a weight.
struct ModelDescription {
  std::string family;                  ///< "sdxl"
  std::string layout;                  ///< "diffusers folder", "single file"
  std::string prediction;              ///< "epsilon", "v_prediction"
  std::vector<double> noise_levels;    ///< sigma of each training timestep, rising
  int width = 1024, height = 1024;     ///< pixels it was trained on; the default of a request
  std::vector<Component> components;
};

/// Where the weights are, and what the user said of them.
struct ModelSource {
  std::string path;
  const Settings& settings;   ///< the loader's own
};

/// Turns files into a Model. Stateless; may be used from any thread.
class ModelLoader {
 public:
  virtual ~ModelLoader() = default;
  /// Reads headers and configs only. Throws Error naming the file, what was found and what was wanted.
  virtual ModelDescription describe(const ModelSource& source) const = 0;
  /// @param device  of the weights   @param dtype  float32, bfloat16 or float16: the type that the networks compute in
  virtual std::unique_ptr<Model> load(const ModelSource& source, at::Device device, at::ScalarType dtype) const = 0;
};

using ModelLoaderFactory = ModelLoader*();

template <class T>
inline constexpr ModelLoaderFactory* kModelLoaderFactory = []() -> ModelLoader* { return new T; };

}  // namespace calotype

/// Offers `type`, a ModelLoader, under the names in `info`. info.accepts tells the host which paths it is for.
#define CALOTYPE_LOADER_ENTRY(info, type) \
  CALOTYPE_ENTRY(CALOTYPE_LOADER, 2u, info, ::calotype::note::kHost, &::calotype::kModelLoaderFactory<type>)
