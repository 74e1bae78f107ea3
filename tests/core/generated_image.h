#pragma once
#include <calotype/host/host.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "networks/files/safetensors.h"

inline std::vector<float> floats(const calotype::networks::StoredTensor& t) {
  std::vector<float> out(t.data.size() / sizeof(float));
  std::memcpy(out.data(), t.data.data(), t.data.size());
  return out;
}

struct Generated {
  std::vector<float> latents;
  calotype::Image image;
  std::string device;              ///< that it was generated on: "cuda:0"
  uint64_t device_peak_bytes = 0;  ///< of memory on that device; 0 on the CPU
};

/// The image that a config asks for, and its latents, by way of a folder that is gone afterwards.
/// `config`: from the overrides to what is run.
template <class MakeConfig>
Generated generate_config(calotype::Host& host, MakeConfig config, std::vector<std::string> overrides) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("calotype_generated_" + std::to_string(getpid()));
  overrides.push_back("output.path=" + (folder / "image.png").string());
  overrides.push_back("output.latents=" + (folder / "latents.safetensors").string());
  calotype::Result result = host.run(host.resolve(config(overrides)));
  Generated out{floats(calotype::networks::SafetensorsFile(result.latents_path).tensors().at("latents")),
                std::move(result.pictures.at(0).image), result.device, result.statistics.device_peak_bytes};
  fs::remove_all(folder);
  return out;
}

/// Largest difference in units of the reference's standard deviation.
inline double latents_error(const std::vector<float>& got, const std::vector<float>& want) {
  REQUIRE(got.size() == want.size());
  double sum = 0, squares = 0, worst = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    sum += want[i], squares += double(want[i]) * want[i];
    worst = std::max(worst, double(std::abs(got[i] - want[i])));
  }
  const double n = double(want.size());
  return worst / std::sqrt(squares / n - sum * sum / n / n);
}

/// `planes` is [1,3,H,W].
inline double psnr(const calotype::Image& image, std::span<const std::byte> planes) {
  REQUIRE(planes.size() == image.rgb.size());
  const size_t pixels = image.rgb.size() / 3;
  double squares = 0;
  for (size_t p = 0; p < pixels; ++p)
    for (size_t c = 0; c < 3; ++c) {
      const double d = double(image.rgb[p * 3 + c]) - double(planes[c * pixels + p]);
      squares += d * d;
    }
  return squares == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * double(image.rgb.size()) / squares);
}
