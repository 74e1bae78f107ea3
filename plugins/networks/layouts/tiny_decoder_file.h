#pragma once
#include <memory>
#include <string>
#include <vector>

#include "networks/files/safetensors.h"
#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// A tiny decoder as its files describe it: no weight is read.
struct FoundTinyDecoder {
  std::string path;
  std::vector<std::shared_ptr<const SafetensorsFile>> files;  ///< what the sources point into
  TensorSources sources;  ///< under TAESD's numbers: "1.weight", "3.conv.0.weight"; empty: there is none
};

/// Reads TAESD's decoder, alone or with its encoder: a file with TAESD's own names ("1.weight", as in taesdxl_decoder,
/// or after "decoder." or "taesd_decoder.") or those of diffusers' AutoencoderTiny ("decoder.layers.0.weight"), or a
/// folder that diffusers wrote. Throws Error (no_input, bad_data); a file that is something else is refused by what it
/// is.
FoundTinyDecoder find_tiny_decoder(const std::string& path);

}  // namespace calotype::networks
