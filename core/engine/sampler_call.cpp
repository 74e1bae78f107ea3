#include "engine/sampler_call.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mean.h>
#include <calotype/error.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <filesystem>
#include <new>
#include <string_view>
#include <thread>

#include "base/error_boundary.h"
#include "engine/combine.h"
#include "engine/sampler_handles.h"
#include "loading/plugin_threads.h"
#include "schedule/scheduler_call.h"

namespace calotype {
namespace {

/// The thread of one call of a sampler, on which alone the sampler may call the host.
class OwnThread {
 public:
  /// Whether this is the one. `function` is what the sampler called.
  bool is_here(const char* function) noexcept {
    const bool here = std::this_thread::get_id() == id_;
    if (!here) called_elsewhere_ = function;
    return here;
  }
  /// Throws Error where some call came from another.
  void check(const EntryInfo& entry) const {
    if (const char* function = called_elsewhere_)
      throw Error(ErrorCode::internal,
                  entry.library + ": sampler \"" + entry.id + "\" called " + function +
                      " on a thread of its own; it must call the host on the thread that it was called on");
  }

 private:
  const std::thread::id id_ = std::this_thread::get_id();
  std::atomic<const char*> called_elsewhere_ = nullptr;
};

/// The host's side of the contract. Keeps the exception that ended a run.
class Session {
 public:
  Session(const SamplerInputs& inputs, const EntryInfo& entry) : inputs_(inputs), entry_(entry) {
    table_ = {sizeof table_, CALOTYPE_ABI, this, denoise, combine, noise, error_norm, release, extension};
  }
  const calotype_sampler_host* table() const { return &table_; }
  std::exception_ptr failure;
  SamplerHandles handles;
  OwnThread thread;

 private:
  template <class Body>
  static int32_t guarded(void* self, const char* function, Body&& body) noexcept {
    auto& session = *static_cast<Session*>(self);
    if (!session.thread.is_here(function)) return CALOTYPE_STOPPED;
    try {
      body(session);
      return CALOTYPE_OK;
    } catch (...) {
      session.failure = std::current_exception();
      return CALOTYPE_STOPPED;
    }
  }
  static int32_t denoise(void* self, const calotype_latents* x, double sigma, calotype_latents** out) {
    return guarded(self, "denoise",
                   [&](Session& s) { *out = s.handles.lend(s.inputs_.denoise(s.held(x, "denoise"), sigma)); });
  }
  static int32_t noise(void* self, double sigma, double sigma_next, calotype_latents** out) {
    return guarded(self, "noise", [&](Session& s) { *out = s.handles.lend(s.inputs_.noise(sigma, sigma_next)); });
  }
  static int32_t combine(void* self, size_t n, const double* coefficients, const calotype_latents* const* terms,
                         calotype_latents** out) {
    return guarded(self, "combine", [&](Session& s) {
      if (n < 1) s.fail("combine: want a term or more, got none");
      s.terms_.clear();
      for (size_t i = 0; i < n; ++i) s.terms_.push_back(&s.held(terms[i], "combine"));
      if (*out)
        s.held(*out, "combine");
      else
        *out = s.handles.lend_like(*s.terms_[0]);
      calotype::combine({coefficients, n}, s.terms_, (*out)->tensor);
    });
  }
  static int32_t error_norm(void* self, const calotype_latents* low, const calotype_latents* high,
                            const calotype_latents* previous, double atol, double rtol, double* norm) {
    return guarded(self, "error_norm", [&](Session& s) {
      const at::Tensor &a = s.held(low, "error_norm"), &b = s.held(high, "error_norm"),
                       &c = s.held(previous, "error_norm");
      const at::Tensor size = at::maximum(a.abs(), c.abs()).mul(rtol).clamp_min(atol);
      *norm = std::sqrt(at::mean(a.sub(b).div(size).square()).item().toDouble());
    });
  }
  static void release(void* self, calotype_latents* latents) {
    auto& session = *static_cast<Session*>(self);
    if (session.thread.is_here("release")) session.handles.take_back(latents);
  }
  static int32_t denoise_guided(void* self, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                calotype_latents** unconditional) {
    return guarded(self, "denoise_guided", [&](Session& s) {
      Guided both = s.inputs_.denoise_guided(s.held(x, "denoise_guided"), sigma);
      *denoised = s.handles.lend(std::move(both.denoised));
      *unconditional = s.handles.lend(std::move(both.unconditional));
    });
  }
  static const void* extension(void* self, const char* id) {
    static constexpr calotype_guided guided{sizeof guided, denoise_guided};
    return static_cast<Session*>(self)->inputs_.denoise_guided && std::string_view(id) == CALOTYPE_GUIDED ? &guided
                                                                                                          : nullptr;
  }

