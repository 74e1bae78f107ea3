#pragma once
// Libraries with bytes changed.
#include <calotype/abi.h>
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace changed_library_test {

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// `note`: where the descriptor of the first of our notes begins.
using Change = std::function<void(std::string& bytes, size_t note)>;

inline void write_changed(const std::filesystem::path& file, const std::string& library, const Change& change) {
  std::string bytes = bytes_of(library);
  const size_t note = bytes.find("CALO");
  REQUIRE(note != std::string::npos);
  change(bytes, note);
  std::ofstream(file, std::ios::binary) << bytes;
}

inline void put(std::string& bytes, size_t at, uint32_t value) {
  std::memcpy(&bytes[at], &value, sizeof value);
}

/// `to` is as long as `from`.
inline void replace(std::string& bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  const size_t at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  bytes.replace(at, from.size(), to);
}

/// Puts another JSON in the place of the first note's, with spaces up to the old one's size.
inline Change with_json(const std::string& json) {
  return [json](std::string& bytes, size_t note) {
    calotype_note_header h{};
    std::memcpy(&h, &bytes[note], sizeof h);
    REQUIRE(json.size() <= h.json_size);
    bytes.replace(note + h.header_size, h.json_size, json + std::string(h.json_size - json.size(), ' '));
  };
}

}  // namespace changed_library_test
