// What of samplers, schedules and choices goes together.
#include "core/demo_plan.h"
#include "core/sampler_runs.h"
#include "schedule/scheduler_call.h"

TEST_CASE("pairs: what makes no sense together is refused before the run, with the reason") {
  const std::string own = "sampler \"dpm_fast\" chooses its own sigmas between the first and the last; ";
  CHECK(message_of({"sampler=dpm_fast", "scheduler={id: manual, sigmas: [14, 2, 1]}", "steps=3"}) ==
        "--set scheduler={id: manual, sigmas: [14, 2, 1]}: " + own +
            "scheduler \"manual\" gives each by hand; want another scheduler, such as karras with sigma_min and "
            "sigma_max");
  CHECK(message_of({"sampler=dpm_fast", "restart=comfyui"}) ==
        "--set restart=comfyui: " + own +
            "restart wants those of the schedule; want another sampler, such as dpmpp_2m");
  CHECK(message_of({"sampler=dpm_fast", "denoising_end=0.8"}) ==
        "--set denoising_end=0.8: " + own +
            "denoising_end ends at one of the schedule; want another sampler, such as dpmpp_2m");
  const std::string refiner = "refiner={model: " CALOTYPE_SOURCE "/configs/demo_model/demo.safetensors}";
  CHECK(message_of({"sampler=dpm_fast", refiner})
            .find(": " + own + "a refiner takes over at one of the schedule; want another sampler, such as dpmpp_2m") !=
        std::string::npos);
  CHECK(message_of({"scheduler=bong_tangent@res4lyf"}) ==
        "--set scheduler=bong_tangent@res4lyf: scheduler \"bong_tangent@res4lyf\" is for flow models, whose noise "
        "begins at sigma 1; this model's begins at "
        "14.6146; want another scheduler, such as bong_tangent");
}
TEST_CASE("pairs: a sampler that chooses its steps by the image generates one at a time") {
  const Plan plan = plan_of({"sampler=dpm_adaptive", "images=2", "batch=2", "output={index}.png"});
  CHECK(plan.model_evaluations == 0);
  CHECK(plan.config.request.batch == 1);
  CHECK(plan.warnings.back() ==
        "batch: sampler \"dpm_adaptive\" chooses its steps by the image; they are generated one at a time");
  Host host;
  const auto generated = [&](std::vector<std::string> overrides) {
    overrides.insert(overrides.end(), {"sampler={id: dpm_adaptive, rtol: 0.5}", "output={index}.png"});
    RunOptions options;
    options.write_files = false;
    return host.run(host.resolve(demo(overrides)), options);
  };
  CHECK(generated({"images=2", "batch=2"}).pictures[1].image.rgb ==
        generated({"images=1", "seed=" + std::to_string(plan.config.request.seed + 1)}).pictures[0].image.rgb);
}
TEST_CASE("discard_next_to_last_sigma: a schedule of one step more, without the sigma before the last, as ComfyUI's") {
  const auto longer = plan_of({"steps=6"}).sigmas,
             found = plan_of({"steps=5", "discard_next_to_last_sigma=true"}).sigmas;
  REQUIRE(longer.size() == 7);
  CHECK(found == std::vector<double>{longer[0], longer[1], longer[2], longer[3], longer[4], longer[6]});
  CHECK(message_of({"scheduler={id: manual, sigmas: [14, 2, 1]}", "steps=3", "discard_next_to_last_sigma=true"})
            .ends_with("; discard_next_to_last_sigma asks it for a step more"));
}
TEST_CASE("pairs: what can be generated but will not please is warned of") {
  CHECK(plan_of({"sampler=euler_cfg_pp", "guidance_scale=5"}).warnings ==
        std::vector<std::string>{"guidance_scale: 5 is strong for sampler \"euler_cfg_pp\"; want 1 to 2"});
  CHECK(plan_of({"sampler=euler_cfg_pp", "guidance_scale=3"}).warnings.empty());
  CHECK(plan_of({"scheduler=ddim_uniform", "steps=1"}).warnings ==
        std::vector<std::string>{"scheduler \"ddim_uniform\" begins at sigma 0.0413 with steps: 1, and the model at "
                                 "14.6146: the image will be flat; take more "
                                 "steps, or another scheduler"});
  CHECK(plan_of({"scheduler=ddim_uniform", "steps=5"}).warnings.empty());
}
TEST_CASE(
    "pairs: every sampler goes through every schedule to finite numbers, with as many model evaluations as it "
    "declares, whatever makes "
    "sense "
    "together") {
  Libraries libraries;
  const auto trained = scaled_linear_sigmas({0.00085, 0.012, 1000});
  std::set<std::string> left_out, samplers, wild;
  int pairs = 0;
  for (const EntryInfo* scheduler : sampler_runs::catalog().of(Kind::scheduler)) {
    if (scheduler->is_by_hand || scheduler->is_for_flow) {
      left_out.insert(scheduler->id);
      continue;
    }
    const auto settings = choose(sampler_runs::catalog(), Kind::scheduler, scheduler->id, "").settings;
    for (const int steps : {1, 2, 3, 4, 9}) {
      std::vector<double> sigmas;
      try {
        sigmas = run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(*scheduler)),
                               *scheduler, settings, steps, trained);
      } catch (const Error& e) {
        CHECK(e.code() == ErrorCode::config);  // so many steps it has not, as the error reports
        continue;
      }
      for (const EntryInfo* sampler : sampler_runs::catalog().of(Kind::sampler)) {
        CAPTURE(scheduler->id);
        CAPTURE(sampler->id);
        CAPTURE(steps);
        const auto pass = sampler_runs::pass(sampler->id, sigmas, {}, {7, -3, 0.5}, tier1::mixture);
        CHECK((pass.model_evaluations == pass.counted || pass.counted == 0));
        for (const double v : pass.y) {
          CHECK(std::isfinite(v));
          if (std::abs(v) > 100) wild.insert(sampler->id + " on " + scheduler->id);
        }
        samplers.insert(sampler->id);
        ++pairs;
      }
    }
  }
  CHECK(left_out == std::set<std::string>{"bong_tangent@res4lyf", "manual"});
  CHECK(samplers.size() == 67);
  CHECK(wild ==
        std::set<std::string>{
            "ipndm_v@forge on linear_quadratic"});  // its last step is by past slopes too, and much longer than they
  CHECK(pairs > 46 * 61 * 4);
}
