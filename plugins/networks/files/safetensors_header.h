#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace calotype::networks {

/// One tensor as the header of a .safetensors file declares it. Nothing is known yet to fit the file.
struct TensorEntry {
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  ///< bytes, from the end of the header
  uint64_t size = 0;            ///< bytes that dtype and shape ask for
};

/// The header of a .safetensors file.
struct SafetensorsHeader {
  std::map<std::string, TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
};

/// Parses and checks the JSON text: UTF-8, one object, no key twice, known types, unsigned shapes and offsets, sizes
/// that do not overflow. At most 100,000 tensors of rank 8 with names of 1 KiB. `where` begins every error. Throws
/// Error (bad_data) as `where: what: want ..., got ...`.
SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where);

}  // namespace calotype::networks
