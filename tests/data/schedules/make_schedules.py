"""Writes schedules.json: the noise levels that other programs choose for SDXL, for 1 to 100 steps.

    python make_schedules.py --comfyui DIR --forge DIR --k-diffusion DIR --res4lyf DIR --ppm DIR

DIR: a checkout of each with its history. The functions are taken out of their files and run alone, without the program
around
them. Forge's are AUTOMATIC1111's of 1.10.1 and some more. diffusers is the package that is installed.
stable-diffusion.cpp is
C++, so its formulas are written out here, in float32 as there (97d2990807fe6d558e395f8764198d7c7e7b411c).
Needs torch, numpy, scipy and diffusers.
"""

import argparse
import ast
import json
import math
import pathlib
import subprocess
import types

import diffusers
import numpy as np
import scipy
import scipy.stats
import torch

KEPT = (1, 2, 3, 5, 8, 10, 20, 30, 100)
MOST = 100
F = np.float32


def taken(path, *names, **given):
    """The definitions of these names in a Python file, run with `given` as all that they see besides the usual
    libraries."""
    world = {"torch": torch, "np": np, "numpy": np, "math": math, "scipy": scipy, "stats": scipy.stats, "nn": torch.nn,
             "atan": math.atan, "pi": math.pi, **given}
    for node in ast.parse(path.read_text()).body:
        named = (
            node.targets[0].id
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            else getattr(node, "name", None)
        )
        if named in names:
            exec(compile(ast.Module([node], []), str(path), "exec"), world)
    return types.SimpleNamespace(**{name: world[name] for name in names})


def float64_levels():
    """As ComfyUI and Forge have them: computed in float64, kept in float32."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    alphas = torch.cumprod(1.0 - betas, dim=0)
    return (((1 - alphas) / alphas) ** 0.5).float()


class ModelSampling:
    """What ComfyUI's schedules ask of a model."""

    def __init__(self, sigmas, sigma):
        self.sigmas, self.log_sigmas = sigmas, sigmas.log()
        self.sigma_min, self.sigma_max = sigmas[0], sigmas[-1]
        self.sigma = types.MethodType(sigma, self)

    def timestep(self, sigma):
        return (sigma.log() - self.log_sigmas[:, None]).abs().argmin(dim=0).view(sigma.shape)


