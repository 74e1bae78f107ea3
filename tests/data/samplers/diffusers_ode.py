"""What diffusers' deterministic schedulers make of the mixture of Gaussians, in float64 but for
DPMSolverMultistepScheduler, which
computes in float32:

    # diffusers 0.42.1, torch 2.11
    python tests/data/samplers/diffusers_ode.py > tests/data/samplers/diffusers_ode.json
"""
import diffusers
import torch
from diffusers import (
    DDIMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSinglestepScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)

from mixture import START, karras, mixture, write

ZERO = 1e-30  # in place of 0, of which some take the logarithm
LEAST = 0.02  # below the schedule's lowest: where walks that do not go to 0 end


def alpha(sigma):
    return 1 / (1 + sigma * sigma) ** 0.5


def walk(scheduler, x, sigmas, **options):
    """x: clean + sigma * noise; diffusers' samples are scaled by alpha(sigma). PNDM wants the noise, others the clean
    picture."""
    wants_noise = isinstance(scheduler, PNDMScheduler)
    x = x * alpha(sigmas[0])
    for sigma, timestep in zip(sigmas, scheduler.timesteps):
        clean = mixture(x / alpha(sigma), sigma)
        said = (x / alpha(sigma) - clean) / sigma if wants_noise else clean
        x = scheduler.step(said, timestep, x, return_dict=False, **options)[0]
    return x


def run(id, settings, steps, kind, **config):
    scheduler = kind(prediction_type="sample", **config)
    scheduler.set_timesteps(steps)
    sigmas = karras(steps)
    scheduler.sigmas = torch.tensor(sigmas[:-1] + [settings.get("final_sigma", ZERO)])
    y = walk(scheduler, START * sigmas[0], sigmas[:-1])
    return {"id": id, "settings": settings, "sigmas": sigmas, "y": y.flatten().tolist(), "calls": steps}


def run_by_time(id, settings, steps, kind, noise=None, **options):
    """Those whose noise levels are those of their timesteps."""
    config = {} if kind is PNDMScheduler else {"prediction_type": "sample", "clip_sample": False}
    scheduler = kind(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", set_alpha_to_one=True, **config,
                     **({"skip_prk_steps": True} if kind is PNDMScheduler else {}))
    scheduler.alphas_cumprod = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
    scheduler.final_alpha_cumprod = torch.tensor(alpha(settings.get("final_sigma", 0)) ** 2)
    scheduler.set_timesteps(steps)
    level = [float(((1 - a) / a) ** 0.5) for a in scheduler.alphas_cumprod[scheduler.timesteps]]
    sigmas = sorted(set(level), reverse=True) + [0.0]
    y = walk(scheduler, START * sigmas[0], level, **options)
    return {"id": id, "settings": settings, "sigmas": sigmas, "y": y.flatten().tolist(), "calls": len(level)}


runs = []
for n in (1, 2, 3, 5, 12, 20):
    for order in (1, 2, 3):
        runs.append(
            run(
                "dpmpp_singlestep",
                {"order": order},
                n,
                DPMSolverSinglestepScheduler,
                solver_order=order,
                lower_order_final=True,
                final_sigmas_type="zero",
            )
        )
        for solver in ("bh1", "bh2"):
            runs.append(
                run(
                    "uni_pc@diffusers",
                    {"order": order, "solver_type": solver},
                    n,
                    UniPCMultistepScheduler,
                    solver_order=order,
                    solver_type=solver,
                    final_sigmas_type="zero",
                )
            )
            runs.append(
                run(
                    "uni_pc@diffusers",
                    {"order": order, "solver_type": solver, "final_sigma": LEAST},
                    n,
                    UniPCMultistepScheduler,
                    solver_order=order,
                    solver_type=solver,
                    final_sigmas_type="sigma_min",
                )
            )
        if n < 15:  # from there on the last step is of the full order, which has no end at 0
            runs.append(run("deis@diffusers", {"order": order}, n, DEISMultistepScheduler, solver_order=order))
        runs.append(
            run("deis@diffusers", {"order": order, "final_sigma": LEAST}, n, DEISMultistepScheduler, solver_order=order)
        )
    runs.append(run("dpmpp_3m", {}, n, DPMSolverMultistepScheduler, solver_order=3, final_sigmas_type="zero"))
    runs.append(run("dpmpp_2m", {}, n, DPMSolverMultistepScheduler, final_sigmas_type="zero"))
    runs.append(
        run(
            "dpmpp_2m_sde",
            {"eta": 0, "solver_type": "heun"},
            n,
            DPMSolverMultistepScheduler,
            solver_type="heun",
            final_sigmas_type="zero",
        )
    )
    for settings in ({}, {"final_sigma": LEAST}):
        runs.append(run_by_time("ddim", settings, n, DDIMScheduler))
    runs.append(run_by_time("plms", {}, n, PNDMScheduler))
    if n > 1:  # of one step to there, ours is a step of Heun's
        runs.append(run_by_time("plms", {"final_sigma": LEAST}, n, PNDMScheduler))
    # eta 1 with noise that is 1 everywhere
    for settings in ({"eta": 1}, {"eta": 1, "final_sigma": LEAST}):
        runs.append(run_by_time("ddim", settings, n, DDIMScheduler, eta=1.0, variance_noise=torch.ones_like(START)))
write(f"diffusers {diffusers.__version__}", runs)
