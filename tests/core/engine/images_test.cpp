// Images from images, on the tiny model with random weights: what of them is kept, what is drawn anew, and what
// diffusers draws.
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "core/drawn.h"
#include "family_models.h"
#include "networks/files/safetensors_header.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kData = CALOTYPE_TEST_DATA, kModel = kData + "/tiny_sdxl/single_file.safetensors";
const std::string kImage = kData + "/goldens/init.png", kMask = kData + "/goldens/mask.png";

std::string config(const std::string& more) {
  return "model: " + kModel +
         "\ndevice: cpu\ndtype: float32\nprompt: a red cat sitting on a wooden chair, 4k\n"
         "negative_prompt: blurry, low quality\nseed: 1234\nscheduler: {id: euler, spacing: leading}\nsampler: "
         "euler\n" +
         more;
}
std::string from_image(const std::string& more) {
  return config("pipeline: image_to_image\nimage: " + kImage + "\n" + more);
}
std::string inpainted(const std::string& more) {
  return config("pipeline: inpaint\nimage: " + kImage + "\nmask: " + kMask + "\n" + more);
}

std::vector<float> latents(Host& host, const std::string& text) {
  return draw_config(host, [&](const auto& overrides) { return Config::from_text(text, "a", overrides); }, {}).latents;
}

Result drawn(Host& host, const std::string& text) {
  RunOptions options;
  options.write_files = false;
  return host.run(host.resolve(Config::from_text(text, "a")), options);
}