def comfyui(root, levels):
    extras = root / "comfy_extras"
    k = taken(root / "comfy/k_diffusion/sampling.py", "append_zero", "get_sigmas_karras", "get_sigmas_exponential",
              "get_sigmas_polyexponential", "get_sigmas_vp", "get_sigmas_laplace")
    s = taken(root / "comfy/samplers.py", "simple_scheduler", "ddim_scheduler", "normal_scheduler", "beta_scheduler",
              "linear_quadratic_schedule", "kl_optimal_scheduler")
    discrete = taken(root / "comfy/model_sampling.py", "ModelSamplingDiscrete").ModelSamplingDiscrete
    model = ModelSampling(levels, discrete.sigma)
    low, high = float(levels[0]), float(levels[-1])
    ays = taken(extras / "nodes_align_your_steps.py", "loglinear_interp", "NOISE_LEVELS", "AlignYourStepsScheduler",
                io=NODES).AlignYourStepsScheduler
    gits = taken(extras / "nodes_gits.py", "loglinear_interp", "NOISE_LEVELS", "GITSScheduler", io=NODES).GITSScheduler
    turbo = taken(extras / "nodes_custom_sampler.py", "SDTurboScheduler").SDTurboScheduler()
    asked = types.SimpleNamespace(get_model_object=lambda name: model)
    yield "simple", {"id": "simple"}, lambda n: s.simple_scheduler(model, n)
    yield "sgm_uniform", {"id": "sgm_uniform"}, lambda n: s.normal_scheduler(model, n, sgm=True)
    yield "karras", {"id": "karras"}, lambda n: k.get_sigmas_karras(n, low, high)
    yield "karras, rho 5", {"id": "karras", "rho": 5}, lambda n: k.get_sigmas_karras(n, low, high, rho=5.0)
    yield "exponential", {"id": "exponential"}, lambda n: k.get_sigmas_exponential(n, low, high)
    yield "ddim_uniform", {"id": "ddim_uniform"}, lambda n: s.ddim_scheduler(model, n)
    yield "beta", {"id": "beta"}, lambda n: s.beta_scheduler(model, n)
    yield "beta, alpha 1, beta 1", {"id": "beta", "alpha": 1, "beta": 1}, lambda n: s.beta_scheduler(
        model, n, alpha=1.0, beta=1.0
    )
    yield "normal", {"id": "normal"}, lambda n: s.normal_scheduler(model, n)
    yield "linear_quadratic", {"id": "linear_quadratic"}, lambda n: s.linear_quadratic_schedule(model, n)
    yield "kl_optimal", {"id": "kl_optimal"}, lambda n: s.kl_optimal_scheduler(n, low, high)
    yield "polyexponential", {"id": "polyexponential"}, lambda n: k.get_sigmas_polyexponential(n, low, high)
    yield ("polyexponential, rho 0.7", {"id": "polyexponential", "rho": 0.7},
           lambda n: k.get_sigmas_polyexponential(n, low, high, rho=0.7))
    yield "vp", {"id": "vp"}, lambda n: k.get_sigmas_vp(n)
    yield "laplace", {"id": "laplace"}, lambda n: k.get_sigmas_laplace(n, low, high)
    yield "sd_turbo", {"id": "turbo"}, lambda n: turbo.get_sigmas(asked, n, 1.0)[0]
    yield "AlignYourSteps, SDXL", {"id": "align_your_steps"}, lambda n: ays.execute("SDXL", n, 1.0)
    yield "AlignYourSteps, SD1", {"id": "align_your_steps", "table": "sd15"}, lambda n: ays.execute("SD1", n, 1.0)
    for coeff in (0.8, 1.2, 1.35, 1.5):
        yield f"GITS, coeff {coeff}", {"id": "gits", "coeff": coeff}, lambda n, c=coeff: gits.execute(c, n, 1.0)


# ComfyUI's nodes derive from a class of its own and wrap what they return.
NODES = types.SimpleNamespace(ComfyNode=object, Schema=object, NodeOutput=lambda sigmas: sigmas)


def res4lyf(root, comfy, levels):
    bong = taken(root / "sigmas.py", "get_bong_tangent_sigmas", "bong_tangent_scheduler").bong_tangent_scheduler
    beta = taken(comfy / "comfy/samplers.py", "beta_scheduler").beta_scheduler
    model = types.SimpleNamespace(sigmas=levels)
    yield "bong_tangent", {"id": "bong_tangent@res4lyf"}, lambda n: bong(None, n)
    yield "beta57", {"id": "beta57"}, lambda n: beta(model, n, alpha=0.5, beta=0.7)


def ppm(root, comfy, levels):
    interpolated = taken(comfy / "comfy_extras/nodes_align_your_steps.py", "loglinear_interp").loglinear_interp
    simple = taken(comfy / "comfy/samplers.py", "simple_scheduler").simple_scheduler
    ays = taken(
        root / "src/schedulers.py", "_ays_scheduler", loglinear_interp=interpolated, simple_scheduler=simple
    )._ays_scheduler
    model = types.SimpleNamespace(sigmas=levels)
    yield "ays_30, its table", {"id": "align_your_steps_30"}, lambda n: ays(model, n, model_type="SDXL_30")
    yield "ays_30+", {"id": "align_your_steps_30@ppm"}, lambda n: ays(
        model, n, force_sigma_min=True, model_type="SDXL_30"
    )


def discrete_schedule(root, levels):
    """k-diffusion's view of a model: sigma_to_t, t_to_sigma and get_sigmas."""
    append_zero = taken(root / "k_diffusion/sampling.py", "append_zero").append_zero
    schedule = taken(
        root / "k_diffusion/external.py", "DiscreteSchedule", sampling=types.SimpleNamespace(append_zero=append_zero)
    )
    return schedule.DiscreteSchedule(levels, quantize=False)


