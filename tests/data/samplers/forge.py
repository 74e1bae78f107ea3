"""What the k_diffusion of Stable Diffusion WebUI Forge, A1111's with more samplers, makes of the mixture of Gaussians,
in float64:

    python tests/data/samplers/forge.py CHECKOUT > tests/data/samplers/forge.json      # torch 2.11
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


stand_in("torchsde")
stand_in("torchdiffeq", odeint=None)
stand_in("backend", __path__=[])
stand_in("backend.modules", __path__=[])
stand_in("backend.modules.k_prediction", PredictionFlux=type("PredictionFlux", (), {}))
stand_in("k_diffusion", __path__=[str(Path(checkout, "k_diffusion"))])
stand_in("k_diffusion.utils", append_dims=lambda x, n: x[(...,) + (None,) * (n - x.ndim)])

from k_diffusion import sampling as k  # noqa: E402

calls = 0


def model(x, sigma):
    global calls
    calls += 1
    return mixture(x, sigma.flatten()[0])


SAMPLERS = {
    "deis": k.sample_deis,
    "dpm_adaptive": lambda model, x, sigmas, **more: k.sample_dpm_adaptive(model, x, sigmas[-2], sigmas[0], **more),
    "dpm_fast": lambda model, x, sigmas, **more: k.sample_dpm_fast(
        model, x, sigmas[-2], sigmas[0], len(sigmas) - 1, **more
    ),
    "heunpp2": k.sample_heunpp2,
    "ipndm@forge": k.sample_ipndm,
    "ipndm_v@forge": k.sample_ipndm_v,
    "lms@diffusers": k.sample_lms,
}


def run(id, steps):
    global calls
    calls, sigmas = 0, karras(steps)
    y = SAMPLERS[id](model, START * sigmas[0], torch.tensor(sigmas), disable=True)
    return {"id": id, "settings": {}, "sigmas": sigmas, "y": y.flatten().tolist(), "calls": calls}


write(f"Forge {commit_of(checkout)}", [run(id, steps) for id in SAMPLERS for steps in (2, 3, 5, 12, 20)])
