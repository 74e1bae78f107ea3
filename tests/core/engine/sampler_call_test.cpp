// What the host reports of a sampler that breaks its contract.
#include "engine/sampler_call.h"

#include <ATen/ops/zeros.h>
#include <calotype/error.h>
#include <doctest/doctest.h>

#include <string>

using namespace calotype;

namespace {

using Handle = calotype_latents*;

/// The error of a sampler that is sent over these sigmas.
std::string reported(decltype(calotype_sampler::sample) sample, std::vector<double> sigmas = {14, 0}) {
  EntryInfo entry;
  entry.id = "odd", entry.library = "folder/odd.so";
  const at::Tensor x = at::zeros({1, 4, 8, 8});
  const SamplerInputs inputs{[](const at::Tensor& latents, double) { return latents; },
                             [&](double, double) { return x; }};
  try {
    run_sampler({sizeof(calotype_sampler), sample}, entry, {}, sigmas, x, inputs);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing";
}

int32_t return_nothing(const calotype_sampler_host*, const calotype_settings*, uint32_t, const double*, Handle* x,
                       calotype_message*) {
  *x = nullptr;
  return CALOTYPE_OK;
}

int32_t sum_nothing(const calotype_sampler_host* host, const calotype_settings*, uint32_t, const double*, Handle* x,
                    calotype_message*) {
  Handle sum = nullptr;
  const int32_t status = host->combine(host->context, 0, nullptr, nullptr, &sum);
  *x = sum;
  return status;
}

int32_t ask_of_null(const calotype_sampler_host* host, const calotype_settings*, uint32_t, const double*, Handle*,
                    calotype_message*) {
  Handle denoised = nullptr;
  return host->denoise(host->context, nullptr, 1, &denoised);
}

/// Its last model evaluation is at no sigma of the schedule.
int32_t stay(const calotype_sampler_host* host, const calotype_settings*, uint32_t, const double*, Handle* x,
             calotype_message*) {
  Handle denoised = nullptr;
  if (const int32_t status = host->denoise(host->context, *x, 3, &denoised)) return status;
  host->release(host->context, denoised);
  return CALOTYPE_OK;
}

}  // namespace

TEST_CASE("sampling: a sampler that breaks its contract is named, with what it did") {
  CHECK(reported(return_nothing) == "sampler \"odd\": returned no latents");
  CHECK(reported(sum_nothing) == "sampler \"odd\" (odd.so): combine: want a term or more, got none");
  CHECK(reported(ask_of_null) == "sampler \"odd\" (odd.so): denoise: want latents that it holds, got null");
}

TEST_CASE("sampling: a sampler that does not come by the last sigma cannot end with noise left") {
  CHECK(reported(stay, {14, 1}) == "sampler \"odd\": cannot end with noise left, as a refiner and denoising_end want");
  CHECK(reported(stay) == "nothing");
}
