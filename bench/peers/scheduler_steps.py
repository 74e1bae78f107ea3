"""What diffusers' schedulers cost outside the model: prints microseconds a step as one JSON object. Runs in
.bench/venv.

step() on 1x4x128x128 in float32, one thread, 30 steps; the median of several passes. Keys are Calotype's sampler ids.
"""
import json
import statistics
import sys
import time

import torch
from diffusers import DPMSolverMultistepScheduler, EulerDiscreteScheduler, LMSDiscreteScheduler, UniPCMultistepScheduler

NOISE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
SCHEDULERS = {
    "euler": EulerDiscreteScheduler(**NOISE),
    "dpmpp_2m": DPMSolverMultistepScheduler(**NOISE, use_karras_sigmas=True),
    "dpmpp_2m_sde": DPMSolverMultistepScheduler(**NOISE, use_karras_sigmas=True, algorithm_type="sde-dpmsolver++"),
    "dpmpp_3m_sde": DPMSolverMultistepScheduler(
        **NOISE, use_karras_sigmas=True, algorithm_type="sde-dpmsolver++", solver_order=3
    ),
    "uni_pc": UniPCMultistepScheduler(**NOISE, solver_order=3, solver_type="bh1"),
    "uni_pc@diffusers": UniPCMultistepScheduler(**NOISE),
    "lms@diffusers": LMSDiscreteScheduler(**NOISE),
}


def run_pass(scheduler, steps=30):
    scheduler.set_timesteps(steps)
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(1, 4, 128, 128, generator=generator) * scheduler.init_noise_sigma
    predicted = torch.randn(1, 4, 128, 128, generator=generator)
    timesteps = list(scheduler.timesteps)
    scheduler.scale_model_input(sample, timesteps[0])  # Euler and LMS insist on it; it is not in the time
    start = time.perf_counter()
    for timestep in timesteps:
        sample = scheduler.step(predicted, timestep, sample, return_dict=False)[0]
    return (time.perf_counter() - start) / len(timesteps) * 1e6


def main():
    torch.set_num_threads(1)
    passes = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with torch.no_grad():
        print(
            json.dumps({name: statistics.median(run_pass(s) for _ in range(passes)) for name, s in SCHEDULERS.items()})
        )


if __name__ == "__main__":
    main()
