// The words of other programs.
#include "yaml/peer_keys.h"

#include "base/install_folder.h"
#include "core/config_fixture.h"
#include "registry/discovery.h"
#include "registry/peer_entries.h"

using namespace config_test;

namespace {

std::string message(const std::string& line) {
  return message_of([&] { resolved(kBase + line + "\n"); });
}

}  // namespace

TEST_CASE("peers' words: keys of other programs are known by name") {
  const Folder folder;
  CHECK(message("denoising_strength: 0.5") ==
        "a.yaml:3:1: unknown key \"denoising_strength\"; here it is \"strength\"");
  CHECK(message("batch_size: 2") == "a.yaml:3:1: unknown key \"batch_size\"; here it is \"batch\"");
  CHECK(message("vae: x") == "a.yaml:3:1: unknown key \"vae\"; here it is \"model.vae\"");
  CHECK(message("n: 2") == "a.yaml:3:1: unknown key \"n\"; here it is \"images\"");
  CHECK(message("CFG_scale: 2") == "a.yaml:3:1: unknown key \"CFG_scale\"; here it is \"guidance_scale\"");
  CHECK(message("tiling: true") ==
        "a.yaml:3:1: unknown key \"tiling\"; images that tile are not made here; to decode in tiles, for less memory, "
        "write "
        "vae_tiling: on");
}

TEST_CASE("peers' words: a key that a hint names is there") {
  const auto keys = keys_of(discover({own_plugin_folder()}));
  for (const char* word :
       {"cfg", "num_inference_steps", "negative", "sampler_name", "crops_coords_top_left", "skip_early_cond", "n_iter",
        "vae", "hr_scale", "refiner_checkpoint", "inpaint_full_res", "out"}) {
    const std::string hint = hint_for_key(word),
                      key = hint.substr(hint.find('"') + 1, hint.rfind('"') - hint.find('"') - 1);
    CAPTURE(word);
    CHECK((find_key(keys, key) || shorthand_of(key) || key == "model.vae"));
  }
}

TEST_CASE("peers' words: values of other programs are known") {
  const Folder folder;
  CHECK(message("dtype: fp16").ends_with("got \"fp16\"; here it is float16"));
  CHECK(message("dtype: BF16").ends_with("got \"BF16\"; here it is bfloat16"));
  CHECK(message("device: gpu").ends_with("got \"gpu\"; here it is cuda"));
  for (const char* seed : {"-1", "random"})
    CHECK(message(std::string("seed: ") + seed)
              .ends_with(
                  "no random seed is chosen here, so that every image can be made again; give a number, such as --set "
                  "seed=$RANDOM"));
  CHECK(message("variation_seed: -1").ends_with("such as --set variation_seed=$RANDOM"));
  CHECK(message("subseed_strength: 0.1") ==
        "a.yaml:3:1: unknown key \"subseed_strength\"; here it is \"variation_strength\"");
}

TEST_CASE("peers' words: names of samplers as A1111 shows them") {
  const Catalog catalog = discover({own_plugin_folder()});
  CHECK(hint_for_entry(catalog, Kind::sampler, "DPM++ 2M") == "here it is \"dpmpp_2m\"");
  CHECK(hint_for_entry(catalog, Kind::sampler, "Euler a") == "here it is \"euler_a\"");
  CHECK(hint_for_entry(catalog, Kind::sampler, "DPM++ 2M Karras") ==
        "here these are two: sampler: dpmpp_2m and scheduler: karras");
  CHECK(hint_for_entry(catalog, Kind::sampler, "DPM++ SDE Karras")
            .starts_with("here these are two: sampler: dpmpp_sde and scheduler: "));
  CHECK(hint_for_entry(catalog, Kind::scheduler, "SGM Uniform") == "here it is \"sgm_uniform\"");
  CHECK(hint_for_entry(catalog, Kind::sampler, "nothing like it") == "");
}
