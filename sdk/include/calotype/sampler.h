#pragma once
#include <calotype/latents.h>
#include <calotype/note.h>
#include <calotype/settings.h>
#include <calotype/thread_check.h>

#include <span>

namespace calotype {

/// Both predictions of the clean latents from one model evaluation.
struct GuidedLatents {
  Latents denoised, unconditional;  ///< with guidance; without, for the negative prompt alone
};

/// What a sampler works with: the sigmas, the denoiser, noise and the sampler's settings. Valid during the call.
class Sampling {
 public:
  Sampling(const calotype_sampler_host* host, const calotype_settings* given_settings,
           std::span<const double> given_sigmas)
      : settings(given_settings), sigmas(given_sigmas), host_(host) {}

  const Settings settings;
  /// The schedule: steps+1 sigmas, strictly falling, the last one 0.
  const std::span<const double> sigmas;
  int steps() const { return int(sigmas.size()) - 1; }

  /// One model evaluation: the model's prediction of the clean latents in x, with guidance. x holds noise of standard
  /// deviation sigma, sigma > 0.
  Latents denoise(const Latents& x, double sigma) const {
    calotype_latents* out = nullptr;
    check(host_->denoise(host_->context, x.handle(), sigma, &out));
    return {host_, out};
  }
  /// Also one model evaluation: the prediction with guidance and without. For samplers with Info::needs_unconditional.
  GuidedLatents denoise_guided(const Latents& x, double sigma) const {
    const auto* guided = static_cast<const calotype_guided*>(host_->extension(host_->context, CALOTYPE_GUIDED));
    if (!guided) throw Error("needs the unconditional prediction, which this host does not offer");
    calotype_latents *denoised = nullptr, *unconditional = nullptr;
    const int32_t status = guided->denoise(host_->context, x.handle(), sigma, &denoised, &unconditional);
    GuidedLatents out{{host_, denoised}, {host_, unconditional}};
    check(status);
    return out;
  }
  /// Standard normal noise for the step from sigma to sigma_next. The user chooses seed and kind of noise.
  Latents noise(double sigma, double sigma_next) const {
    calotype_latents* out = nullptr;
    check(host_->noise(host_->context, sigma, sigma_next, &out));
    return {host_, out};
  }
  /// Root mean square of (low - high) / max(atol, rtol * max(|low|, |previous|)): the error measure of samplers that
  /// choose their own steps.
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

/// A sampler: takes x from noise of sigmas[0] to clean latents. Throws calotype::Error if the schedule or a setting has
/// no answer. Calls the functions of `s` only on the thread on which it was called, and keeps nothing between calls.
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

/// A namespace of its own, because an author may use the same names.
namespace table {
/// Hidden, so that the object of another library cannot replace it, whatever flags either was built with.
template <Solver& solver, const Info& info>
[[gnu::visibility("hidden")]] inline constexpr calotype_sampler kSampler{sizeof(calotype_sampler),
                                                                         sampler_thunk<solver, info>};
}  // namespace table

}  // namespace calotype

/// Offers `solver`, a function of type calotype::Solver, with the manifest `info`, a constexpr calotype::Info.
/// `calotype plugin check` measures info.order and info.evaluations with the default settings: without noise, the error
/// must fall by a factor of at least 2^order when the number of steps doubles.
#define CALOTYPE_SAMPLER_ENTRY(info, solver)           \
  static_assert(::calotype::declared::is_sound(info)); \
  CALOTYPE_ENTRY(CALOTYPE_SAMPLER, 1u, info, "", (&::calotype::table::kSampler<solver, info>))
