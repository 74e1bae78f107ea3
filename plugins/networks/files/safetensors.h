#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace calotype::networks {

/// One tensor of a file, where it lies in the mapped memory.
struct StoredTensor {
  std::string dtype;  ///< as the format spells it: "F32", "F16", "BF16", "I64", ...
  std::vector<int64_t> shape;
  std::span<const std::byte> data;  ///< valid while the SafetensorsFile lives
};

struct MappedFile;

/// A .safetensors file, mapped and wholly checked: header, types, sizes, no overlap, no hole, no duplicate.
class SafetensorsFile {
 public:
  /// Throws Error (no_input, bad_data) as `file: rule that is broken: want ..., got ...`.
  explicit SafetensorsFile(const std::string& path);

  const std::string& path() const { return path_; }
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Throws Error (io) where the file was written to, cut, or could not be read since it was opened. One that was
  /// replaced, and so is here as it was, has not changed.
  void check_unchanged() const;
  /// Reads all of it into memory, in the place of the mapping: from then on nothing is read from the file, and it
  /// cannot change here. Throws Error (io, out_of_memory).
  void read_whole() const;
  uint64_t size() const { return size_; }
  /// Takes the pages of `data` out of this process' memory, where `data` lies in this file: they stay in the system's
  /// cache, and reading them again gives them back.
  void release(std::span<const std::byte> data) const;

 private:
  std::string path_;
  std::shared_ptr<MappedFile> file_;
  uint64_t size_ = 0;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace calotype::networks
