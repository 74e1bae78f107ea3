"""What ComfyUI and diffusers make of the mixture of Gaussians of tests/samplers/stochastic_samplers_test.cpp, in
float64, with given
noise in place of their random generators:

    python stochastic_samplers.py COMFYUI NEWER_COMFYUI > stochastic_samplers.json      # diffusers 0.42, torch 2.11

The two are checkouts of ComfyUI at the commits below; of the newer one comfy/k_diffusion is enough. The numbers in the
repository were
made with a newer one that was the older with the newer's text of sample_seeds_2, sample_exp_heun_2_x0_sde and
sample_dpmpp_2s_ancestral_cfg_pp in it, the three that differ and are run from there.
"""
import importlib
import inspect
import json
import math
import sys
import types
from pathlib import Path

import torch
from diffusers import schedulers

OLDER, NEWER = "a125cd84b054a57729b5eecab930ca9408719832", "02159d814dee609acc27994c1bf25fc5b40e2aaa"


def mixture(x, sigma):
    means, weights, s = (
        torch.tensor([-1, 0.25, 2.0], dtype=torch.float64),
        torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64),
        0.3,
    )
    v = s * s + sigma * sigma
    p = torch.softmax(weights.log() - (x.unsqueeze(-1) - means) ** 2 / (2 * v), -1)
    return (p * (s * s * x.unsqueeze(-1) + sigma * sigma * means) / v).sum(-1)


def gaussian(x, sigma):
    return (0.25 * x + sigma * sigma * 0.7) / (0.25 + sigma * sigma)


class Noise:
    """The k-th draw, element j: 1.4 sin(12.9898 k + 78.233 j + 1)."""

    def __init__(self):
        self.draws = 0

    def __call__(self, *_, **__):
        z = [1.4 * math.sin(12.9898 * self.draws + 78.233 * j + 1) for j in range(8)]
        self.draws += 1
        return torch.tensor(z, dtype=torch.float64).view(1, 8, 1, 1)


def karras(n, highest=14.6, lowest=0.03, rho=7):
    a, b = highest ** (1 / rho), lowest ** (1 / rho)
    return [(a + i / max(n - 1, 1) * (b - a)) ** rho for i in range(n)] + [0.0]


ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
LEVELS = ((1 - ALPHAS) / ALPHAS) ** 0.5


def start(sigma):
    return torch.linspace(-2, 2, 8, dtype=torch.float64).view(1, 8, 1, 1) * sigma


class ModelSampling:
    def percent_to_sigma(self, percent):
        t = 999 * (1 - percent)
        return math.exp(torch.lerp(LEVELS.log()[int(t)], LEVELS.log()[int(t) + 1], t - int(t)))

    def noise_scaling(self, sigma, noise, latent):
        return latent + sigma * noise


def comfyui(checkout):
    """Its sampling.py, without what it imports and does not use here."""
    for name in ("torchsde", "comfy", "comfy.model_patcher", "comfy.model_sampling"):
        sys.modules[name] = types.ModuleType(name)
    for name in [name for name in sys.modules if name.startswith("k_diffusion")]:
        del sys.modules[name]
    patcher = sys.modules["comfy.model_patcher"]
    patcher.set_model_options_post_cfg_function = lambda options, function, disable_cfg1_optimization: {
        "post": function
    }
    sys.modules["comfy.model_sampling"].CONST = type("CONST", (), {})
    sys.modules["comfy"].model_patcher, sys.modules["comfy"].model_sampling = (
        patcher,
        sys.modules["comfy.model_sampling"],
    )
    package = types.ModuleType("k_diffusion")
    package.__path__ = [str(Path(checkout, "comfy", "k_diffusion"))]
    sys.modules["k_diffusion"] = package
    for name in ("utils", "deis"):
        sys.modules["k_diffusion." + name] = types.ModuleType(name)
    sys.modules["k_diffusion.utils"].append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
    return importlib.import_module("k_diffusion.sampling")


def run_comfyui(sampling, commit, name, sigmas, **options):
    calls = [0]

    def model(x, sigma, model_options={}):
        calls[0] += 1
        sigma = sigma.view(-1, 1, 1, 1)
        if "post" in model_options:
            model_options["post"]({"denoised": mixture(x, sigma), "uncond_denoised": gaussian(x, sigma)})
        return mixture(x, sigma)

    inner = types.SimpleNamespace(model_sampling=ModelSampling())
    patcher = types.SimpleNamespace(get_model_object=lambda _: inner.model_sampling)
    model = type(
        "Model",
        (),
        {
            "__call__": staticmethod(model),
            "inner_model": types.SimpleNamespace(inner_model=inner, model_patcher=patcher),
        },
    )()
    function = getattr(sampling, "sample_" + name)
    noise, x = Noise(), start(sigmas[0])
    if "noise_sampler" in inspect.signature(function).parameters:
        options["noise_sampler"] = noise
    y = function(model, x.clone(), torch.tensor(sigmas, dtype=torch.float64), disable=True, **options)
    return {
        "y": y.flatten().tolist(),
        "model_calls": calls[0],
        "noises": noise.draws,
        "peer": f"comfyanonymous/ComfyUI@{commit}",
    }


