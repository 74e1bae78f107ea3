"""What k-diffusion's samplers cost outside the model: prints microseconds a step as one JSON object. Runs in
.bench/venv.

Whole passes over 1x4x128x128 in float32, one thread, 30 steps, by their number; the median of several. The model is a
tensor that is
there already. Keys are Calotype's sampler ids; noise is the samplers' own, a BrownianTreeNoiseSampler, or with --randn
torch.randn_like.
"""
import argparse
import importlib
import importlib.util
import json
import statistics
import sys
import time
import types

import torch

STOCHASTIC = ("dpmpp_2m_sde", "dpmpp_3m_sde")
SAMPLERS = ("euler", "dpmpp_2m") + STOCHASTIC


def k_sampling():
    """k_diffusion.sampling, of whose package no other part is needed: the rest wants packages for training."""
    package = types.ModuleType("k_diffusion")
    package.__path__ = importlib.util.find_spec("k_diffusion").submodule_search_locations
    package.utils = types.ModuleType("k_diffusion.utils")
    package.utils.append_dims = lambda x, count: x.reshape(x.shape + (1,) * (count - x.ndim))
    sys.modules.update({"k_diffusion": package, "k_diffusion.utils": package.utils})
    return importlib.import_module("k_diffusion.sampling")


def run_pass(k, name, options, steps=30):
    sigmas = k.get_sigmas_karras(steps, 0.0291675, 14.614647)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 4, 128, 128, generator=generator) * sigmas[0]
    denoised = x * 0.1
    start = time.perf_counter()
    getattr(k, f"sample_{name}")(lambda x, sigma: denoised, x, sigmas, disable=True, **options(x))
    return (time.perf_counter() - start) / steps * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("passes", nargs="?", type=int, default=20)
    parser.add_argument("--randn", action="store_true", help="plain noise, and only the samplers that add any")
    args = parser.parse_args()
    torch.set_num_threads(1)
    k = k_sampling()
    # noqa: E731
    plain = lambda x: {"noise_sampler": lambda sigma, sigma_next: torch.randn_like(x)} if args.randn else {}
    with torch.no_grad():
        print(json.dumps({name: statistics.median(run_pass(k, name, plain) for _ in range(args.passes))
                          for name in (STOCHASTIC if args.randn else SAMPLERS)}))


if __name__ == "__main__":
    main()
