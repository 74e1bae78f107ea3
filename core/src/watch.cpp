#include "watch.h"

#include <calotype/error.h>

#include "device.h"

namespace calotype {
namespace {

double seconds_of(const at::Device& device, const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  synchronize(device);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class WatchedDenoiser final : public Denoiser {
 public:
  WatchedDenoiser(std::unique_ptr<Denoiser> inner, const at::Device& device, Watch& watch)
      : inner_(std::move(inner)), device_(device), watch_(watch) {}
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    at::Tensor out;
    watch_.call(device_, [&] { out = inner_->denoise(x, sigma); });
    return out;
  }

 private:
  std::unique_ptr<Denoiser> inner_;
  at::Device device_;
  Watch& watch_;
};

class WatchedModel final : public Model {
 public:
  WatchedModel(Model& inner, Watch& watch) : inner_(inner), watch_(watch) {}
  at::Device device() const override { return inner_.device(); }
  NoiseLevels noise_levels() const override { return inner_.noise_levels(); }
  std::vector<int64_t> latents_shape(int width, int height) const override { return inner_.latents_shape(width, height); }
  std::unique_ptr<Denoiser> condition(const Request& request) override {
    std::unique_ptr<Denoiser> out;
    watch_.phase(Phase::encode, device(), [&] { out = inner_.condition(request); });
    return watched(std::move(out), device(), watch_);
  }
  at::Tensor decode(const at::Tensor& latents) override {
    at::Tensor out;
    watch_.phase(Phase::decode, device(), [&] { out = inner_.decode(latents); });
    return out;
  }

 private:
  Model& inner_;
  Watch& watch_;
};

}  // namespace

void Watch::phase(Phase phase, const at::Device& device, const std::function<void()>& body) {
  check_stop();
  progress_.phase = phase;
  report();
  statistics_.seconds[size_t(phase)] += seconds_of(device, body);
}

void Watch::sampling(int image, int images, int calls, const at::Device& device, const std::function<void()>& body) {
  progress_ = {Phase::sample, image, images, 0, calls, 0};
  image_seconds_ = 0;
  phase(Phase::sample, device, body);
}

void Watch::call(const at::Device& device, const std::function<void()>& body) {
  check_stop();
  image_seconds_ += seconds_of(device, body);
  ++statistics_.model_calls;
  ++progress_.call;
  progress_.seconds_per_call = image_seconds_ / progress_.call;
  report();
}

void Watch::check_stop() const {
  if (options_.stop.stop_requested()) throw Error(ErrorCode::cancelled, "cancelled");
}

void Watch::report() {
  if (options_.progress) options_.progress(progress_);
}

std::unique_ptr<Model> watched(Model& model, Watch& watch) { return std::make_unique<WatchedModel>(model, watch); }

std::unique_ptr<Denoiser> watched(std::unique_ptr<Denoiser> denoiser, const at::Device& device, Watch& watch) {
  return std::make_unique<WatchedDenoiser>(std::move(denoiser), device, watch);
}

}  // namespace calotype