class Torch64:
    """torch, where float32 is float64."""

    def __getattr__(self, name):
        return torch.float64 if name == "float32" else getattr(torch, name)


def run_diffusers(kind, sigmas, timesteps, step_options={}, **options):
    scheduler = getattr(schedulers, kind)(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample", **options
    )
    module = sys.modules[type(scheduler).__module__]
    noise, steps = Noise(), len(sigmas) - 1
    module.torch, module.randn_tensor = Torch64(), noise
    if kind in ("LCMScheduler", "DDPMScheduler", "TCDScheduler"):
        scheduler.set_timesteps(steps) if kind == "DDPMScheduler" else scheduler.set_timesteps(timesteps=timesteps)
    else:
        scheduler.set_timesteps(steps)
        scheduler.sigmas = torch.tensor(sigmas, dtype=torch.float64)
    if kind == "SASolverScheduler":
        scheduler.sigmas[-1] = LEVELS[0]
    scheduler.alphas_cumprod = ALPHAS
    x = start(sigmas[0]) / math.sqrt(1 + sigmas[0] ** 2)
    for i in range(steps):
        last = x * math.sqrt(1 + sigmas[i] ** 2)
        clean = mixture(last, sigmas[i])
        x = scheduler.step(clean, int(scheduler.timesteps[i]), x, return_dict=False, **step_options)[0]
    # before the last step, whose end is another in some of them, and after it
    return {
        "last": last.flatten().tolist(),
        "y": x.flatten().tolist(),
        "model_calls": steps,
        "peer": "diffusers 0.42.1",
    }


def run_dpmsolver_sde(sigmas):
    """Two calls a step, the noise sampler its own."""
    sys.modules["torchsde"] = types.ModuleType("torchsde")
    module = importlib.import_module("diffusers.schedulers.scheduling_dpmsolver_sde")
    scheduler = module.DPMSolverSDEScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    scheduler.set_timesteps(len(sigmas) - 1)
    scheduler.noise_sampler = noise = Noise()
    scheduler.sigmas = torch.tensor(
        [sigmas[0]] + [s for s in sigmas[1:-1] for _ in range(2)] + [0.0], dtype=torch.float64
    )
    x = start(sigmas[0])
    for i, t in enumerate(scheduler.timesteps):
        sigma = (
            scheduler.sigmas[i]
            if scheduler.state_in_first_order
            else (scheduler.sigmas[i - 1] * scheduler.sigmas[i]) ** 0.5
        )
        x = scheduler.step((x - mixture(x, sigma)) / sigma, t, x, return_dict=False)[0]
    return {"y": x.flatten().tolist(), "model_calls": len(scheduler.timesteps), "peer": "diffusers 0.42.1"}


def run_edm(sigmas, kind):
    """A model of EDM, whose output is F: D = c_skip x + c_out F."""
    scheduler = schedulers.EDMDPMSolverMultistepScheduler(algorithm_type="sde-dpmsolver++", solver_type=kind)
    module = sys.modules[type(scheduler).__module__]
    module.torch, module.randn_tensor = Torch64(), Noise()
    scheduler.set_timesteps(len(sigmas) - 1)
    scheduler.sigmas = torch.tensor(sigmas, dtype=torch.float64)
    x = start(sigmas[0])
    for sigma, t in zip(sigmas, scheduler.timesteps):
        v = sigma * sigma + 0.25
        x = scheduler.step((mixture(x, sigma) - 0.25 / v * x) * math.sqrt(v) / (0.5 * sigma), t, x, return_dict=False)[
            0
        ]
    return {"y": x.flatten().tolist(), "model_calls": len(sigmas) - 1, "peer": "diffusers 0.42.1"}


runs = []


def add(id, given, sigmas, result):
    runs.append({"id": id, "given": given, "sigmas": sigmas, **result})


def add_comfyui(sampling, commit, name, *settings, steps=(1, 2, 5, 12)):
    for given in settings or ({},):
        for n in steps:
            add(name, given, karras(n), run_comfyui(sampling, commit, name, karras(n), **given))


