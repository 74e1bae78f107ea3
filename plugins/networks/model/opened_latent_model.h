#pragma once
#include <calotype/model_loader.h>

#include <memory>
#include <span>
#include <string>

#include "networks/layouts/model_layout.h"
#include "networks/model/latent_model.h"

namespace calotype::networks {

/// What a text encoder is to the models of a family.
struct TextEncoderRole {
  ComponentId id;
  const char* pad_token;   ///< where no tokenizer says it
  const char* activation;  ///< where no config says it
  HiddenStates read;
  bool is_second = false;     ///< whether it reads a request's second texts
  bool gives_pooled = false;  ///< whether the UNet reads what is pooled of it
};

/// How the models of a family are conditioned. Constant; lives as long as the process.
struct FamilyConditioning {
  std::span<const TextEncoderRole> text_encoders;  ///< in the order in which their tokens stand side by side
  SizesOf sizes = nullptr;                         ///< null: the UNet reads none
  const LatentColors* colors = nullptr;            ///< of the channels of latents, for previews; null: none
  /// Throws Error (config) for a request that such a model cannot follow; null: it follows all.
  void (*check)(const Request& request) = nullptr;
};

/// A model that was read from its files, checked and overruled by the settings, which are read during the call alone.
/// `family` and `usage` are those of its description.
std::unique_ptr<OpenedModel> opened(ModelLayout found, const Settings& settings, const FamilyConditioning& conditioning,
                                    const std::string& family, const std::string& usage);

}  // namespace calotype::networks
