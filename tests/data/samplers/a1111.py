"""What AUTOMATIC1111's samplers over timesteps, LCM, and those with noise, as Stable Diffusion WebUI Forge has them,
make of the mixture
of Gaussians, in float64; their k-th draw is, in element j, 1.4 sin(12.9898 k + 78.233 j + 1), and without guidance the
estimate is that of
one Gaussian:

    python tests/data/samplers/a1111.py CHECKOUT > tests/data/samplers/a1111.json      # torch 2.11

AUTOMATIC1111's own text of these functions is the same, but that Forge asks the model for LCM without the boundary
condition that is still in
the class, and has CFG++ with the whole guidance_scale.
"""
import importlib
import math
import sys
import types
from pathlib import Path

import torch

from mixture import START, commit_of, karras, mixture, write

checkout = sys.argv[1]
ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
LEVELS = ((1 - ALPHAS) / ALPHAS) ** 0.5
calls = draws = 0


def stand_in(name, **members):
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(members)
    return module


def noise(*_, **__):
    global draws
    draws += 1
    return torch.tensor([1.4 * math.sin(12.9898 * (draws - 1) + 78.233 * j + 1) for j in range(8)]).view(1, 8, 1, 1)


class Torch64:
    """torch, where float32 is float64 and randn_like the noise above."""

    randn_like = staticmethod(noise)

    def __getattr__(self, name):
        return torch.float64 if name == "float32" else getattr(torch, name)


options = types.SimpleNamespace(uni_pc_skip_type="time_uniform", uni_pc_lower_order_final=True)
stand_in("torchsde")
stand_in("torchdiffeq", odeint=None)
stand_in("backend", __path__=[str(Path(checkout, "backend"))])
stand_in("backend.modules", __path__=[str(Path(checkout, "backend/modules"))])
stand_in("backend.modules.k_prediction", PredictionFlux=type("PredictionFlux", (), {}))
stand_in("k_diffusion", __path__=[str(Path(checkout, "k_diffusion"))])
stand_in("k_diffusion.utils", append_dims=lambda x, n: x[(...,) + (None,) * (n - x.ndim)])
parent = stand_in(
    "modules", __path__=[str(Path(checkout, "modules"))], shared=types.SimpleNamespace(opts=options), devices=None
)
stand_in("modules.torch_utils", float64=lambda _: torch.float64)
for name, member in (("cfg_denoiser", "CFGDenoiser"), ("kdiffusion", "KDiffusionSampler"), ("common", "SamplerData")):
    setattr(
        parent,
        "sd_samplers_" + name,
        types.SimpleNamespace(**{member: type(member, (), {"__init__": lambda *_: None})}),
    )

k = importlib.import_module("k_diffusion.sampling")
extra = importlib.import_module("backend.modules.k_diffusion_extra")
lcm = importlib.import_module("modules.sd_samplers_lcm")
over_timesteps = importlib.import_module("modules.sd_samplers_timesteps_impl")
k.torch = lcm.torch = Torch64()


def model(x, sigma, **_):
    global calls
    calls += 1
    return mixture(x, sigma.flatten()[0])


model.inner_model = types.SimpleNamespace(predictor=None)


def gaussian(x, sigma):
    return (0.25 * x + 0.7 * sigma * sigma) / (0.25 + sigma * sigma)


def level(t):
    """Of a real timestep, as UniPC has it: log sqrt(alpha_bar) goes in straight lines."""
    low = min(int(t), 998)
    alpha = torch.exp(torch.lerp(ALPHAS[low].log(), ALPHAS[low + 1].log(), t - low))
    return ((1 - alpha) / alpha) ** 0.5


class NoiseModel:
    """x: scaled by sqrt(alpha_bar); the noise in it, and that without guidance."""

    def __init__(self, is_divided=False):
        self.is_divided = is_divided
        self.inner_model = types.SimpleNamespace(inner_model=types.SimpleNamespace(alphas_cumprod=ALPHAS))

    def __call__(self, x, timestep):
        sigma = level(float(timestep))
        x = x * (1 + sigma * sigma) ** 0.5
        guided, self.last_noise_uncond = (x - model(x, sigma)) / sigma, (x - gaussian(x, sigma)) / sigma
        return self.last_noise_uncond + (guided - self.last_noise_uncond) * (
            self.cond_scale_miltiplier if self.is_divided else 1
        )


def result(id, settings, sigmas, y):
    return {
        "id": id,
        "settings": settings,
        "sigmas": [float(s) for s in sigmas],
        "y": y.flatten().tolist(),
        "calls": calls,
        "draws": draws,
    }


