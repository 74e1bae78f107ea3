"""What AUTOMATIC1111's Restart, as Stable Diffusion WebUI Forge has it, makes of the mixture of Gaussians, in float64;
its k-th draw is,
in element j, 1.4 sin(12.9898 k + 78.233 j + 1):

    python tests/data/samplers/restart.py CHECKOUT > tests/data/samplers/restart.json      # torch 2.11
"""
import importlib.util
import math
import sys
import types
from pathlib import Path

import torch

from mixture import START, commit_of, karras, mixture, write

checkout = sys.argv[1]
calls = draws = 0


def stand_in(name, **members):
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(members)
    return module


def get_sigmas_karras(n, sigma_min, sigma_max, device=None):
    return torch.tensor(karras(n, sigma_max, sigma_min))


def randn_like(x):
    global draws
    draws += 1
    return torch.tensor([1.4 * math.sin(12.9898 * (draws - 1) + 78.233 * j + 1) for j in range(8)]).view_as(x)


stand_in("tqdm", tqdm=lambda steps, disable: steps)
sampling = stand_in(
    "k_diffusion.sampling",
    to_d=lambda x, sigma, denoised: (x - denoised) / sigma,
    get_sigmas_karras=get_sigmas_karras,
    torch=types.SimpleNamespace(randn_like=randn_like),
)
stand_in("k_diffusion", sampling=sampling, __path__=[])
spec = importlib.util.spec_from_file_location("extra", Path(checkout, "modules/sd_samplers_extra.py"))
extra = importlib.util.module_from_spec(spec)
spec.loader.exec_module(extra)


def model(x, sigma):
    global calls
    calls += 1
    return mixture(x, sigma.flatten()[0])


def run(steps):
    global calls, draws
    calls = draws = 0
    sigmas = karras(steps)
    y = extra.restart_sampler(model, START * sigmas[0], torch.tensor(sigmas), disable=True)
    return {"id": "heun", "settings": {}, "sigmas": sigmas, "y": y.flatten().tolist(), "calls": calls, "draws": draws}


write(f"Forge {commit_of(checkout)}", [run(steps) for steps in (10, 19, 20, 30, 35, 36, 40, 57)])
