#include "check/fake_sampler_host.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace calotype::check {
namespace {

constexpr double kMean = 0.7, kDeviation = 0.5;

/// A component of the mixture, and the probability that x with noise sigma belongs to it, without the common factor.
struct Normal {
  double weight, mean, deviation;
  double likelihood(double x, double sigma) const {
    const double v = deviation * deviation + sigma * sigma;
    return weight * std::exp(-(x - mean) * (x - mean) / (2 * v)) / std::sqrt(v);
  }
  double denoised(double x, double sigma) const {
    const double d = deviation * deviation, v = sigma * sigma;
    return (d * x + v * mean) / (d + v);
  }
};
constexpr Normal kFirst{0.6, kMean, kDeviation}, kSecond{0.4, -1.1, 0.8};

double mixture_denoiser(double x, double sigma) {
  const double first = kFirst.likelihood(x, sigma), second = kSecond.likelihood(x, sigma);
  const double share = first + second > 0 ? first / (first + second) : x > 0;
  return share * kFirst.denoised(x, sigma) + (1 - share) * kSecond.denoised(x, sigma);
}

/// Integrated over ln(sigma) by the classical Runge-Kutta method, down to a sigma without relevant noise.
double mixture_end(double x, double sigma) {
  constexpr int kSteps = 10'000;
  const double start = std::log(sigma), step = (std::log(1e-7) - start) / kSteps;
  const auto slope = [](double at, double t) { return at - mixture_denoiser(at, std::exp(t)); };
  for (int i = 0; i < kSteps; ++i) {
    const double t = start + i * step, a = slope(x, t), b = slope(x + step / 2 * a, t + step / 2);
    const double c = slope(x + step / 2 * b, t + step / 2), d = slope(x + step * c, t + step);
    x += step / 6 * (a + 2 * b + 2 * c + d);
  }
  return mixture_denoiser(x, 1e-7);
}

}  // namespace

struct VectorHost::Handle {
  Numbers numbers;
  bool is_lent = true;
};

VectorHost::VectorHost()
    : table_{sizeof table_, CALOTYPE_ABI, this, denoise, combine, noise, error_norm, release, extension} {}

VectorHost::~VectorHost() = default;

calotype_latents* VectorHost::lend(Numbers numbers) {
  size_ = numbers.size();
  handles_.push_back(std::make_unique<Handle>(Handle{std::move(numbers)}));
  return reinterpret_cast<calotype_latents*>(handles_.back().get());
}

VectorHost::Handle* VectorHost::find(const calotype_latents* latents) const {
  // newest first, because samplers use what they got last
  for (auto h = handles_.rbegin(); h != handles_.rend(); ++h)
    if (reinterpret_cast<const calotype_latents*>(h->get()) == latents) return h->get();
  return nullptr;
}

const VectorHost::Numbers* VectorHost::numbers(const calotype_latents* latents) const {
  const Handle* h = find(latents);
  return h && h->is_lent ? &h->numbers : nullptr;
}

int VectorHost::held() const {
  return int(std::count_if(handles_.begin(), handles_.end(), [](const auto& h) { return h->is_lent; }));
}

void VectorHost::record(const std::string& what) {
  if (misuse.empty()) misuse = what;
}

const VectorHost::Numbers* VectorHost::used(const calotype_latents* latents, const char* call) {
  const Numbers* out = numbers(latents);
  if (!out)
    record(std::string("it passes ") + call + (latents ? " latents that it has released" : " null instead of latents"));
  return out;
}

bool VectorHost::fails(bool in_model) {
  const int call = calls++, model_call = in_model ? model_evaluations++ : kNever;
  is_endless = is_endless || calls > kMostCalls;
  if (is_endless) return true;
  if (call != fail_call && (fail_denoise == kNever || model_call != fail_denoise)) return false;
  failed_at = calls, failed_in_model = in_model;
  return true;
}

int32_t VectorHost::denoise(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised) {
  VectorHost& host = self(context);
  if (host.fails(true)) return CALOTYPE_STOPPED;
  if (!std::isfinite(sigma) || sigma <= 0)
    host.record("it evaluates the model at sigma " + std::to_string(sigma) + "; want more than 0");
  const Numbers* from = host.used(x, "denoise");
  if (!from) return CALOTYPE_STOPPED;
  Numbers out = *from;
  for (double& v : out) v = host.is_odd ? host.model_returns : exact_denoiser(v, sigma, host.data);
  *denoised = host.lend(std::move(out));
  return CALOTYPE_OK;
}

