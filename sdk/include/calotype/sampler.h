#pragma once
#include <calotype/latents.h>
#include <calotype/note.h>
#include <calotype/settings.h>
#include <calotype/thread_check.h>

#include <span>

namespace calotype {

/// Two estimates of clean latents of one model evaluation.
struct GuidedLatents {
  Latents denoised, unconditional;  ///< with guidance; for the negative prompt alone
};

/// What a sampler has at hand: the sigmas, the denoiser, noise and its own settings.
class Sampling {
 public:
  Sampling(const calotype_sampler_host* host, const calotype_settings* given_settings,
           std::span<const double> given_sigmas)
      : settings(given_settings), sigmas(given_sigmas), host_(host) {}

  const Settings settings;
  /// steps+1 sigmas, falling strictly, the last 0.
  const std::span<const double> sigmas;
  int steps() const { return int(sigmas.size()) - 1; }

  /// One model evaluation: the estimate of the clean latents in x, which carries noise of standard deviation sigma > 0.
  Latents denoise(const Latents& x, double sigma) const {
    calotype_latents* out = nullptr;
    check(host_->denoise(host_->context, x.handle(), sigma, &out));
    return {host_, out};
  }
  /// The same, and what it is without guidance. For samplers whose Info says needs_unconditional.
  GuidedLatents denoise_guided(const Latents& x, double sigma) const {
    const auto* guided = static_cast<const calotype_guided*>(host_->extension(host_->context, CALOTYPE_GUIDED));
    if (!guided) throw Error("wants the estimate for the negative prompt alone, which this host does not give");
    calotype_latents *denoised = nullptr, *unconditional = nullptr;
    const int32_t status = guided->denoise(host_->context, x.handle(), sigma, &denoised, &unconditional);
    GuidedLatents out{{host_, denoised}, {host_, unconditional}};
    check(status);
    return out;
  }
  /// Noise of unit variance for the way from sigma to sigma_next; what it is drawn from is the user's choice.
  Latents noise(double sigma, double sigma_next) const {
    calotype_latents* out = nullptr;
    check(host_->noise(host_->context, sigma, sigma_next, &out));
    return {host_, out};
  }
  /// Root mean square of (low - high) / max(atol, rtol * max(|low|, |previous|)).
  double error_norm(const Latents& low, const Latents& high, const Latents& previous, double atol, double rtol) const {
    double norm = 0;
    check(host_->error_norm(host_->context, low.handle(), high.handle(), previous.handle(), atol, rtol, &norm));
    return norm;
  }

 private:
  static void check(int32_t status) {
    if (status != CALOTYPE_OK) throw Stopped{};
  }
  const calotype_sampler_host* host_;
};

/// A sampler: takes x from sigma sigmas[0] to clean latents.
/// Throws calotype::Error where the schedule or a setting has no answer. Calls what `s` offers on the thread that
/// it was called on; keeps nothing between calls.
using Solver = void(const Sampling& s, Latents& x);

template <Solver& solver, const Info& info>
int32_t sampler_thunk(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                      const double* sigmas, calotype_latents** x, calotype_message* message) {
  return guarded(message, [&] {
    [[maybe_unused]] const ThreadCheck check(info, "sample");
    Latents latents(host, std::exchange(*x, nullptr));
    solver(Sampling(host, settings, {sigmas, steps + size_t(1)}), latents);
    *x = latents.release();
  });
}

/// Of names that an author may have too.
namespace table {
/// Hidden, so that no other library's takes its place, however either was built.
template <Solver& solver, const Info& info>
[[gnu::visibility("hidden")]] inline constexpr calotype_sampler kSampler{sizeof(calotype_sampler),
                                                                         sampler_thunk<solver, info>};
}  // namespace table

}  // namespace calotype

/// Offers `solver`, a function of type calotype::Solver, under the names in `info`, a constexpr calotype::Info. What
/// info.order and info.evaluations declare, `calotype plugin check` measures with the default settings: without noise
/// the error falls by 2^order or more where the steps double.
#define CALOTYPE_SAMPLER_ENTRY(info, solver)           \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, info, "", (&::calotype::table::kSampler<solver, info>))
