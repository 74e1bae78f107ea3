#pragma once
#include <span>
#include <string>
#include <string_view>

#include "networks/files/key_mapping.h"

namespace calotype::networks {

class ModelConfig;
struct ComponentOverrides;
struct ModelLayout;

/// What a plugin tells the readers of files of its family of models. Constant; lives as long as the process.
struct Family {
  CheckpointNames names;
  ComponentId text_encoder;  ///< the one that every model of it has
  bool reads_sizes;          ///< whether the UNet reads a pooled text and sizes beside the time
  int sample_size;           ///< of the latents that it was trained on, where no config says it

  /// Of a diffusers folder: each component's class, and the class of the pipeline in model_index.json.
  struct ComponentClass {
    ComponentId id;
    const char* name;
  };
  std::span<const ComponentClass> components;
  const char* pipeline;
  bool (*is_pipeline)(std::string_view class_name);
  /// Whether a folder lacks the component or tokenizer of that name by design; null: it lacks none.
  bool (*is_left_out)(const ModelConfig& index, const std::string& name);
  /// Throws Error (bad_data) where a single file lacks what no checkpoint of the family does and what is not given
  /// either.
  void (*check_checkpoint)(const SafetensorsFile& file, const ComponentOverrides& overrides);
  /// Fills in what the files do not say before they are checked; null: nothing.
  void (*complete)(ModelLayout& model);
};

}  // namespace calotype::networks
