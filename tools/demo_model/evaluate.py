"""Draws the held-out scenes with diffusers' own SDXL pipeline and checks the pictures."""
import argparse
import json
import time

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
)
from PIL import Image

from check import check, eval_scenes, mean_verdict

SAMPLERS = {"euler": (EulerDiscreteScheduler, {}), "euler_a": (EulerAncestralDiscreteScheduler, {}),
            "dpm_pp_2m": (DPMSolverMultistepScheduler, {}),
            "dpm_pp_2m_karras": (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
            "ddim": (DDIMScheduler, {"clip_sample": False})}
TOGETHER = 20  # pictures a batch
COLUMNS = 8    # of the grid


def draw(model, captions, sampler="euler", steps=20, guidance=5.0, size=128, seed=0):
    """-> uint8 [size, size, 3] a caption; the i-th is drawn from seed + i, alone or in company."""
    pipe = StableDiffusionXLPipeline.from_pretrained(model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    kind, settings = SAMPLERS[sampler]
    pipe.scheduler = kind.from_config(pipe.scheduler.config, **settings)
    pictures = []
    for i in range(0, len(captions), TOGETHER):
        some = captions[i:i + TOGETHER]
        noise = [torch.Generator().manual_seed(seed + i + j) for j in range(len(some))]
        pictures += list(pipe(some, height=size, width=size, num_inference_steps=steps, guidance_scale=guidance,
                              generator=noise, output_type="np").images)
    return [(p * 255).round().astype(np.uint8) for p in pictures]


def save_grid(pictures, file):
    rows = [np.concatenate(pictures[i:i + COLUMNS], 1) for i in range(0, len(pictures) // COLUMNS * COLUMNS, COLUMNS)]
    Image.fromarray(np.concatenate(rows or [np.concatenate(pictures, 1)], 0)).save(file)


def evaluate(model, grid, count=100, sampler="euler", steps=20, guidance=5.0, size=128, seed=0, shown=32):
    """Writes the grid; prints and returns the mean verdicts, of all scenes and of those with one and with two
    objects."""
    torch.set_num_threads(2)
    scenes, begun = eval_scenes(count), time.time()
    pictures = draw(model, [s["caption"] for s in scenes], sampler, steps, guidance, size, seed)
    verdicts = [check(p, s) for p, s in zip(pictures, scenes)]
    report = dict(model=str(model), sampler=sampler, steps=steps, guidance=guidance, size=size, count=count,
                  seconds=round(time.time() - begun, 1), mean=mean_verdict(verdicts))
    for kind in ("one", "two"):
        some = [v for v, s in zip(verdicts, scenes) if s["kind"] == kind]
        if some:
            report[kind] = dict(count=len(some), mean=mean_verdict(some))
    print(json.dumps(report, indent=1), flush=True)
    for verdict, scene in list(zip(verdicts, scenes))[:shown]:
        print("right" if verdict["all"] else "wrong", scene["caption"])
    save_grid(pictures[:shown], grid)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a diffusers folder")
    parser.add_argument("grid", help="the PNG to write")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sampler", choices=sorted(SAMPLERS), default="euler")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=5)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    evaluate(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