def forge(root, levels):
    names = (
        "uniform",
        "sgm_uniform",
        "get_align_your_steps_sigmas",
        "kl_optimal",
        "simple_scheduler",
        "normal_scheduler",
        "ddim_scheduler",
        "beta_scheduler",
        "turbo_scheduler",
        "get_align_your_steps_sigmas_GITS",
        "ays_32_sigmas",
    )
    shared = types.SimpleNamespace(sd_model=types.SimpleNamespace(is_sdxl=True),
                                   opts=types.SimpleNamespace(beta_dist_alpha=0.6, beta_dist_beta=0.6))
    s = taken(root / "modules/sd_schedulers.py", *names, shared=shared)
    k = taken(
        root / "k_diffusion/sampling.py",
        "append_zero",
        "get_sigmas_karras",
        "get_sigmas_exponential",
        "get_sigmas_polyexponential",
    )
    model = discrete_schedule(root, levels)
    predictor = ModelSampling(
        levels, taken(root / "backend/modules/k_prediction.py", "AbstractPrediction", "Prediction").Prediction.sigma
    )
    model.inner_model = types.SimpleNamespace(
        forge_objects=types.SimpleNamespace(
            unet=types.SimpleNamespace(model=types.SimpleNamespace(predictor=predictor))
        )
    )
    low, high = float(levels[0]), float(levels[-1])

    def run(function, sdxl=True, inner=False):
        def at(n):
            shared.sd_model.is_sdxl = sdxl
            return function(n, low, high, **({"inner_model": model} if inner else {}), device="cpu")
        return at

    yield "uniform", {"id": "normal"}, run(s.uniform, inner=True)
    yield "karras", {"id": "karras"}, run(k.get_sigmas_karras)
    yield "exponential", {"id": "exponential"}, run(k.get_sigmas_exponential)
    yield "polyexponential", {"id": "polyexponential"}, run(k.get_sigmas_polyexponential)
    yield "sgm_uniform", {"id": "sgm_uniform"}, run(s.sgm_uniform, inner=True)
    yield "kl_optimal", {"id": "kl_optimal@a1111"}, run(s.kl_optimal)
    for sdxl, table in ((True, {}), (False, {"table": "sd15"})):
        model_name = "SDXL" if sdxl else "SD1"
        yield f"align_your_steps, {model_name}", {"id": "align_your_steps@a1111", **table}, run(
            s.get_align_your_steps_sigmas, sdxl
        )
        yield f"align_your_steps_GITS, {model_name}", {"id": "align_your_steps_gits", **table}, run(
            s.get_align_your_steps_sigmas_GITS, sdxl
        )
        yield f"align_your_steps_32, {model_name}", {"id": "align_your_steps_32", **table}, run(s.ays_32_sigmas, sdxl)
    yield "simple", {"id": "simple"}, run(s.simple_scheduler, inner=True)
    yield "normal", {"id": "normal"}, run(s.normal_scheduler, inner=True)
    yield "ddim", {"id": "ddim_uniform"}, run(s.ddim_scheduler, inner=True)
    yield "beta", {"id": "beta@a1111"}, run(s.beta_scheduler, inner=True)
    yield "turbo", {"id": "turbo@forge"}, run(s.turbo_scheduler, inner=True)


def k_diffusion(root, levels):
    k = taken(root / "k_diffusion/sampling.py", "append_zero", "get_sigmas_karras", "get_sigmas_exponential",
              "get_sigmas_polyexponential", "get_sigmas_vp")
    model = discrete_schedule(root, levels)
    low, high = float(levels[0]), float(levels[-1])
    yield "get_sigmas", {"id": "normal"}, model.get_sigmas
    yield "karras", {"id": "karras"}, lambda n: k.get_sigmas_karras(n, low, high)
    yield "exponential", {"id": "exponential"}, lambda n: k.get_sigmas_exponential(n, low, high)
    yield "polyexponential", {"id": "polyexponential"}, lambda n: k.get_sigmas_polyexponential(n, low, high)
    yield "vp", {"id": "vp"}, lambda n: k.get_sigmas_vp(n)


