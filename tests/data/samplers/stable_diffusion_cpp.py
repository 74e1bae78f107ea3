"""What stable-diffusion.cpp's samplers make of the mixture of Gaussians; their k-th draw is, in element j,
1.4 sin(12.9898 k + 78.233 j + 1), and without guidance the estimate is that of one Gaussian. Its functions are taken
from a checkout and
compiled, with double in place of float, against the few lines of a tensor that they need:

    # g++
    python tests/data/samplers/stable_diffusion_cpp.py CHECKOUT > tests/data/samplers/stable_diffusion_cpp.json
"""
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mixture import START, commit_of, karras, write

HOST = r"""
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>
#define float double
#define expf exp
#define logf log
#define sqrtf sqrt
#define fabsf fabs
#define LOG_WARN(...)
#define LOG_DEBUG(...)
constexpr int TIMESTEPS = 1000;
static int draws;
namespace sd {
template <class T> struct Tensor {
  std::vector<T> v;
  bool empty() const { return v.empty(); }
  template <class F> Tensor each(const Tensor& b, F f) const { Tensor c = *this; for (size_t i = 0; i < v.size(); ++i)
  c.v[i] = f(v[i], b.v[i]); return c; }
  Tensor& operator+=(const Tensor& b) { return *this = each(b, [](T x, T y) { return x + y; }); }
  Tensor& operator*=(T k) { for (T& x : v) x *= k; return *this; }
  int64_t numel() const { return v.size(); }
  T operator[](int64_t j) const { return v[j]; }
  template <class... R> static Tensor randn_like(Tensor x, R&&...) { for (size_t j = 0; j < x.v.size(); ++j) x.v[j] =
  1.4 * std::sin(12.9898 * draws + 78.233 * j + 1); ++draws; return x; }
  friend Tensor operator+(const Tensor& a, const Tensor& b) { return a.each(b, [](T x, T y) { return x + y; }); }
  friend Tensor operator-(const Tensor& a, const Tensor& b) { return a.each(b, [](T x, T y) { return x - y; }); }
  friend Tensor operator*(Tensor a, T k) { return a *= k; }
  friend Tensor operator*(T k, Tensor a) { return a *= k; }
  friend Tensor operator/(Tensor a, T k) { return a *= 1 / k; }
};
namespace ops { template <class X> X clamp(X x, ...) { std::abort(); return x; } }
}
struct Said { sd::Tensor<float> pred, pred_uncond; };
struct RNG {};
using denoise_cb_t = std::function<Said(const sd::Tensor<float>&, float, int)>;
using SamplerExtraArgs = std::vector<std::pair<std::string, std::string>>;
template <class T> static bool parse_strict_float(const std::string&, T&) { return false; }
template <class T> static bool parse_strict_int(const std::string&, T&) { return false; }
"""
MAIN = r"""
static int calls;
static Said mixture(const sd::Tensor<float>& x, float sigma, int) {
  ++calls;
  const double means[] = {-1, 0.25, 2}, weights[] = {0.5, 0.2, 0.3}, s = 0.3, v = s * s + sigma * sigma;
  Said said{x, x};
  for (double& y : said.pred_uncond.v) y = (0.25 * y + 0.7 * sigma * sigma) / (0.25 + sigma * sigma);
  for (double& y : said.pred.v) {
    double sum = 0, mean = 0, logit[3], most = -INFINITY;
    for (int k = 0; k < 3; ++k) most = std::max(most, logit[k] = std::log(weights[k]) - (y - means[k]) * (y - means[k])
    / (2 * v));
    for (int k = 0; k < 3; ++k) sum += std::exp(logit[k] - most), mean += std::exp(logit[k] - most) * (s * s * y + sigma
    * sigma * means[k]) / v;
    y = mean / sum;
  }
  return said;
}
int main() {
  size_t n, m;
  std::scanf("%zu %zu", &n, &m);
  std::vector<double> sigmas(n);
  sd::Tensor<double> x{std::vector<double>(m)};
  for (double& s : sigmas) std::scanf("%lf", &s);
  for (double& v : x.v) std::scanf("%lf", &v);
  const sd::Tensor<double> y = CALL;
  for (const double v : y.v) std::printf("%.17g ", v);
  std::printf("%d %d", calls, draws);
}
"""
ETAS = (0, 0.25, 0.75)  # of which 1 less them times a timestep is exact, where a floor is taken of it
SAMPLERS = [
    *(("ddim", {"eta": eta}, f"sample_euler_ancestral(mixture, x, sigmas, nullptr, false, {eta})") for eta in ETAS),
    ("dpm_2", {}, "sample_dpm2(mixture, x, sigmas)"),
    ("dpmpp_2m", {}, "sample_dpmpp_2m(mixture, x, sigmas)"),
    ("dpmpp_2m_sde", {}, "sample_dpmpp_2m_sde(mixture, x, sigmas, nullptr, 1)"),
    ("dpmpp_2m_v2", {}, "sample_dpmpp_2m_v2(mixture, x, sigmas)"),
    ("dpmpp_2s_ancestral", {}, "sample_dpmpp_2s_ancestral(mixture, x, sigmas, nullptr, 1)"),
    ("er_sde", {}, "sample_er_sde(mixture, x, sigmas, nullptr, false, 1)"),
    ("euler_ancestral_cfg_pp", {}, "sample_euler_ancestral_cfg_pp(mixture, x, sigmas, nullptr, 1)"),
    ("euler_cfg_pp", {}, "sample_euler_cfg_pp(mixture, x, sigmas)"),
    ("euler", {}, "sample_euler(mixture, x, sigmas)"),
    ("euler_ancestral", {}, "sample_euler_ancestral(mixture, x, sigmas, nullptr, false, 1)"),
    ("gradient_estimation", {}, "sample_gradient_estimation(mixture, x, sigmas, nullptr, false, 0, {})"),
    ("heun", {}, "sample_heun(mixture, x, sigmas)"),
    ("ipndm@forge", {}, "sample_ipndm(mixture, x, sigmas)"),
    ("ipndm_v@stable-diffusion.cpp", {}, "sample_ipndm_v(mixture, x, sigmas)"),
    ("lcm", {}, "sample_lcm(mixture, x, sigmas, nullptr, false, {})"),
    ("lms@stable-diffusion.cpp", {}, "sample_lms(mixture, x, sigmas, {})"),
    ("res_2s", {}, "sample_res_2s(mixture, x, sigmas, nullptr, false, 0)"),
    ("res_multistep", {}, "sample_res_multistep(mixture, x, sigmas, nullptr, false, 0)"),
    *(("tcd@diffusers", {"eta": eta}, f"sample_tcd(mixture, x, sigmas, nullptr, {eta})") for eta in ETAS),
]


