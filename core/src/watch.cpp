#include "watch.h"

#include <calotype/error.h>
#include <calotype/image_tensor.h>

#include "block_memory.h"
#include "border.h"
#include "device.h"
#include "preview.h"

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
    watch_.preview(out);
    return out;
  }
  Guided denoise_guided(const at::Tensor& x, double sigma) override {
    Guided out;
    watch_.call(device_, [&] { out = inner_->denoise_guided(x, sigma); });
    watch_.preview(out.denoised);
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
  int64_t input_channels() const override { return inner_.input_channels(); }
  std::unique_ptr<Denoiser> condition(const Request& request, const at::Tensor& extra) override {
    std::unique_ptr<Denoiser> out;
    watch_.phase(Phase::encode, device(), [&] { out = inner_.condition(request, extra); });
    return watched(std::move(out), device(), watch_);
  }
  at::Tensor encode(const at::Tensor& pictures, const at::Tensor& noise) override {
    at::Tensor out;
    watch_.phase(Phase::encode, device(), [&] { out = inner_.encode(pictures, noise); });
    return out;
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
  const bool of_model = phase == Phase::load || phase == Phase::encode || phase == Phase::decode;
  statistics_.seconds[size_t(phase)] += of_model ? in_plugin(loader_, [&] { return seconds_of(device, body); }) : seconds_of(device, body);
  // drawing and decoding take over each other's memory, from picture to picture
  if (phase == Phase::load || phase == Phase::encode) release_blocks();
}

void Watch::sampling(Progress start, bool again, const at::Device& device, const std::function<void()>& body) {
  if (!again) progress_ = start, image_seconds_ = 0;
  phase(Phase::sample, device, body);
}

void Watch::call(const at::Device& device, const std::function<void()>& body) {
  if (between_calls_) between_calls_();
  check_stop();
  image_seconds_ += in_plugin(loader_, [&] { return seconds_of(device, body); });
  ++statistics_.model_calls;
  ++progress_.call;
  progress_.seconds_per_call = image_seconds_ / progress_.call;
  report();
}

void Watch::check_stop() const {
  if (options_.stop.stop_requested()) throw Error(ErrorCode::cancelled, "cancelled");
}

void Watch::report() {
  if (options_.progress) at_border("progress callback", [&] { options_.progress(progress_); });
}

void Watch::preview(const at::Tensor& denoised) const {
  if (!options_.preview || options_.preview_every < 1 || progress_.call % options_.preview_every != 0) return;
  const at::Tensor drawn = in_plugin(loader_, [&] { return shown_by_->preview(denoised.slice(0, 0, 1)); });
  const Preview preview{drawn.defined() ? to_image(drawn) : preview_of(denoised), progress_};
  if (preview.image.rgb.empty()) return;
  at_border("preview callback", [&] { options_.preview(preview); });
}

std::unique_ptr<Model> watched(Model& model, Watch& watch) { return std::make_unique<WatchedModel>(model, watch); }

std::unique_ptr<Denoiser> watched(std::unique_ptr<Denoiser> denoiser, const at::Device& device, Watch& watch) {
  return std::make_unique<WatchedDenoiser>(std::move(denoiser), device, watch);
}

}  // namespace calotype
