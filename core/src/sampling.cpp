#include "sampling.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mean.h>
#include <calotype/error.h>

#include <cmath>
#include <exception>
#include <memory>

#include "combine.h"
#include "schedule.h"

struct calotype_latents {
  at::Tensor tensor;
};

namespace calotype {
namespace {

/// The host's side of the contract. Keeps the exception that ended a run, and released buffers for the next step.
class Session {
 public:
  explicit Session(const SamplerInputs& inputs) : inputs_(inputs) {
    table_ = {sizeof table_, CALOTYPE_ABI, this, denoise, combine, noise, error_norm, release, extension};
  }
  const calotype_sampler_host* table() const { return &table_; }
  std::exception_ptr failure;

  static calotype_latents* wrap(at::Tensor t) { return new calotype_latents{std::move(t)}; }

 private:
  template <class Body>
  static int32_t guarded(void* self, Body&& body) noexcept {
    auto& session = *static_cast<Session*>(self);
    try {
      body(session);
      return CALOTYPE_OK;
    } catch (...) {
      session.failure = std::current_exception();
      return CALOTYPE_STOPPED;
    }
  }
  static int32_t denoise(void* self, const calotype_latents* x, double sigma, calotype_latents** out) {
    return guarded(self, [&](Session& s) { *out = wrap(s.inputs_.denoise(x->tensor, sigma)); });
  }
  static int32_t noise(void* self, double sigma, double sigma_next, calotype_latents** out) {
    return guarded(self, [&](Session& s) { *out = wrap(s.inputs_.noise(sigma, sigma_next)); });
  }
  static int32_t combine(void* self, size_t n, const double* coefficients, const calotype_latents* const* terms, calotype_latents** out) {
    return guarded(self, [&](Session& s) {
      s.terms_.clear();
      for (size_t i = 0; i < n; ++i) s.terms_.push_back(&terms[i]->tensor);
      if (!*out) *out = s.fresh(terms[0]->tensor);
      calotype::combine({coefficients, n}, s.terms_, (*out)->tensor);
    });
  }
  static int32_t error_norm(void* self, const calotype_latents* low, const calotype_latents* high, const calotype_latents* previous,
                            double atol, double rtol, double* norm) {
    return guarded(self, [&](Session&) {
      const at::Tensor size = at::maximum(low->tensor.abs(), previous->tensor.abs()).mul(rtol).clamp_min(atol);
      *norm = std::sqrt(at::mean(low->tensor.sub(high->tensor).div(size).square()).item().toDouble());
    });
  }
  static void release(void* self, calotype_latents* latents) {
    auto& session = *static_cast<Session*>(self);
    std::unique_ptr<calotype_latents> owned(latents);
    // another holder (a model that caches its output) keeps the memory
    if (owned && owned->tensor.use_count() == 1 && session.free_.size() < 4) session.free_.push_back(std::move(owned));
  }
  static const void* extension(void*, const char*) { return nullptr; }

  calotype_latents* fresh(const at::Tensor& like) {
    if (free_.empty()) return wrap(at::empty_like(like));
    auto out = std::move(free_.back());
    free_.pop_back();
    return out.release();
  }

  const SamplerInputs& inputs_;
  calotype_sampler_host table_{};
  std::vector<std::unique_ptr<calotype_latents>> free_;
  std::vector<const at::Tensor*> terms_;
};

/// Counts calls; latents are empty handles.
struct Counter {
  static constexpr int kMost = 1'000'000;
  int calls = 0;
  static int32_t make(calotype_latents** out) {
    if (!*out) *out = new calotype_latents;
    return CALOTYPE_OK;
  }
  calotype_sampler_host table() {
    return {sizeof(calotype_sampler_host), CALOTYPE_ABI, this,
            [](void* self, const calotype_latents*, double, calotype_latents** out) -> int32_t {
              return ++static_cast<Counter*>(self)->calls > kMost ? CALOTYPE_STOPPED : make(out);
            },
            [](void*, size_t, const double*, const calotype_latents* const*, calotype_latents** out) -> int32_t { return make(out); },
            [](void*, double, double, calotype_latents** out) -> int32_t { return make(out); },
            [](void*, const calotype_latents*, const calotype_latents*, const calotype_latents*, double, double, double* norm) -> int32_t {
              *norm = 0.5;
              return CALOTYPE_OK;
            },
            [](void*, calotype_latents* latents) { delete latents; }, [](void*, const char*) -> const void* { return nullptr; }};
  }
};

[[noreturn]] void fail(const EntryInfo& entry, const calotype_message& message) {
  throw Error(ErrorCode::config, "sampler \"" + entry.id + "\": " + message.text);
}

}  // namespace

at::Tensor run_sampler(const calotype_sampler& sampler, const EntryInfo& entry, const std::map<std::string, Value>& settings,
                       std::span<const double> sigmas, const at::Tensor& x, const SamplerInputs& inputs) {
  Session session(inputs);
  const AbiSettings abi(entry, settings);
  calotype_message message{sizeof message, ""};
  calotype_latents* latents = Session::wrap(x.clone(at::MemoryFormat::Contiguous));
  const int32_t status = sampler.sample(session.table(), abi.get(), uint32_t(sigmas.size() - 1), sigmas.data(), &latents, &message);
  const std::unique_ptr<calotype_latents> owned(latents);
  if (session.failure) std::rethrow_exception(session.failure);
  if (status != CALOTYPE_OK) fail(entry, message);
  if (!owned) throw Error(ErrorCode::internal, "sampler \"" + entry.id + "\": returned no latents");
  return owned->tensor;
}

int count_model_calls(const calotype_sampler& sampler, const EntryInfo& entry, const std::map<std::string, Value>& settings,
                      std::span<const double> sigmas) {
  Counter counter;
  const auto table = counter.table();
  const AbiSettings abi(entry, settings);
  calotype_message message{sizeof message, ""};
  auto* latents = new calotype_latents;
  const int32_t status = sampler.sample(&table, abi.get(), uint32_t(sigmas.size() - 1), sigmas.data(), &latents, &message);
  const std::unique_ptr<calotype_latents> owned(latents);
  if (status == CALOTYPE_FAILED) fail(entry, message);
  return status == CALOTYPE_OK ? counter.calls : 0;
}

}  // namespace calotype