NOISY = ({}, {"eta": 0.5, "s_noise": 1.1}, {"eta": 0.0})
older = comfyui(sys.argv[1])
for name in ("ddpm", "lcm", "dpmpp_2m_cfg_pp", "res_multistep_cfg_pp"):
    add_comfyui(older, OLDER, name)
for name in (
    "euler_ancestral_cfg_pp",
    "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp",
    "dpmpp_2m_sde_heun",
):
    add_comfyui(older, OLDER, name, *NOISY)
add_comfyui(older, OLDER, "gradient_estimation_cfg_pp", {}, {"ge_gamma": 1.5})
add_comfyui(older, OLDER, "er_sde", {}, {"max_stage": 1}, {"max_stage": 2, "s_noise": 1.1})
for eta in (0.5, 1.0):
    for n in (5, 12):
        result = run_comfyui(older, OLDER, "er_sde", karras(n), noise_scaler=lambda x: x ** (eta + 1))
        add("er_sde", {"solver_type": "reverse_time", "eta": eta}, karras(n), result)
for n in (5, 12):
    add(
        "er_sde",
        {"solver_type": "ode"},
        karras(n),
        run_comfyui(older, OLDER, "er_sde", karras(n), noise_scaler=lambda x: x, s_noise=0),
    )
add_comfyui(older, OLDER, "seeds_3", *NOISY, {"r_1": 0.2, "r_2": 0.9})
SA = (
    {},
    {"predictor_order": 1, "corrector_order": 0},
    {"predictor_order": 2, "corrector_order": 2, "simple_order_2": True},
    {"s_noise": 1.1},
)
add_comfyui(older, OLDER, "sa_solver", *SA, steps=(1, 2, 5, 12, 25))
add_comfyui(older, OLDER, "sa_solver_pece", *SA, steps=(1, 2, 5, 12, 25))

newer = comfyui(sys.argv[2])
add_comfyui(newer, NEWER, "seeds_2", *NOISY, {"r": 0.3}, {"solver_type": "phi_2", "r": 0.8})
add_comfyui(newer, NEWER, "exp_heun_2_x0_sde", *NOISY, {"solver_type": "phi_1"})
add_comfyui(newer, NEWER, "dpmpp_2s_ancestral_cfg_pp", *NOISY)

for n in (1, 2, 5, 10, 20):
    trailing = [1000 - 1000 // n * i - 1 for i in range(n)]
    sigmas = [LEVELS[t].item() for t in trailing] + [0.0]
    add("lcm@diffusers", {}, sigmas, run_diffusers("LCMScheduler", sigmas, trailing, original_inference_steps=100))
    for eta in (0, 0.3, 1):
        result = run_diffusers("TCDScheduler", sigmas, trailing, {"eta": eta}, original_inference_steps=100)
        add("tcd@diffusers", {"eta": eta}, sigmas, result)
        add("tcd", {"eta": eta}, sigmas, {**result, "y": None})
    for variance in ("small", "large"):
        result = run_diffusers(
            "DDPMScheduler",
            sigmas,
            trailing,
            variance_type="fixed_" + variance,
            clip_sample=False,
            timestep_spacing="trailing",
        )
        add("ddpm", {"variance": variance}, sigmas, {**result, "y": result["y"] if variance == "small" else None})
    for given in ({}, {"predictor_order": 3, "corrector_order": 4}, {"predictor_order": 1, "corrector_order": 1}):
        add(
            "sa_solver@diffusers",
            given,
            sigmas,
            {**run_diffusers("SASolverScheduler", sigmas, trailing, timestep_spacing="trailing", **given), "y": None},
        )
    for kind in ("midpoint", "heun"):
        result = run_diffusers(
            "DPMSolverMultistepScheduler",
            sigmas,
            trailing,
            algorithm_type="sde-dpmsolver++",
            solver_type=kind,
            timestep_spacing="trailing",
        )
        add("dpmpp_2m_sde", {"solver_type": kind}, sigmas, result)
        add("dpmpp_2m_sde", {"solver_type": kind}, sigmas, run_edm(sigmas, kind))
    add("dpmpp_sde", {}, sigmas, run_dpmsolver_sde(sigmas))
    result = run_diffusers(
        "DPMSolverMultistepScheduler",
        sigmas,
        trailing,
        algorithm_type="sde-dpmsolver++",
        solver_order=3,
        timestep_spacing="trailing",
    )
    add("dpmpp_3m_sde@diffusers", {}, sigmas, result)

print("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]")
