#pragma once
#include <calotype/abi.h>

#include <memory>
#include <string>
#include <vector>

namespace calotype::check {

/// The distribution of the data. For normal data the denoiser is linear in x, and a method may reach a higher order
/// than elsewhere; for a mixture it is not.
enum class Data { normal, mixture };

/// A sampler's host without libtorch. Latents are vectors of double. The data follows N(0.7, 0.5^2), or a mixture of it
/// and another, and the denoiser is exact. The host can fail at a given call, counts calls, and tracks every handle.
class VectorHost {
 public:
  using Numbers = std::vector<double>;
  static constexpr int kNever = -1, kMostCalls = 200'000;

  VectorHost();
  VectorHost(const VectorHost&) = delete;
  ~VectorHost();
  const calotype_sampler_host& table() const { return table_; }
  calotype_latents* lend(Numbers numbers);
  /// Null if this is not one of its handles, or was released.
  const Numbers* numbers(const calotype_latents* latents) const;
  /// The handles that the sampler holds.
  int held() const;

  int fail_call = kNever;     ///< the call that fails, counted from 0 without release
  int fail_denoise = kNever;  ///< the model evaluation that fails
  Data data = Data::normal;
  double model_returns = 0;  ///< what the model returns for every input, if `is_odd`
  bool is_odd = false;

  int calls = 0, model_evaluations = 0, noises = 0, error_norms = 0;
  int failed_at = kNever;  ///< the value of `calls` when a call failed
  bool failed_in_model = false;
  bool is_endless = false;  ///< the sampler was stopped after kMostCalls
  std::string misuse;       ///< the first breach of the contract: latents released twice, a sigma of 0

 private:
  struct Handle;
  static VectorHost& self(void* context) { return *static_cast<VectorHost*>(context); }
  static int32_t denoise(void*, const calotype_latents* x, double sigma, calotype_latents** denoised);
  /// There is no guidance, so both predictions are equal.
  static int32_t denoise_guided(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                calotype_latents** unconditional);
  static const void* extension(void* context, const char* id);
  static int32_t combine(void*, size_t n, const double* coefficients, const calotype_latents* const* terms,
                         calotype_latents** out);
  static int32_t noise(void*, double sigma, double sigma_next, calotype_latents** noise);
  static int32_t error_norm(void*, const calotype_latents* low, const calotype_latents* high,
                            const calotype_latents* previous, double atol, double rtol, double* norm);
  static void release(void*, calotype_latents* latents);

  bool fails(bool in_model);
  Handle* find(const calotype_latents* latents) const;
  const Numbers* used(const calotype_latents* latents, const char* call);
  void record(const std::string& what);

  calotype_sampler_host table_;
  std::vector<std::unique_ptr<Handle>> handles_;
  size_t size_ = 0;  ///< elements of one image
};

/// The exact denoised value for x with noise sigma.
double exact_denoiser(double x, double sigma, Data data = Data::normal);
/// The exact solution at 0 of the probability flow from x at sigma.
double exact_end(double x, double sigma, Data data = Data::normal);
/// n sigmas that are even in their logarithm, and 0.
std::vector<double> falling(int n, double highest, double lowest);

}  // namespace calotype::check