  /// What is behind latents that `call` was given. A sampler may pass what it gave back; then the fault is its own.
  const at::Tensor& held(const calotype_latents* latents, const char* call) const {
    if (handles.has(latents)) return latents->tensor;
    fail(std::string(call) + ": want latents that it holds, got " + (latents ? "some that it gave back" : "null"));
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::internal, "sampler \"" + entry_.id + "\" (" +
                                         std::filesystem::path(entry_.library).filename().string() + "): " + what);
  }

  const SamplerInputs& inputs_;
  const EntryInfo& entry_;
  calotype_sampler_host table_{};
  std::vector<const at::Tensor*> terms_;
};

/// Counts calls; latents are empty handles.
struct Counter {
  static constexpr int kMost = 1'000'000;
  int calls = 0;
  bool depends_on_latents = false;
  SamplerHandles handles;
  OwnThread thread;
  static Counter& of(void* self) { return *static_cast<Counter*>(self); }
  static int32_t make(void* self, const char* function, calotype_latents** out) {
    if (!of(self).thread.is_here(function)) return CALOTYPE_STOPPED;
    try {
      if (!*out) *out = of(self).handles.lend({});
      return CALOTYPE_OK;
    } catch (const std::bad_alloc&) {
      return CALOTYPE_NO_MEMORY;
    }
  }
  static int32_t denoise(void* self, const calotype_latents*, double, calotype_latents** out) {
    const int32_t status = make(self, "denoise", out);
    return status == CALOTYPE_OK && ++of(self).calls > kMost ? CALOTYPE_STOPPED : status;
  }
  static int32_t combine(void* self, size_t, const double*, const calotype_latents* const*, calotype_latents** out) {
    return make(self, "combine", out);
  }
  static int32_t noise(void* self, double, double, calotype_latents** out) { return make(self, "noise", out); }
  static int32_t error_norm(void* self, const calotype_latents*, const calotype_latents*, const calotype_latents*,
                            double, double, double* norm) {
    *norm = 0.5;
    of(self).depends_on_latents = true;
    return of(self).thread.is_here("error_norm") ? CALOTYPE_OK : CALOTYPE_STOPPED;
  }
  static void release(void* self, calotype_latents* latents) {
    if (of(self).thread.is_here("release")) of(self).handles.take_back(latents);
  }
  static int32_t denoise_guided(void* self, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                calotype_latents** unconditional) {
    const int32_t status = denoise(self, x, sigma, denoised);
    return status == CALOTYPE_OK ? make(self, "denoise", unconditional) : status;
  }
  static const void* extension(void*, const char* id) {
    static constexpr calotype_guided guided{sizeof guided, denoise_guided};
    return std::string_view(id) == CALOTYPE_GUIDED ? &guided : nullptr;
  }
  calotype_sampler_host table() {
    return {sizeof(calotype_sampler_host), CALOTYPE_ABI, this, denoise, combine, noise, error_norm, release, extension};
  }
};

/// Calls the plugin; nothing may leave it but a status, but a library in C++ that breaks this must not end the process.
int32_t call(const calotype_sampler& sampler, const EntryInfo& entry, const std::map<std::string, Value>& settings,
             std::span<const double> sigmas, const calotype_sampler_host& host, calotype_latents** latents,
             calotype_message& message) {
  const AbiSettings abi(entry, settings);
  const Turn turn(entry);
  const int32_t status = in_plugin(entry, [&] {
    return sampler.sample(&host, abi.get(), uint32_t(sigmas.size() - 1), sigmas.data(), latents, &message);
  });
  message.text[sizeof message.text - 1] = 0;
  return status;
}

void check(int32_t status, const EntryInfo& entry, const calotype_message& message) {
  if (status == CALOTYPE_NO_MEMORY) throw std::bad_alloc();
  if (status != CALOTYPE_OK)
    throw Error(status == CALOTYPE_DEFECT ? ErrorCode::internal : ErrorCode::config,
                "sampler \"" + entry.id + "\": " + message.text);
}

}  // namespace

