"""What diffusers' UniPCMultistepScheduler makes of the mixture of Gaussians of tests/plugins/samplers_test.cpp, in float64:

    python tests/data/uni_pc.py > tests/data/uni_pc.json      # diffusers 0.42, torch 2.11
"""
import json
import math

import torch
from diffusers import UniPCMultistepScheduler


def mixture(x, sigma):
    means, weights, s = torch.tensor([-1, 0.25, 2.0], dtype=torch.float64), torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64), 0.3
    v = s * s + sigma * sigma
    p = torch.softmax(weights.log() - (x.unsqueeze(-1) - means) ** 2 / (2 * v), -1)
    return (p * (s * s * x.unsqueeze(-1) + sigma * sigma * means) / v).sum(-1)


def karras(n, highest=14.6, lowest=0.03, rho=7):
    a, b = highest ** (1 / rho), lowest ** (1 / rho)
    return [(a + i / max(n - 1, 1) * (b - a)) ** rho for i in range(n)] + [0.0]


def run(kind, order, steps):
    scheduler = UniPCMultistepScheduler(solver_order=order, solver_type=kind, prediction_type="sample", final_sigmas_type="zero")
    scheduler.set_timesteps(steps)
    sigmas = karras(steps)
    scheduler.sigmas = torch.tensor(sigmas[:-1] + [1e-30], dtype=torch.float64)  # with 0 its bh1 gives NaN
    start = torch.linspace(-2, 2, 8, dtype=torch.float64).view(1, 8, 1, 1) * sigmas[0]
    x = start / math.sqrt(1 + sigmas[0] ** 2)  # its samples are scaled by alpha = 1 / sqrt(1 + sigma^2)
    for i, timestep in enumerate(scheduler.timesteps):
        clean = mixture(x * math.sqrt(1 + sigmas[i] ** 2), sigmas[i])
        x = scheduler.step(clean, timestep, x, return_dict=False)[0]
    return {"kind": kind, "order": order, "sigmas": sigmas, "x": start.flatten().tolist(), "y": x.flatten().tolist()}


print(json.dumps([run(kind, order, steps) for kind in ("bh1", "bh2") for order in (1, 2, 3) for steps in (1, 2, 5, 12)], indent=0))
