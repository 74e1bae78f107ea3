"""The denoiser of tests/samplers/samplers_test.cpp, a schedule, and how runs are written; float64."""
import json
import subprocess

import torch

torch.set_default_dtype(torch.float64)
START = torch.linspace(-2, 2, 8).view(1, 8, 1, 1)  # times sigmas[0]


def mixture(x, sigma):
    means, weights, s = torch.tensor([-1, 0.25, 2.0]), torch.tensor([0.5, 0.2, 0.3]), 0.3
    v = s * s + sigma * sigma
    p = torch.softmax(weights.log() - (x.unsqueeze(-1) - means) ** 2 / (2 * v), -1)
    return (p * (s * s * x.unsqueeze(-1) + sigma * sigma * means) / v).sum(-1)


def karras(n, highest=14.6, lowest=0.03, rho=7):
    a, b = highest ** (1 / rho), lowest ** (1 / rho)
    return [(a + i / max(n - 1, 1) * (b - a)) ** rho for i in range(n)] + [0.0]


def commit_of(checkout):
    return subprocess.check_output(["git", "-C", checkout, "rev-parse", "HEAD"], text=True).strip()


def write(source, runs):
    """`runs`: dictionaries of the sampler's id here, its settings, the sigmas, the end and how often the model was
    asked."""
    lines = ",\n".join(json.dumps(run) for run in runs)
    print(f'{{"source": {json.dumps(source)}, "start": {json.dumps(START.flatten().tolist())}, "runs": [\n{lines}\n]}}')