def of_diffusers():
    sdxl = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}

    def sigmas(kind, **settings):
        def at(n):
            scheduler = kind(**sdxl, **settings)
            scheduler.set_timesteps(n)
            return scheduler.sigmas
        return at

    def timesteps(kind, **settings):
        def at(n):
            scheduler = kind(**sdxl, **settings)
            scheduler.set_timesteps(n)
            alphas = scheduler.alphas_cumprod[scheduler.timesteps].double()
            return torch.cat([((1 - alphas) / alphas) ** 0.5, torch.zeros(1)])
        return at

    Euler, Dpm = diffusers.EulerDiscreteScheduler, diffusers.DPMSolverMultistepScheduler
    ends = {"leading": "@diffusers-leading", "trailing": "@diffusers-trailing", "linspace": ""}
    for spacing, plain in (
        ("leading", "ddim_uniform"),
        ("trailing", "sgm_uniform@diffusers"),
        ("linspace", "linspace"),
    ):
        yield f"Euler, {spacing}", {"id": plain}, sigmas(Euler, timestep_spacing=spacing)
        for curve in ("karras", "exponential", "beta"):
            ours = curve + ends[spacing] if spacing != "linspace" or curve != "beta" else "beta@diffusers"
            yield f"Euler, {spacing}, {curve}", {"id": ours}, sigmas(
                Euler, timestep_spacing=spacing, **{f"use_{curve}_sigmas": True}
            )
    for curve, ours in (
        ("karras_sigmas", "karras"),
        ("exponential_sigmas", "exponential"),
        ("beta_sigmas", "beta@diffusers"),
        ("lu_lambdas", "lu"),
    ):
        yield f"DPM-Solver, {curve}", {"id": ours}, sigmas(Dpm, **{f"use_{curve}": True})
    for spacing, ours in (
        ("leading", "ddim_uniform@diffusers-dpm"),
        ("trailing", "sgm_uniform@diffusers"),
        ("linspace", "linspace@diffusers-dpm"),
    ):
        yield f"DPM-Solver, {spacing}", {"id": ours}, sigmas(Dpm, timestep_spacing=spacing)
    yield "UniPC, linspace", {"id": "linspace@diffusers-dpm"}, sigmas(diffusers.UniPCMultistepScheduler)
    for spacing, ours in (
        ("leading", "ddim_uniform"),
        ("trailing", "sgm_uniform@diffusers"),
        ("linspace", "linspace@diffusers-ddim"),
    ):
        yield f"DDIM, {spacing}", {"id": ours}, timesteps(diffusers.DDIMScheduler, timestep_spacing=spacing)
    lcm = {key: value for key, value in sdxl.items() if key != "steps_offset"}
    yield "LCM", {"id": "lcm"}, timesteps(lambda **s: diffusers.LCMScheduler(**lcm))


def stable_diffusion_cpp_levels():
    low, high = np.sqrt(F(0.00085)), np.sqrt(F(0.012))
    product, levels = F(1), []
    for i in range(1000):
        beta = low + (high - low) * (F(i) / F(999))
        product = F(product * (F(1) - F(beta * beta)))
        levels.append(np.sqrt((F(1) - product) / product))
    return np.array(levels, dtype=F)