def scaled_start(sigma):
    return START * sigma / (1 + sigma * sigma) ** 0.5


def walk_timesteps(id, settings, steps, function, is_divided=False, **more):
    """As CompVisSampler calls it."""
    global calls, draws
    calls = draws = 0
    timesteps = torch.clip(torch.arange(0, 1000, 1000 // steps) + 1, 0, 999)
    sigmas = [*LEVELS[timesteps].flip(0), 0.0]
    y = function(NoiseModel(is_divided), scaled_start(sigmas[0]), timesteps, extra_args={}, disable=True, **more)
    return result(id, {**settings, "final_sigma": LEVELS[1].item()}, sigmas, y)


def run_unipc(order, variant, steps):
    global calls, draws
    calls = draws = 0
    options.uni_pc_order, options.uni_pc_variant = order, variant
    sigmas = [level(999 * (1 - i / steps)) for i in range(steps)]
    y = over_timesteps.unipc(
        NoiseModel(), scaled_start(sigmas[0]), list(range(steps)), extra_args={}, callback=lambda _: None, disable=True
    )
    return result(
        "uni_pc@a1111", {"order": order, "solver_type": variant, "final_sigma": LEVELS[0].item()}, [*sigmas, 0.0], y
    )


def run(id, settings, steps, function, model=model, **more):
    global calls, draws
    calls = draws = 0
    sigmas = karras(steps)
    return result(id, settings, sigmas, function(model, START * sigmas[0], torch.tensor(sigmas), disable=True, **more))


class LcmModel(lcm.LCMCompVisDenoiser):
    """AUTOMATIC1111's: with the boundary condition. The timestep that it shows the model is left out."""

    def __init__(self):
        inside = types.SimpleNamespace(sigmas=LEVELS)
        for name in ("predictor", "model", "unet", "forge_objects"):
            inside = types.SimpleNamespace(**{name: inside})
        super().__init__(inside)

    def get_eps(self, x, _):
        x = x * (1 + self.sigma * self.sigma) ** 0.5
        return (x - model(x, self.sigma)) / self.sigma

    def forward(self, x, sigma):
        self.sigma = sigma
        return super().forward(x, sigma)


def by_ends(sampler, with_steps):
    """As KDiffusionSampler calls those that choose their own steps."""
    return lambda model, x, sigmas, **more: sampler(
        model, x, sigmas[-2], sigmas[0], *[len(sigmas) - 1] * with_steps, **more
    )


NOISY = [
    ("euler_ancestral", {}, k.sample_euler_ancestral, {}),
    ("dpm_2_ancestral", {}, k.sample_dpm_2_ancestral, {}),
    ("dpmpp_2s_ancestral", {}, k.sample_dpmpp_2s_ancestral, {}),
    ("dpmpp_sde", {}, k.sample_dpmpp_sde, {}),
    ("dpmpp_2m_sde", {}, k.sample_dpmpp_2m_sde, {}),
    ("dpmpp_2m_sde_heun", {}, k.sample_dpmpp_2m_sde, {"solver_type": "heun"}),
    ("dpmpp_3m_sde", {}, k.sample_dpmpp_3m_sde, {}),
    ("dpm_fast", {"eta": 1}, by_ends(k.sample_dpm_fast, 1), {"eta": 1.0}),
    ("dpm_adaptive", {"eta": 1}, by_ends(k.sample_dpm_adaptive, 0), {"eta": 1.0}),
    ("ddpm", {}, extra.sample_ddpm, {}),
    ("lcm", {}, lcm.sample_lcm, {}),
]
runs = []
for n in (2, 3, 5, 12, 20):
    for eta in (0.0, 0.5, 1.0):
        runs.append(walk_timesteps("ddim@a1111", {"eta": eta}, n, over_timesteps.ddim, eta=eta))
        runs.append(walk_timesteps("ddim_cfg_pp", {"eta": eta}, n, over_timesteps.ddim_cfgpp, is_divided=True, eta=eta))
    runs.append(walk_timesteps("ddim_cfg_pp", {"guidance_divisor": 1}, n, over_timesteps.ddim_cfgpp))
    runs.append(walk_timesteps("plms@a1111", {}, n, over_timesteps.plms))
    for order in (1, 2, 3):
        for variant in ("bh1", "bh2"):
            if n >= order:
                runs.append(run_unipc(order, variant, n))
    for id, settings, function, more in NOISY:
        runs.append(run(id, settings, n, function, noise_sampler=noise, **more))
    runs.append(run("lcm@a1111", {}, n, lcm.sample_lcm, LcmModel(), noise_sampler=noise))
write(f"Forge {commit_of(checkout)}", runs)
