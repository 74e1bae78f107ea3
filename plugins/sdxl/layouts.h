#pragma once
#include <string>

#include "networks/layouts/component_overrides.h"
#include "networks/layouts/model_layout.h"

namespace calotype::sdxl {

/// What SDXL's files are like.
const networks::Family& family();

/// SDXL from a folder that diffusers wrote: networks::read_diffusers_folder.
networks::ModelLayout find_diffusers_folder(const std::string& path, const std::string& variant,
                                            const networks::ComponentOverrides& overrides = {});

/// SDXL from one file: networks::read_single_file.
networks::ModelLayout find_single_file(const std::string& path, const networks::ComponentOverrides& overrides = {});

}  // namespace calotype::sdxl