def stable_diffusion_cpp(levels):
    """By formula, each operation in float32."""
    logs = np.log(levels)
    low, high = levels[0], levels[-1]

    def at(t):
        t = F(t)
        k = int(np.floor(t))
        w = t - F(k)
        return np.exp((F(1) - w) * logs[k] + w * logs[min(k + 1, 999)])

    def zero(values):
        return [*values, F(0)]

    def ramp(first, last, count):
        values = [F(first)]
        for _ in range(count - 1):
            values.append(F(values[-1] + (F(last) - F(first)) / F(count - 1)))
        return values

    def discrete(n):
        return zero(at(F(999) - F(999) / F(n - 1) * F(i)) if n > 1 else at(999) for i in range(n))

    def karras(n):
        a, b = low ** F(1 / F(7)), high ** F(1 / F(7))
        return zero((b + F(i) / F(n - 1) * (a - b)) ** F(7) for i in range(n))

    def exponential(n):
        step = (np.log(high) - np.log(low)) / F(n - 1)
        return zero(np.exp(np.log(high) - step * F(i)) for i in range(n))

    def stretched(table, n):
        if n + 1 == len(table):
            return zero(table[:-1])
        old, new, values = ramp(0, 1, len(table)), ramp(0, 1, n + 1), [np.log(F(v)) for v in reversed(table)]
        new[-1] = min(new[-1], old[-1])
        out = [np.exp(np.interp(float(x), [float(o) for o in old], [float(v) for v in values])) for x in new]
        return zero(list(reversed(out))[:-1])

    def kl_optimal(n):
        a, b = np.arctan(low), np.arctan(high)
        return zero(np.tan(F(i) / F(n - 1) * a + (F(1) - F(i) / F(n - 1)) * b) if n > 1 else high for i in range(n))

    def beta(n):
        ts = [math.floor(scipy.stats.beta.ppf(1 - i / n, 0.6, 0.6) * 999 + 0.5) for i in range(n)]
        return zero(at(t) for i, t in enumerate(ts) if i == 0 or t != ts[i - 1])

    def smoothstep(n):
        us = [F(1) - F(i) / F(n) for i in range(n)]
        return zero(at(np.floor(u * u * (F(3) - F(2) * u) * F(999) + F(0.5))) for u in us)

    def bong_tangent(n):
        m, middle = n + 2, low + (high - low) * F(0.5)
        k, slope = int(F(m) * F(0.6)), F(0.2) / (F(m) / F(40))

        def bend(count, pivot, first, last):
            v = [(F(2 / F(math.pi)) * np.arctan(-slope * (F(x) - F(pivot))) + F(1)) * F(0.5) for x in range(count)]
            return [(x - v[-1]) / (v[0] - v[-1]) * (first - last) + last for x in v] if count > 1 else [first]

        return zero([*bend(k, k, high, middle)[:-1], *bend(m - k, 0, middle, low)][:n])

    yield "discrete", {"id": "normal"}, discrete
    yield "karras", {"id": "karras"}, karras
    yield "exponential", {"id": "exponential"}, exponential
    yield "ays", {"id": "align_your_steps"}, lambda n: stretched(SDXL_AYS, n)
    yield "sgm_uniform", {"id": "sgm_uniform"}, lambda n: zero(at(t) for t in ramp(999, 0, n + 1)[:-1])
    yield "simple", {"id": "simple"}, lambda n: zero(at(999 - int(F(i) * (F(1000) / F(n)))) for i in range(n))
    yield "smoothstep", {"id": "smoothstep"}, smoothstep
    yield "kl_optimal", {"id": "kl_optimal"}, kl_optimal
    yield "lcm", {"id": "lcm"}, lambda n: zero(at((50 - i * 50 // n) * 20 - 1) for i in range(n))
    yield "bong_tangent", {"id": "bong_tangent"}, bong_tangent
    yield "beta", {"id": "beta"}, beta


SDXL_AYS = (
    14.6146412293,
    6.3184485287,
    3.7681790315,
    2.1811480769,
    1.3405244945,
    0.8620721141,
    0.5550693289,
    0.3798540708,
    0.2332364134,
    0.1114188177,
    0.0291671582,
)

# Contract kept, but one step that begins anywhere but at the most noise is no picture.
BAD_FIRST = {("comfyui", "GITS, coeff"), ("forge", "align_your_steps"), ("diffusers", "Euler, linspace"),
             ("diffusers", "DDIM, linspace"), ("stable-diffusion.cpp", "bong_tangent"), ("ppm", "ays_30+")}
# Where a peer never ends at 0: what makes its numbers comparable.
NO_ZERO = {("comfyui", "laplace"): lambda s: [*s, 0.0], ("forge", "kl_optimal"): lambda s: [*s[:-1], 0.0]}


def fault_of(peer, name, n, sigmas):
    if len(sigmas) != n + 1:
        return f"{len(sigmas) - 1} steps"
    if not all(math.isfinite(s) for s in sigmas):
        return "not finite"
    if sigmas[-1] != 0:
        return f"ends at {sigmas[-1]:.3g}"
    if any(b >= a for a, b in zip(sigmas, sigmas[1:])):
        return "does not fall"
    if n == 1 and any(peer == p and name.startswith(start) for p, start in BAD_FIRST):
        return f"starts at {sigmas[0]:.3g}"
    if n == 61 and name.startswith("Euler, trailing,"):
        return "62 timesteps, the last -1, taken for an end of the curve"
    return None


def number(x):
    return float(f"{x:.8g}")


def recorded(peer, name, scheduler, function):
    run = {"peer": peer, "name": name, "scheduler": scheduler, "faults": {}, "log_sums": [], "sigmas": {}}
    for n in range(1, MOST + 1):
        try:
            sigmas = [float(s) for s in function(n)]
        except Exception as e:
            sigmas, fault = None, type(e).__name__
        else:
            fault = fault_of(peer, name, n, sigmas)
            if (peer, name) in NO_ZERO:
                run["every"], fault = fault, None
                sigmas = NO_ZERO[peer, name](sigmas)
        if fault:
            run["faults"][str(n)] = fault
            run["log_sums"].append(None)
            continue
        run["log_sums"].append(round(sum(map(math.log, sigmas[:-1])), 6))
        if n in KEPT:
            run["sigmas"][str(n)] = [number(s) for s in sigmas]
    return run


def commit(root):
    return subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()


def main():
    parser = argparse.ArgumentParser()
    for name in ("comfyui", "forge", "k-diffusion", "res4lyf", "ppm"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    roots = vars(parser.parse_args())
    levels, cpp = float64_levels(), stable_diffusion_cpp_levels()
    comfy = roots["comfyui"]
    peers = {"comfyui": ("Comfy-Org/ComfyUI", "float64", comfyui(comfy, levels)),
             "forge": ("lllyasviel/stable-diffusion-webui-forge", "float64", forge(roots["forge"], levels)),
             "k_diffusion": ("crowsonkb/k-diffusion", "float64", k_diffusion(roots["k_diffusion"], levels)),
             "res4lyf": ("ClownsharkBatwing/RES4LYF", "float64", res4lyf(roots["res4lyf"], comfy, levels)),
             "ppm": ("pamparamm/ComfyUI-ppm", "float64", ppm(roots["ppm"], comfy, levels)),
             "diffusers": ("huggingface/diffusers", "diffusers", of_diffusers()),
             "stable-diffusion.cpp": ("leejet/stable-diffusion.cpp", "stable-diffusion.cpp", stable_diffusion_cpp(cpp))}
    out = {
        "peers": {},
        "levels": {"float64": [number(s) for s in levels], "stable-diffusion.cpp": [number(s) for s in cpp]},
        "runs": [],
    }
    for peer, (repository, trained, runs) in peers.items():
        version = {
            "diffusers": diffusers.__version__,
            "stable-diffusion.cpp": "97d2990807fe6d558e395f8764198d7c7e7b411c",
        }
        out["peers"][peer] = {
            "repository": repository,
            "version": version.get(peer) or commit(roots[peer]),
            "levels": trained,
        }
        out["runs"] += [recorded(peer, *run) for run in runs]
    lines = json.dumps(out, separators=(",", ":")).replace('{"peer":', '\n{"peer":')
    pathlib.Path(__file__).with_name("schedules.json").write_text(lines + "\n")


np.seterr(all="ignore")
main()