int32_t VectorHost::denoise_guided(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                   calotype_latents** unconditional) {
  const int32_t status = denoise(context, x, sigma, denoised);
  if (status == CALOTYPE_OK) *unconditional = self(context).lend(*self(context).numbers(*denoised));
  return status;
}

const void* VectorHost::extension(void*, const char* id) {
  static constexpr calotype_guided guided{sizeof guided, denoise_guided};
  return std::string_view(id) == CALOTYPE_GUIDED ? &guided : nullptr;
}

int32_t VectorHost::combine(void* context, size_t n, const double* coefficients, const calotype_latents* const* terms,
                            calotype_latents** out) {
  VectorHost& host = self(context);
  if (host.fails(false)) return CALOTYPE_STOPPED;
  if (n < 1) return host.record("it combines no terms"), CALOTYPE_STOPPED;
  Numbers sum;
  for (size_t k = 0; k < n; ++k) {
    const Numbers* term = host.used(terms[k], "combine");
    if (!term) return CALOTYPE_STOPPED;
    sum.resize(term->size());
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += coefficients[k] * (*term)[i];
  }
  if (!*out)
    *out = host.lend(std::move(sum));
  else if (host.used(*out, "combine"))
    host.find(*out)->numbers = std::move(sum);
  else
    return CALOTYPE_STOPPED;
  return CALOTYPE_OK;
}

int32_t VectorHost::noise(void* context, double sigma, double sigma_next, calotype_latents** noise) {
  VectorHost& host = self(context);
  if (host.fails(false)) return CALOTYPE_STOPPED;
  if (!std::isfinite(sigma) || !std::isfinite(sigma_next) || sigma < 0 || sigma_next < 0 || sigma == sigma_next)
    host.record("it samples noise from sigma " + std::to_string(sigma) + " to " + std::to_string(sigma_next));
  // any numbers that are the same each time
  Numbers out(host.size_);
  ++host.noises;
  for (double& v : out) v = std::sin(12.9898 * host.noises);
  *noise = host.lend(std::move(out));
  return CALOTYPE_OK;
}

int32_t VectorHost::error_norm(void* context, const calotype_latents* low, const calotype_latents* high,
                               const calotype_latents* previous, double atol, double rtol, double* norm) {
  VectorHost& host = self(context);
  if (host.fails(false)) return CALOTYPE_STOPPED;
  ++host.error_norms;
  const Numbers *a = host.used(low, "error_norm"), *b = host.used(high, "error_norm"),
                *c = host.used(previous, "error_norm");
  if (!a || !b || !c) return CALOTYPE_STOPPED;
  double sum = 0;
  for (size_t i = 0; i < a->size(); ++i) {
    const double size = std::max(atol, rtol * std::max(std::abs((*a)[i]), std::abs((*c)[i]))),
                 d = ((*a)[i] - (*b)[i]) / size;
    sum += d * d;
  }
  *norm = std::sqrt(sum / double(a->size()));
  return CALOTYPE_OK;
}

void VectorHost::release(void* context, calotype_latents* latents) {
  if (!latents) return;
  VectorHost& host = self(context);
  Handle* h = host.find(latents);
  if (!h || !h->is_lent) return host.record("it releases latents twice");
  h->is_lent = false;
  h->numbers.clear();
}

double exact_denoiser(double x, double sigma, Data data) {
  return data == Data::normal ? kFirst.denoised(x, sigma) : mixture_denoiser(x, sigma);
}

double exact_end(double x, double sigma, Data data) {
  if (data == Data::mixture) return mixture_end(x, sigma);
  return kMean + (x - kMean) * kDeviation / std::hypot(kDeviation, sigma);
}

std::vector<double> falling(int n, double highest, double lowest) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i)
    out.push_back(n == 1 ? highest : highest * std::pow(lowest / highest, double(i) / (n - 1)));
  out.push_back(0);
  return out;
}

}  // namespace calotype::check
