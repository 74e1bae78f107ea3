"""What ComfyUI's deterministic samplers make of the mixture of Gaussians, in float64. Its modules are loaded from a
checkout, with
empty stand-ins for what they import and these samplers do not use:

    python tests/data/samplers/comfyui.py CHECKOUT > tests/data/samplers/comfyui.json      # torch 2.11
"""
import sys
import types
from pathlib import Path

import torch

from mixture import START, commit_of, karras, mixture, write

checkout = sys.argv[1]


def stand_in(name, **members):
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(members)
    return module


stand_in("torchsde")
stand_in("comfy.k_diffusion.utils", append_dims=lambda x, n: x[(...,) + (None,) * (n - x.ndim)])
comfy = stand_in("comfy", __path__=[str(Path(checkout, "comfy"))])
comfy.model_patcher = stand_in("comfy.model_patcher")
comfy.model_sampling = stand_in("comfy.model_sampling", CONST=type("CONST", (), {}))

from comfy.extra_samplers import uni_pc  # noqa: E402
from comfy.k_diffusion import sampling as k  # noqa: E402


class Model:
    """As ComfyUI's guider: called with x and a sigma for each picture; also what seeds_2 asks for its kind of noise
    levels."""

    def __init__(self):
        self.calls = 0
        self.inner_model = self.model_patcher = self

    def get_model_object(self, _):
        return None

    def __call__(self, x, sigma, **_):
        self.calls += 1
        return mixture(x, sigma.flatten()[0])


def by_ends(sampler, with_steps):
    """As comfy.samplers.ksampler calls those that choose their own steps."""
    if with_steps:
        return lambda model, x, sigmas, **more: sampler(model, x, sigmas[-2], sigmas[0], len(sigmas) - 1, **more)
    return lambda model, x, sigmas, **more: sampler(model, x, sigmas[-2], sigmas[0], **more)


SAMPLERS = [
    ("ddim", k.sample_euler, {}, {}),
    ("deis", k.sample_deis, {}, {}),
    ("deis", k.sample_deis, {"order": 2}, {"max_order": 2}),
    ("dpm_adaptive", by_ends(k.sample_dpm_adaptive, False), {}, {}),
    (
        "dpm_adaptive",
        by_ends(k.sample_dpm_adaptive, False),
        {"order": 2, "rtol": 0.02, "pcoeff": 0.2, "dcoeff": 0.1, "accept_safety": 0.95},
        {"order": 2, "rtol": 0.02, "pcoeff": 0.2, "dcoeff": 0.1, "accept_safety": 0.95},
    ),
    ("dpm_fast", by_ends(k.sample_dpm_fast, True), {}, {}),
    ("exp_heun_2_x0", k.sample_seeds_2, {"solver_type": "phi_1"}, {"r": 1.0, "eta": 0.0}),
    ("gradient_estimation", k.sample_gradient_estimation, {}, {}),
    ("gradient_estimation", k.sample_gradient_estimation, {"gamma": 1.5}, {"ge_gamma": 1.5}),
    ("heunpp2", k.sample_heunpp2, {}, {}),
    ("ipndm", k.sample_ipndm, {}, {}),
    ("ipndm_v", k.sample_ipndm_v, {}, {}),
    ("lms", k.sample_lms, {}, {}),
    ("res_multistep", k.sample_res_multistep, {}, {}),
    ("uni_pc", uni_pc.sample_unipc, {}, {}),
    ("uni_pc_bh2", uni_pc.sample_unipc_bh2, {}, {}),
]


def run(id, sampler, settings, options, steps):
    sigmas, model = karras(steps), Model()
    y = sampler(model, START * sigmas[0], torch.tensor(sigmas), extra_args={}, disable=True, **options)
    return {"id": id, "settings": settings, "sigmas": sigmas, "y": y.flatten().tolist(), "calls": model.calls}


write(f"ComfyUI {commit_of(checkout)}", [run(*sampler, steps) for sampler in SAMPLERS for steps in (2, 3, 5, 12, 20)])
