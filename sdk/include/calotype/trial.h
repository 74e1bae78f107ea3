#pragma once
#include <calotype/sampler.h>
#include <calotype/scheduler.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

/// Runs a scheduler or sampler without host and model, for its author's tests. Latents are one number. The data is
/// standard normal, so the denoiser and the solution are known exactly.
namespace calotype::trial {

/// Prints `what` and ends the program unless `holds`.
inline void want(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  std::exit(1);
}

/// The training sigmas that most latent diffusion models share, [1000], rising.
inline std::vector<double> usual_levels() {
  return scaled_linear_sigmas({0.00085, 0.012, 1000});
}

class Trial {
 public:
  /// Starts with the declared default of each setting.
  explicit Trial(const Info& info) {
    for (const Setting& s : info.settings)
      if (s.type) values_.push_back({s, s.value, std::string(s.text), numbers_of(s.text)});
  }
  /// Sets a boolean, integer or number; a choice or text; or numbers. Ends the program if no user could give the value.
  void set(std::string_view name, double value) {
    Value& v = find(name);
    const bool is_whole = v.setting.type == CALOTYPE_BOOLEAN || v.setting.type == CALOTYPE_INTEGER;
    want_one(v, (is_whole ? value == std::round(value) : v.setting.type == CALOTYPE_NUMBER) && is_in_range(v, value),
             text_of(value));
    v.number = value;
  }
  void set(std::string_view name, std::string_view value) {
    Value& v = find(name);
    const bool is_choice =
        v.setting.type == CALOTYPE_CHOICE && !value.empty() && value.find('|') == value.npos &&
        ("|" + std::string(v.setting.choices) + "|").find("|" + std::string(value) + "|") != std::string::npos;
    want_one(v, is_choice || v.setting.type == CALOTYPE_TEXT, "\"" + std::string(value) + "\"");
    v.text = value;
  }
  void set(std::string_view name, std::initializer_list<double> values) {
    Value& v = find(name);
    want_one(v, v.setting.type == CALOTYPE_NUMBERS, "a list");
    for (const double value : values) want_one(v, is_in_range(v, value), text_of(value));
    v.numbers = values;
  }

  const std::vector<double>& levels() const { return levels_; }

  /// The scheduler's sigmas over levels(). Ends the program unless they are finite, fall strictly and end at 0.
  std::vector<double> sigmas(Schedule& schedule, int steps) const {
    const Given given(values_);
    const auto out = schedule(steps, ModelSigmas(levels_), Settings(&given.settings));
    const std::string where = std::to_string(steps) + " steps: ";
    want(out.size() == size_t(steps) + 1,
         where + "want " + std::to_string(steps + 1) + " sigmas, got " + std::to_string(out.size()));
    for (size_t i = 0; i + 1 < out.size(); ++i)
      want(std::isfinite(out[i]) && out[i] > out[i + 1], where + "sigmas fall: sigma " + std::to_string(i + 1) +
                                                             " is " + text_of(out[i + 1]) + " after " +
                                                             text_of(out[i]));
    want(out.back() == 0, where + "the last sigma is 0, got " + text_of(out.back()));
    return out;
  }

  /// The reason why a scheduler or sampler refuses this number of steps. Ends the program if it does not refuse.
  std::string refuses(Schedule& schedule, int steps) const {
    const Given given(values_);
    return reason(steps, [&] { schedule(steps, ModelSigmas(levels_), Settings(&given.settings)); });
  }
  std::string refuses(Solver& solver, int steps) {
    return reason(steps, [&] { error(solver, steps); });
  }

  /// The error of a sampler that takes x = 1 from sigma = 10 to 0, in even steps of ln(sigma). Ends the program if the
  /// sampler does not release all other latents.
  double error(Solver& solver, int steps) {
    std::vector<double> sigmas;
    for (int i = 0; i < steps; ++i) sigmas.push_back(10 * std::pow(1e-5, steps > 1 ? double(i) / (steps - 1) : 0));
    sigmas.push_back(0);
    calls_ = live_ = 0;
    const calotype_sampler_host host{sizeof host, CALOTYPE_ABI, this,    denoise,  combine,
                                     noise,       error_norm,   release, extension};
    const Given given(values_);
    double found = 0;
    {
      Latents x(&host, make(1));
      solver(Sampling(&host, &given.settings, sigmas), x);
      found = value(x.handle());
    }
    want(live_ == 0, "the sampler leaves no latents behind");
    return std::abs(found - 1 / std::sqrt(101.0));
  }
  /// The model evaluations of the last call of error().
  int model_evaluations() const { return calls_; }

