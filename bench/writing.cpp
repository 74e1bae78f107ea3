// What writing files costs a run of many images: prints seconds of an image where its file is written while the next
// is generated, as a run does, and where generating waits for it, the best of several runs of each in turn.
//
//   bench_writing FOLDER [IMAGES] [SIDE] [STEPS]
#include <calotype/host/encode.h>
#include <calotype/host/host.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/file.h"

namespace {

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** words) {
  using namespace calotype;
  if (count < 2) return std::puts("bench_writing FOLDER [IMAGES] [SIDE] [STEPS]"), 64;
  const auto number = [&](int at, int otherwise) { return count > at ? std::atoi(words[at]) : otherwise; };
  GenerateRequest request;
  request.model = CALOTYPE_SOURCE "/configs/demo_model/demo.safetensors";
  request.prompt = "a red circle on a white background";
  request.images = number(2, 40);
  request.width = request.height = number(3, 128);
  request.steps = number(4, 4);
  request.output = std::string(words[1]) + "/{seed}.png";
  Host host;
  const auto config = host.resolve(request);
  host.load(config);
  double beside = 1e9, waiting = 1e9, without = 1e9, waited = 0;
  for (int run = 0; run < 5; ++run) {
    const auto result_of = [&](bool writes, std::function<void(const GeneratedImage&)> finished) {
      RunOptions options;
      options.write_files = writes;
      options.keep_pixels = false;
      options.finished = std::move(finished);
      return host.run(config, options).statistics;
    };
    beside = std::min(beside, seconds_of([&] { waited = result_of(true, {}).seconds[size_t(Phase::write)]; }));
    waiting = std::min(waiting, seconds_of([&] {
                         result_of(false, [&](const GeneratedImage& p) {
                           write_file(std::string(words[1]) + "/" + std::to_string(p.seed) + ".png", to_png(p));
                         });
                       }));
    without = std::min(without, seconds_of([&] { result_of(false, {}); }));
  }
  const double n = request.images;
  std::printf(
      "{\"beside_seconds\": %.5f, \"waiting_seconds\": %.5f, \"without_seconds\": %.5f, \"waited_seconds\": %.5f}\n",
      beside / n, waiting / n, without / n, waited / n);
}