std::string error_of(Host& host, const std::string& text) {
  try {
    host.plan(host.resolve(Config::from_text(text, "a")));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// Of the goldens that make_denoising.py wrote.
double error_against(const std::string& golden, const std::vector<float>& got) {
  const networks::SafetensorsFile file(kData + "/images/denoising/latents.safetensors");
  const double error = latents_error(got, floats(file.tensors().at(golden)));
  MESSAGE(golden << ": latents " << error << " of their standard deviation");
  return error;
}

/// A copy of the tiny model in which a tensor's first value is no number.
std::string with_nan(const std::string& tensor) {
  std::ifstream in(kModel, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  const auto header = networks::parse_safetensors_header(std::string_view(bytes).substr(8, length), "tiny");
  const auto& stored = header.tensors.at(tensor);
  const size_t width = stored.size / size_t(stored.shape.at(0));
  std::memset(bytes.data() + 8 + length + stored.begin, 0xff, width);
  const std::string path = fs::temp_directory_path() / ("calotype_nan_" + std::to_string(getpid()) + ".safetensors");
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

const std::string kSize = "width: 128\nheight: 96\nsteps: 10\n";

}  // namespace

TEST_CASE("images: denoising_end leaves diffusers' latents, and a refiner ends the walk as its denoising_start does") {
  Host host;
  CHECK(error_against("euler.base", latents(host, config(kSize + "denoising_end: 0.8\n"))) <= 1e-3);
  CHECK(error_against("euler.refined", latents(host, config(kSize + "refiner: {model: " + kModel + "}\n"))) <= 1e-3);
}

TEST_CASE(
    "images: a refiner that begins after 8 of 10 steps is the one that begins at 0.8 of the training, where the "
    "steps are even") {
  Host host;
  CHECK(latents(host, config(kSize + "refiner: {model: " + kModel + ", start_step: 8}\n")) ==
        latents(host, config(kSize + "refiner: {model: " + kModel + ", start: 0.8}\n")));
}

TEST_CASE("images: the same with a multistep sampler, which begins anew") {
  Host host;
  std::string text = config(kSize);
  text.replace(text.find("{id: euler, spacing: leading}\nsampler: euler"), 44,
               "{id: dpm_pp_2m, spacing: leading_dpm}\nsampler: dpmpp_2m");
  std::vector<float> left = latents(host, text + "denoising_end: 0.8\n");
  const double sigma = host.plan(host.resolve(Config::from_text(text + "denoising_end: 0.8\n", "a"))).sigmas.back();
  for (float& value : left) value /= float(std::sqrt(sigma * sigma + 1));  // as its DPM-Solver holds them
  CHECK(error_against("dpmpp_2m.base", left) <= 1e-3);
  CHECK(error_against("dpmpp_2m.refined", latents(host, text + "refiner: {model: " + kModel + ", start: 0.8}\n")) <=
        1e-3);
}

TEST_CASE("images: a variation of strength 1 is the image of the other seed, whatever draws noise for it") {
  Host host;
  const std::string whole = "variation_seed: 99\nvariation_strength: 1\n";
  const auto of_seed = [&](std::string text) {
    return latents(host, text.replace(text.find("seed: 1234"), 10, "seed: 99"));
  };
  for (const std::string& text :
       {config(kSize), config(kSize + "noise: philox\n"), from_image("steps: 6\n"), inpainted("steps: 6\n"),
        config("width: 64\nheight: 64\nsteps: 4\nhires: {scale: 2}\n")}) {
    CAPTURE(text);
    CHECK(latents(host, text + whole) == of_seed(text));
    CHECK(latents(host, text + "variation_seed: 99\nvariation_strength: 0\n") == latents(host, text));
  }
}

TEST_CASE("images: a little variation is near the image of the seed, and half of it is not") {
  Host host;
  const auto own = latents(host, config(kSize));
  const auto away = [&](const char* strength) {
    return latents_error(latents(host, config(kSize + "variation_seed: 99\nvariation_strength: " + strength + "\n")),
                         own);
  };
  CHECK(away("0.01") < 0.1);
  CHECK(away("0.5") > 0.3);
}

TEST_CASE("images: variations have one seed, their other seeds count up, and each is what it is alone") {
  Host host;
  const std::string some =
      config("width: 64\nheight: 64\nsteps: 3\nsampler: euler_ancestral\nvariation_strength: 0.3\n");
  std::string text = some;
  text.erase(text.find("sampler: euler\n"), 15);
  const Result three = drawn(host, text + "variation_seed: 7\nimages: 3\nbatch: 2\n");
  for (int k = 0; k < 3; ++k) {
    CAPTURE(k);
    const Result alone = drawn(host, text + "variation_seed: " + std::to_string(7 + k) + "\n");
    const GeneratedImage &got = three.pictures.at(size_t(k)), &want = alone.pictures.at(0);
    CHECK(got.seed == 1234);
    CHECK(got.image.rgb == want.image.rgb);
    CHECK(got.record == want.record);
    CHECK(got.parameters == want.parameters);
    CHECK(got.parameters.find(", Variation seed: " + std::to_string(7 + k) + ", Variation seed strength: 0.3, ") !=
          std::string::npos);
  }
}

TEST_CASE("images: denoising_start takes the image as one with noise, as diffusers does") {
  Host host;
  CHECK(error_against("picture_from_0.7", latents(host, from_image("steps: 10\ndenoising_start: 0.7\n"))) <= 1e-3);
}

TEST_CASE("images: an image of an odd size is rounded down as diffusers rounds it") {
  Host host;
  const std::string odd = kData + "/images/denoising/odd.png";
  CHECK(error_against("odd_size_0.5", latents(host, config("pipeline: img2img\nimage: " + odd +
                                                           "\nsteps: 6\nstrength: 0.5\n"))) <= 1e-3);
}

TEST_CASE("images: inpaint agrees with diffusers at other strengths, sizes and samplers") {
  Host host;
  const std::string other = "steps: 8\nwidth: 96\nheight: 128\nresize: stretch\n";
  CHECK(error_against("inpaint_0.45", latents(host, inpainted(other + "strength: 0.45\n"))) <= 1e-3);
  CHECK(error_against("inpaint_1.0", latents(host, inpainted(other + "strength: 1\n"))) <= 1e-3);
  std::string ancestral = inpainted("steps: 8\nstrength: 0.8\n");
  ancestral.replace(ancestral.find("{id: euler, spacing: leading}\nsampler: euler"), 44,
                    "{id: euler_a, spacing: leading}\nsampler: euler_ancestral");
  CHECK(error_against("inpaint_euler_a_0.8", latents(host, ancestral)) <= 1e-3);
}

TEST_CASE("images: a model of 9 input channels fills in what diffusers fills in, and does nothing else") {
  Host host;
  const FamilyModels models;
  const std::string model = models.folder("inpaint");
  for (const std::string strength : {"0.6", "1.0"}) {
    std::string text = inpainted("steps: 6\nstrength: " + strength + "\n");
    text.replace(text.find(kModel), kModel.size(), model);
    CHECK(error_against("inpaint_9_" + strength, latents(host, text)) <= 1e-3);
  }
  std::string text = config("width: 64\nheight: 64\nsteps: 2\n");
  text.replace(text.find(kModel), kModel.size(), model);
  CHECK_THROWS_WITH(drawn(host, text), "model: this one only fills in masked images; want pipeline: inpaint");
}

TEST_CASE("images: image k of many is the image of a run with seed + k, for every task") {
  Host host;
  for (const std::string& text : {from_image("steps: 3\n"), inpainted("steps: 3\n"),
                                  config("width: 64\nheight: 64\nsteps: 3\nhires: {scale: 1.5, strength: 0.7}\n")}) {
    const Result many = drawn(host, text + "images: 2\n");
    std::string second = text;
    second.replace(second.find("1234"), 4, "1235");
    const Result alone = drawn(host, second);
    CHECK(many.pictures[1].image.rgb == alone.pictures[0].image.rgb);
    CHECK(many.pictures[1].record == alone.pictures[0].record);
    CHECK(many.pictures[0].image.rgb != alone.pictures[0].image.rgb);
  }
}

TEST_CASE("images: those drawn at once are, to the bit, what each is alone") {
  Host host;
  const std::string small = "width: 64\nheight: 64\nsteps: 3\nimages: 3\nsampler: euler_ancestral\n";
  for (std::string text :
       {from_image(small),
        config(small + "guidance_rescale: 0.5\nhires: {scale: 1.5, strength: 0.7, upscale: lanczos}\n")}) {
    text.replace(text.find("sampler: euler\n"), 15, "");
    const Result alone = drawn(host, text), at_once = drawn(host, text + "batch: 2\n");
    REQUIRE(at_once.pictures.size() == 3);
    for (size_t k = 0; k < 3; ++k) {
      CHECK(at_once.pictures[k].image.rgb == alone.pictures[k].image.rgb);
      CHECK(at_once.pictures[k].record == alone.pictures[k].record);
    }
  }
  CHECK(error_of(host, inpainted("batch: 2\nimages: 2\n")) ==
        "batch: inpaint does not use it; want pipeline: text_to_image or image_to_image");
}

TEST_CASE("images: only_masked keeps every pixel outside of the mask, at the image's own size") {
  Host host;
  const Result result = drawn(host, inpainted("steps: 4\nonly_masked: true\nmask_padding: 8\nwidth: 96\nheight: 96\n"));
  const Image& image = result.pictures[0].image;
  const Image before = *host.plan(host.resolve(Config::from_text(inpainted("steps: 4\n"), "a"))).config.request.image;
  REQUIRE(image.width == before.width);
  REQUIRE(image.height == before.height);
  size_t changed = 0, changed_outside = 0;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const size_t at = (size_t(y) * size_t(image.width) + size_t(x)) * 3;
      if (std::memcmp(&image.rgb[at], &before.rgb[at], 3) == 0) continue;
      const bool is_masked = x >= 24 && x < 88 && y >= 16 && y < 64;  // as the golden's script drew it
      ++(is_masked ? changed : changed_outside);
    }
  CHECK(changed_outside == 0);
  CHECK(changed > 2000);
}

TEST_CASE("images: transparency is a mask where none is given") {
  Host host;
  const std::string rgba = kData + "/images/rgba.png";
  const std::string text = config("pipeline: inpaint\nimage: " + rgba + "\nsteps: 2\n");
  CHECK(error_of(host, text) == "");
  CHECK(error_of(host, config("pipeline: inpaint\nimage: " + kImage + "\nsteps: 2\n")) ==
        "mask: want one, or an image with transparent parts, got neither");
}

TEST_CASE("images: a second pass draws larger, from latents or from the image") {
  Host host;
  for (const std::string how : {"latent", "latent_nearest", "lanczos"}) {
    const std::string text =
        config("width: 64\nheight: 48\nsteps: 4\nhires: {scale: 1.5, steps: 6, strength: 0.5, upscale: " + how + "}\n");
    const Result result = drawn(host, text);
    CHECK(result.pictures[0].image.width == 96);
    CHECK(result.pictures[0].image.height == 72);
    CHECK(result.statistics.model_evaluations == 4 + 3);
    CHECK(host.plan(host.resolve(Config::from_text(text, "a"))).model_evaluations == 7);
  }
}

TEST_CASE("images: a record draws the same again, by path, by text, with a mask, a refiner and a second pass") {
  Host host;
  const std::string small = "width: 64\nheight: 64\nsteps: 4\n";
  for (const std::string& text : {from_image(small), from_image("steps: 2\nresize: pad\nwidth: 72\n"),
                                  inpainted(small + "only_masked: true\nmask_blur: 2\n"),
                                  config(small + "refiner: {model: " + kModel + ", start: 0.6}\nhires: {scale: 1.5}\n"),
                                  config(small + "denoising_end: 0.5\n")}) {
    const Result first = drawn(host, text);
    RunOptions options;
    options.write_files = false;
    const Result again = host.run(host.resolve(Config::from_json(first.pictures[0].record, "a.png")), options);
    CHECK(again.pictures[0].image.rgb == first.pictures[0].image.rgb);
    CHECK(again.pictures[0].record == first.pictures[0].record);
  }
}

TEST_CASE("images: progress counts the calls of all walks of an image") {
  Host host;
  std::vector<int> calls;
  RunOptions options;
  options.write_files = false;
  options.progress = [&](const Progress& p) {
    if (p.phase == Phase::sample && (calls.empty() || calls.back() != p.call)) calls.push_back(p.call);
    if (p.phase == Phase::sample) CHECK(p.calls == 6);
  };
  host.run(host.resolve(Config::from_text(config("width: 64\nheight: 64\nsteps: 4\nhires: {strength: 0.5}\n"), "a")),
           options);
  CHECK(calls == std::vector{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("images: weights that are no numbers are named in float32, and a wider type is advised where there is one") {
  Host host;
  for (const auto& [tensor, what] : {std::pair{"model.diffusion_model.out.2.bias", "latents hold"},
                                     std::pair{"first_stage_model.decoder.conv_out.bias", "decoded image holds"}}) {
    const std::string model = with_nan(tensor), small = "width: 64\nheight: 64\nsteps: 2\n";
    const std::string more =
        std::string(what) == "latents hold" ? ", smaller weights in the prompt, or lower guidance_scale" : "";
    std::string text = config(small);
    text.replace(text.find(kModel), kModel.size(), model);
    CHECK_THROWS_WITH(drawn(host, text),
                      ("loader \"single_file\" (sdxl.so): the " + std::string(what) +
                       " values that are no numbers, in float32 too; want weights that are numbers in " + model + more)
                          .c_str());
    text.replace(text.find("float32"), 7, "bfloat16");
    CHECK_THROWS_WITH(drawn(host, text), doctest::Contains("; want a wider type (dtype: bfloat16 or float32)"));
    fs::remove(model);
  }
}

TEST_CASE("images: what a task cannot do is an error before any weight is read") {
  Host host;
  const std::string image = "image: " + kImage + "\n", mask = "mask: " + kMask + "\n",
                    small = "width: 64\nheight: 64\n";
  const std::vector<std::pair<std::string, std::string>> rows{
      {config("pipeline: image_to_image\n"), "image: image_to_image wants an image to begin with, got none"},
      {config(image), "image: text_to_image does not use it; want pipeline: image_to_image or inpaint"},
      {from_image(mask), "mask: image_to_image does not use it; want pipeline: inpaint"},
      {from_image("hires: {scale: 2}\n"), "hires: image_to_image does not use it; want pipeline: text_to_image"},
      {inpainted("denoising_start: 0.5\n"), "denoising_start: inpaint does not use it; want pipeline: image_to_image"},
      {from_image("steps: 8\nstrength: 0.1\n"), "strength: want at least 1/8, so that one of 8 steps is run, got 0.1"},
      {from_image("strength: 0\n"), "strength: want at least 1/30, so that one of 30 steps is run, got 0.0"},
      {from_image("strength: 1.5\n"), "a:11:11: strength: want a number from 0 to 1, got \"1.5\""},
      {from_image("denoising_start: 0.5\nvariation_seed: 1\nvariation_strength: 0.5\n"),
       "variation_strength: want no denoising_start, with which no first noise is made; this would be ignored"},
      {config("strength: 0.5\n"), "a:9:11: strength: want image too, got none; this would be ignored"},
      {inpainted("mask_blur: 3\n"), "a:12:12: mask_blur: want only_masked too, got none; this would be ignored"},
      {config("image: https://example.com/a.png\n"),
       "a:9:8: image: want a path, base64 or a data URI, as images are not fetched, got "
       "\"https://example.com/a.png\""},
      {config("image: .\n"), "a:9:8: image: want a file, got the folder \"" + fs::current_path().string() + "\""},
      {config("image: no.png\n"), "a:9:8: image: no file \"" + (fs::current_path() / "no.png").string() + "\""},
      {config(image + "pipeline: inpaint\nmask: " + kData + "/images/rgb.png\n"),
       "mask: want the size of image, 128 x 96, got 30 x 20"},
      {config(small + "denoising_start: 0.5\n"),
       "denoising_start: text_to_image does not use it; want pipeline: image_to_image"},
      {config(small + "denoising_end: 0\n"), "denoising_end: want more than 0, got 0.0"},
      {from_image("denoising_start: 0.7\ndenoising_end: 0.5\n"),
       "denoising_start: want less than denoising_end, 0.5, got 0.7"},
      {config(small + "refiner: {model: ./nope}\n"),
       "a:11:18: refiner.model: no file or folder \"" + (fs::current_path() / "nope").string() + "\""},
      {config(small + "refiner: {model: {path: ./nope.safetensors}}\n"),
       "a:11:25: refiner.model: no file or folder \"" + (fs::current_path() / "nope.safetensors").string() + "\""},
      {config(small + "refiner: {model: {loader: single_file}}\n"), "a:11:18: refiner.model: missing key \"path\""},
      {config(small + "refiner: {model: " + kModel + ", start: 0.5, start_step: 2}\n"),
       "a:11:" + std::to_string(44 + kModel.size()) + ": refiner.start_step: want either it or start, got both"},
      {config(small + "refiner: {start: 0.5}\n"), "a:11:10: refiner: missing key \"model\""},
      {config(small + "refiner: {model: x.safetensors, end: 1}\n"),
       "a:11:33: refiner: unknown key \"end\"; known: model, start, start_step"},
      {config(small + "hires: {size: 2}\n"),
       "a:11:9: hires: unknown key \"size\"; known: scale, strength, steps, upscale"},
      {config(small + "hires: 2\n"), "a:11:8: hires: want a map with scale, strength, steps and upscale, got \"2\""}};
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    CHECK(error_of(host, text) == message);
  }
}
