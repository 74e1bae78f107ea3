#include "networks/model/checked_model.h"

#include <utility>

#include "networks/files/mapped_reads.h"

namespace calotype::networks {
namespace {

class CheckedDenoiser final : public Denoiser {
 public:
  explicit CheckedDenoiser(std::unique_ptr<Denoiser> inner) : inner_(std::move(inner)) {}
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    const MappedReads reads;
    return inner_->denoise(x, sigma);
  }
  Guided denoise_guided(const at::Tensor& x, double sigma) override {
    const MappedReads reads;
    return inner_->denoise_guided(x, sigma);
  }

 private:
  std::unique_ptr<Denoiser> inner_;
};

class CheckedModel final : public Model {
 public:
  CheckedModel(std::unique_ptr<Model> inner, std::vector<std::shared_ptr<const SafetensorsFile>> files)
      : inner_(std::move(inner)), files_(std::move(files)) {
    check();
  }
  at::Device device() const override { return inner_->device(); }
  ModelSigmas training_sigmas() const override { return inner_->training_sigmas(); }
  std::vector<int64_t> latents_shape(int width, int height) const override {
    return inner_->latents_shape(width, height);
  }
  int64_t input_channels() const override { return inner_->input_channels(); }
  std::unique_ptr<Denoiser> condition(const Request& request, const DenoiserUse& use,
                                      const at::Tensor& extra) override {
    const MappedReads reads;
    return std::make_unique<CheckedDenoiser>(inner_->condition(request, use, extra));
  }
  at::Tensor encode(const at::Tensor& images, const at::Tensor& noise) override {
    const MappedReads reads;
    return inner_->encode(images, noise);
  }
  at::Tensor decode(const at::Tensor& latents) override {
    const MappedReads reads;
    at::Tensor out;
    try {
      out = inner_->decode(latents);
    } catch (const std::exception&) {
      check();
      throw;
    }
    check();
    return out;
  }
  at::Tensor preview(const at::Tensor& latents) override {
    const MappedReads reads;
    return inner_->preview(latents);
  }
  std::vector<std::string> take_warnings() override { return inner_->take_warnings(); }

 private:
  void check() const {
    for (const auto& file : files_) file->check_unchanged();
  }
  std::unique_ptr<Model> inner_;
  std::vector<std::shared_ptr<const SafetensorsFile>> files_;
};

}  // namespace

std::unique_ptr<Model> checked(std::unique_ptr<Model> model,
                               std::vector<std::shared_ptr<const SafetensorsFile>> files) {
  return std::make_unique<CheckedModel>(std::move(model), std::move(files));
}

}  // namespace calotype::networks