def lcm(steps):
    """The schedule "lcm", on whose timesteps tcd is at home."""
    alpha, levels = 1.0, []
    for t in range(1000):
        alpha *= 1 - (math.sqrt(0.00085) + (math.sqrt(0.012) - math.sqrt(0.00085)) * t / 999) ** 2
        levels.append(math.sqrt((1 - alpha) / alpha))
    return [levels[(50 - 50 * i // steps) * 20 - 1] for i in range(steps)] + [0.0]


checkout = sys.argv[1]
source = Path(checkout, "src/runtime/denoiser.hpp").read_text()
source = re.sub(r"(?<=[\d.])f\b", "", source)  # literals too
functions = [f for f in re.findall(r"^static .*?^}\n", source, re.M | re.S) if "get_ancestral_step" in f.split("{")[0]]
runs = []
with tempfile.TemporaryDirectory() as folder:
    for id, settings, call in SAMPLERS:
        name = call.split("(")[0]
        body = re.search(rf"^static sd::Tensor<float> {name}\(.*?^}}\n", source, re.M | re.S).group()
        Path(folder, "a.cpp").write_text(HOST + "".join(functions) + body + MAIN.replace("CALL", call))
        subprocess.run(["g++", "-std=c++17", "-w", "-o", f"{folder}/a", f"{folder}/a.cpp"], check=True)
        for steps in (1, 2, 3, 5, 12, 20):
            sigmas = lcm(steps) if id == "tcd@diffusers" else karras(steps)
            x = (START * sigmas[0]).flatten().tolist()
            text = f"{len(sigmas)} {len(x)} " + " ".join(map(repr, sigmas + x))
            *y, calls, draws = subprocess.run(
                [f"{folder}/a"], input=text, capture_output=True, text=True, check=True
            ).stdout.split()
            runs.append(
                {
                    "id": id,
                    "settings": settings,
                    "sigmas": sigmas,
                    "y": list(map(float, y)),
                    "calls": int(calls),
                    "draws": int(draws),
                }
            )
write(f"stable-diffusion.cpp {commit_of(checkout)}", runs)
