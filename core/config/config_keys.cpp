#include "config/config_keys.h"

#include <algorithm>

#include "config/key_kinds.h"
#include "config/name_readers.h"
#include "config/read_image.h"
#include "schedule/restart.h"

namespace calotype {
namespace {

using namespace keys;

constexpr double kSeedMax = 0x1p63;  // an integer fits in 63 bits, or is no integer

std::vector<Key> make_keys() {
  using C = ResolvedConfig;
  using R = Request;
  const auto has_syntax = [](const C& c) { return c.request.prompt_syntax != PromptSyntax::plain; };
  const auto has_variations = [](const C& c) { return c.request.variation_strength > 0; };
  const auto has_refiner_start = [](const C& c) { return !c.refiner.empty() && c.request.refiner_start_step == 0; };
  return {
      name("model.path", "the weights: a file or folder, a Hugging Face id, or a name: docs/models.md", true),
      name("model.loader", "the loader; absent: the one that accepts such a path"),
      like("^(auto|cpu|cuda|cuda:([0-9]|[1-5][0-9]|6[0-3]))$",
           offering({"auto", "cpu", "cuda"},
                    name("device", &C::device, read_device, "auto, cpu, cuda, or cuda:N for the GPU of that number"))),
      choice("dtype", &C::dtype, {"auto", "float32", "bfloat16", "float16"},
             "the number type that the model computes in"),
      rare(
          boolean("allow_tf32", &C::allow_tf32,
                  "on a GPU in float32: products and convolutions may read 10 bits of each number's fraction of 23, as "
                  "tensor cores do")),
      rare(choice("cuda_graphs", &R::cuda_graphs, {"auto", "on", "off"},
                  "on a GPU with memory: full, launch the UNet's kernels as one graph; auto: from the second pass of a "
                  "size on; on: from the second evaluation on")),
      choice("memory", &C::memory, {"auto", "full", "model_offload", "block_offload", "force"},
             "where the weights are: all on the device, one component at a time, or the UNet block by block; auto: by "
             "what is free; force: as auto, but run even if the prediction does not fit"),
      choice("vae_tiling", &C::vae_tiling, {"auto", "on", "off"},
             "decode tile by tile: less memory, the same image but for rounding; auto: where it would not fit "
             "otherwise"),
      choice("quantize", &C::quantize, {"none", "int8", "fp8", "nf4"},
             "store the linear layers of the UNet and the text encoders in fewer bits: less memory, a slightly "
             "different image; docs/memory.md names the GPUs that also compute faster in them"),
      entry("pipeline.id", "text_to_image", "the task"),
      text("prompt", &R::prompt, "what the image shows"),
      text("negative_prompt", &R::negative_prompt,
           "what to keep away from; absent is not the same as empty: some models were trained with zeros in place of "
           "its "
           "encoding"),
      choice("prompt_syntax", &R::prompt_syntax, {"plain", "a1111", "comfyui"},
             "weights, long prompts and changes over the steps as these have them, or none: docs/prompts.md"),
      when(has_syntax, boolean("expand_prompts", &C::expand_prompts,
                               "choose among alternatives in braces, and a line for __name__, by the seed, unless "
                               "prompt_syntax is plain")),
      name("wildcards", &C::wildcards, read_folder,
           "the folder of name.txt, of which __name__ is a line; absent: __name__ is text"),
      rare(integer("width", &R::width, 8, 16384, "pixels; absent: what the model was trained on", 8)),
      rare(integer("height", &R::height, 8, 16384, "pixels; absent: what the model was trained on", 8)),
      integer("steps", &R::steps, 1, 1000, "steps of the sampler, from the first sigma to the last"),
      number("guidance_scale", &R::guidance_scale, 0, 100,
             "how far away from the negative prompt; 1: not at all, at half the work; below 1 towards it"),
      number("guidance_rescale", &R::guidance_rescale, 0, 1,
             "takes back overexposure by guidance: arXiv:2305.08891, section 3.4"),
      rare(number("guidance_start", &R::guidance_start, 0, 1,
                  "guide from this part of the steps on: arXiv:2404.07724; a step without guidance is half the work")),
      rare(number("guidance_end", &R::guidance_end, 0, 1, "guide up to this part of the steps: docs/performance.md")),
      integer("seed", &R::seed, 0, kSeedMax,
              "seed of the first image; image k has seed + k. With variation_strength above 0 all images have the same "
              "seed"),
      wanting("variation_strength",
              when(has_variations, integer("variation_seed", &R::variation_seed, 0, kSeedMax,
                                           "seed of a second noise, into which variation_strength blends the first: "
                                           "AUTOMATIC1111's \"Variation seed\"; image k has variation_seed + k"))),
      wanting("variation_seed",
              when(has_variations, number("variation_strength", &R::variation_strength, 0, 1,
                                          "how far the first noise is rotated to that of variation_seed: 0 not at all, "
                                          "1 all of the way: docs/names.md"))),
      rare(integer("eta_noise_seed_delta", &R::eta_noise_seed_delta, 0, kSeedMax,
                   "added to the seed for the noise that a sampler adds at each step, except for brownian noise: "
                   "AUTOMATIC1111's ENSD, often 31337")),
      integer("images", &R::images, 1, 100000, "how many images"),
      rare(integer(
          "batch", &R::batch, 1, 64,
          "how many of them text_to_image and image_to_image generate at once: on a GPU in less time and more memory")),
      entry("scheduler.id", "dpm_pp_2m_karras",
            "chooses the sigmas; absent: the usual scheduler of the sampler that is given"),
      entry("sampler.id", {}, "the solver; absent: the usual sampler of the scheduler"),
      choice(
          "restart", restart_presets(),
          "restart sampling around any sampler, back up to much noise and down again: a preset, a restart interval "
          "{sigma_min, "
          "sigma_max, steps, times} or a list of them: docs/run.md; absent: the usual one of the sampler, mostly none"),
      rare(boolean("discard_next_to_last_sigma", &C::discard_next_to_last_sigma,
                   "leave out the sigma before the last of a schedule of steps+1, as ComfyUI does for dpm_2 and uni_pc "
                   "and A1111 for dpm_2 and dpmpp_3m_sde: docs/names.md")),
      boolean("round_timesteps", &R::round_timesteps, "show the model whole timesteps, as diffusers' DPM-Solver does"),
      choice("initial_noise", &R::initial_noise, {"unit_variance", "sigma"},
             "how the first latents are made from noise"),
      choice("noise", &C::noise, {"auto", "torch", "brownian", "philox"},
             "torch: the next numbers of torch's generator for the CPU, as diffusers samples them; brownian: a path "
             "over the sigmas, the same for any number of steps; philox: torch's numbers on CUDA, the first latents "
             "too, as AUTOMATIC1111 has them; auto: the usual noise of the sampler"),
      name("image", &C::image, read_image_source,
           "the image to start from: a PNG, JPEG or WebP by its path, in base64 or as a data URI"),
      wanting("image", name("mask", &C::mask, read_image_source,
                            "the mask in the same forms: inpaint regenerates what is white; absent: what is "
                            "transparent in the image")),
      name("refiner.model", "a second model for the last timesteps: a path, or a map as model"),
      no_default(when(has_refiner_start,
                      number("refiner.start", &R::refiner_start, 0, 1,
                             "the part of the training timesteps that the first model denoises; absent: 0.8"))),
      rare(integer("refiner.start_step", &R::refiner_start_step, 1, 1000,
                   "in its place: how many steps the first model makes")),
      like("[^/]\\.png$",
           shorthand(name(
               "output.path", &C::output, read_output_path,
               "a .png; {seed} {variation_seed} {index} {prompt} {scheduler} {sampler} {config} {model} {date} {time} "
               "are filled in, {index:05} with zeros; relative to the working directory, without \"..\""))),
      like("[^/]\\.safetensors$", name("output.latents", &C::latents, read_output_path,
                                       "a .safetensors for the latents; absent: none is written")),
      no_default(choice(
          "output.exists", &C::exists, {"error", "skip", "overwrite", "number"},
          "what becomes of a file that is there: an error before anything is generated, its image is left out, it "
          "is replaced, or kept beside "
          "name-2.png; absent: error, and number where output.path is absent")),
      boolean("output.model_hash", &C::model_hash,
              "whether the text for AUTOMATIC1111 has the first digits of the model file's SHA-256; Calotype computes "
              "it while the first image is generated, and then remembers it"),
      names("plugins.path", "a folder with plugins, or a list of them"),
      names("plugins.allow",
            "the vendor whose plugins may be loaded, or a list of them; the host's own always may; absent: all"),
      names("models_dir",
            "a folder with models, or a list of them, for names; absent: CALOTYPE_MODELS, else ./models and ~/models"),
      names("model_paths", "ComfyUI's extra_model_paths.yaml, or a list of such; absent: CALOTYPE_MODEL_PATHS"),
  };
}

}  // namespace

const std::vector<Key>& common_keys() {
  static const std::vector<Key> keys = make_keys();
  return keys;
}

const Key* find_key(const std::vector<Key>& keys, std::string_view name) {
  for (const auto& key : keys)
    if (key.info.name == name) return &key;
  return nullptr;
}

const Key* find_key(std::string_view name) {
  return find_key(common_keys(), name);
}

std::string chosen_name(std::string_view key, const ResolvedConfig& config) {
  const Key& found = *find_key(key);
  return *found.value(found.info, config).as<std::string>();
}

std::string_view section_of(std::string_view name) {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::vector<std::string> top_level_names(const std::vector<Key>& keys) {
  std::vector<std::string> out;
  for (const auto& key : keys) {
    const std::string name = key.info.name.substr(0, key.info.name.find('.'));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

std::vector<std::string> names_in(const std::vector<Key>& keys, std::string_view section) {
  std::vector<std::string> out;
  for (const auto& key : keys)
    if (section_of(key.info.name) == section) out.push_back(key.info.name.substr(section.size() + 1));
  return out;
}

std::vector<std::string> names_in(std::string_view section) {
  return names_in(common_keys(), section);
}

const Key* shorthand_of(std::string_view section) {
  for (const auto& key : common_keys())
    if (key.is_shorthand && section_of(key.info.name) == section) return &key;
  return nullptr;
}

}  // namespace calotype