 private:
  static std::string text_of(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
  }
  template <class Body>
  static std::string reason(int steps, Body&& body) {
    try {
      body();
    } catch (const Error& e) {
      return e.what();
    }
    want(false, std::to_string(steps) + " steps: it is refused");
    std::abort();
  }

  struct Value {
    Setting setting;
    double number;
    std::string text;
    std::vector<double> numbers;
  };
  /// The values as a host passes them.
  struct Given {
    explicit Given(const std::vector<Value>& values) {
      names.reserve(values.size()), raw.reserve(values.size());
      for (const Value& v : values) {
        names.emplace_back(v.setting.name);
        raw.push_back({.size = sizeof(calotype_setting),
                       .type = v.setting.type,
                       .name = names.back().c_str(),
                       .number = v.number,
                       .text = v.text.c_str(),
                       .numbers = v.numbers.data(),
                       .count = v.numbers.size()});
        pointers.push_back(&raw.back());
      }
      settings = {sizeof settings, uint32_t(pointers.size()), pointers.data()};
    }
    std::vector<std::string> names;
    std::vector<calotype_setting> raw;
    std::vector<const calotype_setting*> pointers;
    calotype_settings settings;
  };

  static std::vector<double> numbers_of(std::string_view text) {
    const std::string copy(text);
    std::vector<double> out;
    char* end = nullptr;
    for (const char* at = copy.c_str(); *at; at = *end ? end + 1 : end) {
      const double number = std::strtod(at, &end);
      if (end == at) break;
      out.push_back(number);
    }
    return out;
  }
  static bool is_in_range(const Value& v, double value) { return value >= v.setting.min && value <= v.setting.max; }
  static void want_one(const Value& v, bool holds, const std::string& got) {
    const Setting& s = v.setting;
    std::string wanted(note::kTypeNames[s.type]);
    if (s.type == CALOTYPE_CHOICE)
      wanted += " of " + std::string(s.choices);
    else if (s.type != CALOTYPE_TEXT)
      wanted += " from " + text_of(s.min) + " to " + text_of(s.max);
    want(holds, "setting \"" + std::string(s.name) + "\": want " + wanted + ", got " + got);
  }
  Value& find(std::string_view name) {
    for (Value& v : values_)
      if (v.setting.name == name) return v;
    want(false, "a setting \"" + std::string(name) + "\" is declared");
    std::abort();
  }

  static Trial& self(void* context) { return *static_cast<Trial*>(context); }
  static double value(const calotype_latents* x) { return *reinterpret_cast<const double*>(x); }
  calotype_latents* make(double x) { return ++live_, reinterpret_cast<calotype_latents*>(new double(x)); }
  static int32_t denoise(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised) {
    ++self(context).calls_;
    *denoised = self(context).make(value(x) / (1 + sigma * sigma));
    return CALOTYPE_OK;
  }
  static int32_t combine(void* context, size_t count, const double* c, const calotype_latents* const* terms,
                         calotype_latents** out) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += c[i] * value(terms[i]);
    if (*out)
      *reinterpret_cast<double*>(*out) = sum;
    else
      *out = self(context).make(sum);
    return CALOTYPE_OK;
  }
  /// Returns zeros: the exact solution is the one without noise.
  static int32_t noise(void* context, double, double, calotype_latents** out) {
    return *out = self(context).make(0), CALOTYPE_OK;
  }
  static int32_t error_norm(void*, const calotype_latents* low, const calotype_latents* high,
                            const calotype_latents* previous, double atol, double rtol, double* norm) {
    *norm = std::abs(value(low) - value(high)) /
            std::max(atol, rtol * std::max(std::abs(value(low)), std::abs(value(previous))));
    return CALOTYPE_OK;
  }
  static void release(void* context, calotype_latents* x) {
    --self(context).live_;
    delete reinterpret_cast<double*>(x);
  }
  /// There is no guidance, so both predictions are equal.
  static int32_t denoise_guided(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                calotype_latents** unconditional) {
    denoise(context, x, sigma, denoised);
    *unconditional = self(context).make(value(*denoised));
    return CALOTYPE_OK;
  }
  static const void* extension(void*, const char* id) {
    static constexpr calotype_guided guided{sizeof guided, denoise_guided};
    return std::string_view(id) == CALOTYPE_GUIDED ? &guided : nullptr;
  }

  const std::vector<double> levels_ = usual_levels();
  std::vector<Value> values_;
  int calls_ = 0, live_ = 0;
};

}  // namespace calotype::trial
