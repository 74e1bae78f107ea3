#include "engine/progress_monitor.h"

#include <calotype/error.h>
#include <calotype/image_tensor.h>

#include <algorithm>

#include "base/error_boundary.h"
#include "device/cpu_block_allocator.h"
#include "device/device.h"
#include "engine/cancellation.h"
#include "engine/returned.h"

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
  WatchedDenoiser(std::unique_ptr<Denoiser> inner, const at::Device& device, const EntryInfo& loader,
                  ProgressMonitor& watch)
      : inner_(std::move(inner)), device_(device), loader_(loader), watch_(watch) {}
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    at::Tensor out;
    watch_.call(device_, [&] { out = in_plugin(loader_, [&] { return inner_->denoise(x, sigma); }); });
    Returned(loader_, "denoise").tensor(out, x.sizes(), x.device());
    watch_.preview(out);
    return out;
  }
  Guided denoise_guided(const at::Tensor& x, double sigma) override {
    Guided out;
    watch_.call(device_, [&] { out = in_plugin(loader_, [&] { return inner_->denoise_guided(x, sigma); }); });
    for (const at::Tensor* one : {&out.denoised, &out.unconditional})
      Returned(loader_, "denoise_guided").tensor(*one, x.sizes(), x.device());
    watch_.preview(out.denoised);
    return out;
  }

 private:
  std::unique_ptr<Denoiser> inner_;
  at::Device device_;
  const EntryInfo& loader_;
  ProgressMonitor& watch_;
};

class WatchedModel final : public Model {
 public:
  WatchedModel(Model& inner, const EntryInfo& loader, const Origin& origin, ProgressMonitor& watch)
      : inner_(inner), loader_(loader), origin_(origin), watch_(watch) {}
  at::Device device() const override { return inner_.device(); }
  ModelSigmas training_sigmas() const override {
    const ModelSigmas out = in_plugin(loader_, [&] { return inner_.training_sigmas(); });
    Returned(loader_, "training_sigmas").rising(out.sigmas());
    return out;
  }
  std::vector<int64_t> latents_shape(int width, int height) const override {
    const std::vector<int64_t> out = in_plugin(loader_, [&] { return inner_.latents_shape(width, height); });
    const bool is_shape =
        out.size() == kLatentDimensions && out[0] == 1 && *std::min_element(out.begin(), out.end()) > 0;
    if (!is_shape)
      Returned(loader_, "latents_shape")
          .fail("4 numbers above 0, the first of them 1",
                std::to_string(out.size()) + (out.size() == kLatentDimensions ? " others" : ""));
    return out;
  }
  int64_t input_channels() const override { return inner_.input_channels(); }
  std::unique_ptr<Denoiser> condition(const Request& request, const DenoiserUse& use,
                                      const at::Tensor& extra) override {
    std::unique_ptr<Denoiser> out;
    watch_.phase(Phase::encode, device(),
                 [&] { out = in_plugin(loader_, [&] { return inner_.condition(request, use, extra); }); });
    out = Returned(loader_, "condition").there(std::move(out), "a denoiser");
    return std::make_unique<WatchedDenoiser>(std::move(out), device(), loader_, watch_);
  }
  at::Tensor encode(const at::Tensor& images, const at::Tensor& noise) override {
    at::Tensor out;
    watch_.phase(Phase::encode, device(),
                 [&] { out = in_plugin(loader_, [&] { return inner_.encode(images, noise); }); });
    Returned(loader_, "encode").tensor(out, noise.sizes(), device());
    if (!is_finite(out)) fail_without_numbers(loader_, "encoded image holds", origin_);
    return out;
  }
  at::Tensor decode(const at::Tensor& latents) override {
    at::Tensor out;
    watch_.phase(Phase::decode, device(), [&] { out = in_plugin(loader_, [&] { return inner_.decode(latents); }); });
    const Returned decoded(loader_, "decode");
    decoded.images(out, latents.size(0), device());
    if (!is_of_size(latents, int(out.size(3)), int(out.size(2))))
      decoded.fail("images of the size of their latents",
                   std::to_string(out.size(3)) + "x" + std::to_string(out.size(2)));
    return out;
  }

 private:
  static constexpr size_t kLatentDimensions = 4;
  /// Whether they are those of images so large.
  bool is_of_size(const at::Tensor& latents, int width, int height) const try {
    return latents.sizes().slice(1) == at::IntArrayRef(latents_shape(width, height)).slice(1);
  } catch (const Error&) {  // it generates no images of that size
    return false;
  }
  Model& inner_;
  const EntryInfo& loader_;
  const Origin& origin_;
  ProgressMonitor& watch_;
};

}  // namespace

void ProgressMonitor::phase(Phase phase, const at::Device& device, const std::function<void()>& body) {
  check_stop();
  progress_.phase = phase;
  report();
  const bool of_model = phase == Phase::load || phase == Phase::encode || phase == Phase::decode;
  statistics_.seconds[size_t(phase)] +=
      of_model ? in_plugin(loader_, [&] { return seconds_of(device, body); }) : seconds_of(device, body);
  see_memory();
  // sampling and decoding take over each other's memory, from image to image
  if (phase == Phase::load || phase == Phase::encode) release_blocks();
  if (phase == Phase::load) check_stop();  // nothing may come after it that would
}

void ProgressMonitor::sampling(Progress start, bool again, const at::Device& device,
                               const std::function<void()>& body) {
  if (!again) progress_ = start, image_seconds_ = 0;
  phase(Phase::sample, device, body);
}

void ProgressMonitor::call(const at::Device& device, const std::function<void()>& body) {
  if (between_calls_) between_calls_();
  check_stop();
  image_seconds_ += in_plugin(loader_, [&] { return seconds_of(device, body); });
  see_memory();
  ++statistics_.model_evaluations;
  ++progress_.call;
  progress_.seconds_per_call = image_seconds_ / progress_.call;
  report();
}

void ProgressMonitor::see_memory() {
  statistics_.process_peak_bytes = std::max(statistics_.process_peak_bytes, resident_memory());
}

void ProgressMonitor::check_stop() const {
  check_cancelled(options_.stop);
}

void ProgressMonitor::report() {
  if (options_.progress) at_border("progress callback", [&] { options_.progress(progress_); });
}

void ProgressMonitor::preview(const at::Tensor& denoised) const {
  if (!options_.preview || options_.preview_every < 1 || progress_.call % options_.preview_every != 0) return;
  const at::Tensor shown = in_plugin(loader_, [&] { return shown_by_->preview(denoised.slice(0, 0, 1)); });
  if (!shown.defined()) return;
  Returned(loader_, "preview").images(shown, 1, denoised.device());
  const Preview preview{to_image(shown), progress_};
  at_border("preview callback", [&] { options_.preview(preview); });
}

std::unique_ptr<Model> watched(Model& model, const EntryInfo& loader, const Origin& origin, ProgressMonitor& watch) {
  return std::make_unique<WatchedModel>(model, loader, origin, watch);
}

}  // namespace calotype
