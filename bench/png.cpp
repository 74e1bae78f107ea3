// What writing an image costs: prints {"png_seconds": the best of several runs, "bytes": size} for 1024 x 1024 pixels
// like a photograph's, smooth shades with a decoder's noise.
//
//   bench_png [RUNS]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "image/png_metadata.h"

int main(int count, char** words) {
  using namespace calotype;
  const int runs = count > 1 ? std::atoi(words[1]) : 5, side = 1024;
  Image image{side, side, {}};
  std::mt19937 generator(1);
  std::normal_distribution<double> noise(0, 2);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double grain = noise(generator);  // most of it is of all colours
      for (const double phase : {0.0, 0.4, 0.9}) {
        const double shade = 128 + 70 * std::sin(x / 190.0 + phase) * std::cos(y / 140.0) +
                             30 * std::sin((x + 2 * y) / 31.0 + 3 * phase);
        image.rgb.push_back(uint8_t(std::clamp(shade + grain + noise(generator) / 3, 0.0, 255.0)));
      }
    }
  double best = 1e9;
  size_t bytes = 0;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    bytes = encode_png(image, {}).size();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("{\"png_seconds\": %.4f, \"bytes\": %zu}\n", best, bytes);
}