namespace {

/// A sampler ends at 0 and nowhere else. So it is sent on to 0, and its last call, from the last sigma that is
/// wanted, yields the latents there.
at::Tensor run_with_noise_left(const calotype_sampler& sampler, const EntryInfo& entry,
                               const std::map<std::string, Value>& settings, std::span<const double> sigmas,
                               const at::Tensor& x, const SamplerInputs& inputs) {
  std::vector<double> closed(sigmas.begin(), sigmas.end());
  closed.push_back(0);
  const int calls = count_model_evaluations(sampler, entry, settings, closed);
  int call = 0;
  at::Tensor reached;
  const auto is_last = [&](const at::Tensor& latents, double sigma) {
    if (++call != calls) return false;
    if (sigma == sigmas.back()) reached = latents.clone();
    return true;
  };
  const auto denoise = [&](const at::Tensor& latents, double sigma) {
    return is_last(latents, sigma) ? latents.clone() : inputs.denoise(latents, sigma);
  };
  const auto denoise_guided = [&](const at::Tensor& latents, double sigma) {
    return is_last(latents, sigma) ? Guided{latents.clone(), latents.clone()} : inputs.denoise_guided(latents, sigma);
  };
  run_sampler(sampler, entry, settings, closed, x, {denoise, inputs.noise, denoise_guided});
  if (!reached.defined())
    throw Error(ErrorCode::config,
                "sampler \"" + entry.id + "\": cannot end with noise left, as a refiner and denoising_end want");
  return reached;
}

}  // namespace

at::Tensor run_sampler(const calotype_sampler& sampler, const EntryInfo& entry,
                       const std::map<std::string, Value>& settings, std::span<const double> sigmas,
                       const at::Tensor& x, const SamplerInputs& inputs) {
  if (sigmas.back() > 0) return run_with_noise_left(sampler, entry, settings, sigmas, x, inputs);
  Session session(inputs, entry);
  calotype_message message{sizeof message, ""};
  calotype_latents* latents = session.handles.lend(x.clone(at::MemoryFormat::Contiguous));
  const int32_t status = call(sampler, entry, settings, sigmas, *session.table(), &latents, message);
  session.thread.check(entry);
  if (session.failure) std::rethrow_exception(session.failure);
  check(status, entry, message);
  if (!session.handles.has(latents))
    throw Error(ErrorCode::internal, "sampler \"" + entry.id + "\": returned no latents");
  return latents->tensor;
}

int count_model_evaluations(const calotype_sampler& sampler, const EntryInfo& entry,
                            const std::map<std::string, Value>& settings, std::span<const double> sigmas) {
  if (sigmas.back() > 0) {
    std::vector<double> closed(sigmas.begin(), sigmas.end());
    closed.push_back(0);
    return std::max(count_model_evaluations(sampler, entry, settings, closed) - 1, 0);
  }
  Counter counter;
  const auto table = counter.table();
  calotype_message message{sizeof message, ""};
  calotype_latents* latents = counter.handles.lend({});
  const int32_t status = call(sampler, entry, settings, sigmas, table, &latents, message);
  counter.thread.check(entry);
  if (status == CALOTYPE_STOPPED) return 0;
  check(status, entry, message);
  return counter.depends_on_latents ? 0 : counter.calls;
}

}  // namespace calotype
