// A model family of its own, as small as one can be: its file holds a colour, and its model generates that and nothing
// else. Put networks in the place of `Colour` and the reading of their weights in the place of `read`.
#include <ATen/ops/from_blob.h>
#include <ATen/ops/repeat_interleave.h>
#include <calotype/model_loader.h>

#include <array>
#include <fstream>

namespace {
using namespace calotype;

/// Red, green, blue, 0 to 1, and a fourth channel that is not shown.
using Numbers = std::array<float, 4>;

Numbers read(const std::string& path) {
  Numbers out{};
  std::ifstream in(path);
  if (!(in >> out[0] >> out[1] >> out[2]))
    throw Error(ErrorCode::bad_data, path + ": want three numbers, red, green and blue");
  for (const float v : out)
    if (!(v >= 0 && v <= 1))
      throw Error(ErrorCode::bad_data, path + ": want numbers from 0 to 1, got " + std::to_string(v));
  return out;
}

/// The sigmas that it was trained on, rising.
std::vector<double> levels() {
  std::vector<double> out;
  for (int t = 1; t <= 1000; ++t) out.push_back(0.0146 * t);
  return out;
}

/// Guidance, conditioning and prediction type end here: clean latents from noisy ones.
class ColourDenoiser final : public Denoiser {
 public:
  explicit ColourDenoiser(at::Tensor colour) : colour_(std::move(colour)) {}
  at::Tensor denoise(const at::Tensor& x, double) override { return colour_.expand_as(x).contiguous(); }

 private:
  const at::Tensor colour_;  // [1,4,1,1]
};

class Colour final : public Model {
 public:
  Colour(Numbers numbers, at::Device device)
      : colour_(at::from_blob(numbers.data(), {1, 4, 1, 1}, at::kFloat).clone().to(device)), levels_(levels()) {}
  at::Device device() const override { return colour_.device(); }
  ModelSigmas training_sigmas() const override { return ModelSigmas(levels_); }
  std::vector<int64_t> latents_shape(int width, int height) const override { return {1, 4, height / 8, width / 8}; }
  int64_t input_channels() const override { return 4; }
  std::unique_ptr<Denoiser> condition(const Request&, const DenoiserUse&, const at::Tensor&) override {
    return std::make_unique<ColourDenoiser>(colour_);
  }
  at::Tensor encode(const at::Tensor&, const at::Tensor&) override {
    throw Error(ErrorCode::config, "image: @name@ cannot begin with an image");
  }
  at::Tensor decode(const at::Tensor& latents) override {
    return latents.narrow(1, 0, 3).repeat_interleave(8, 2).repeat_interleave(8, 3).clamp(0, 1);
  }

 private:
  const at::Tensor colour_;
  const std::vector<double> levels_;
};

constexpr Info kInfo{.id = "@name@", .summary = "Generates the colour that its file holds", .accepts = {".@name@"}};

/// What was read of a file, and the model in it.
class OpenedColour final : public OpenedModel {
 public:
  explicit OpenedColour(const std::string& path) : numbers_(read(path)) {}
  const ModelDescription& description() const override { return description_; }
  std::unique_ptr<Model> load(const LoadOptions& options) override {
    return std::make_unique<Colour>(numbers_, options.device);
  }

 private:
  const Numbers numbers_;
  const ModelDescription description_{.family = "@name@",
                                      .layout = "single file",
                                      .prediction = "clean",
                                      .training_sigmas = levels(),
                                      .width = 128,
                                      .height = 128,
                                      .components = {},
                                      .usage = ""};
};

class Loader final : public ModelLoader {
 public:
  std::unique_ptr<OpenedModel> open(const ModelSource& source) const override {
    return std::make_unique<OpenedColour>(source.path);
  }
};
}  // namespace

CALOTYPE_LOADER_ENTRY(kInfo, Loader);
