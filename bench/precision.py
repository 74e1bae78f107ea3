"""How near images in bfloat16, or in fewer bits, come to those in float32: PSNR on the demo model, ours beside
diffusers' own.

    .bench/venv/bin/python bench/precision.py [--images 8]

Writes bench/results/precision.json and prints a table.
"""
import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from machine import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools/demo_model"))
from build_tokenizer import MERGES, build_tokenizer  # noqa: E402

MODEL = ROOT / "configs/demo_model/demo.safetensors"
PROGRAM = ROOT / "build/dev/bin/calotype"
STEPS, SIZE, GUIDANCE = 25, 128, 5.0
OURS = {
    "bfloat16": ["dtype=bfloat16"],
    "int8": ["quantize=int8"],
    "int8, bfloat16": ["quantize=int8", "dtype=bfloat16"],
    "fp8": ["quantize=fp8"],
    "nf4": ["quantize=nf4"],
}


def fill(encoder, weights):
    """transformers has written these names with a "text_model." before them and without."""
    bare = {name.replace("text_model.", ""): weight for name, weight in weights.items()}
    encoder.load_state_dict({name: bare[name.replace("text_model.", "")] for name in encoder.state_dict()})


def pipeline(dtype):
    """The demo model in diffusers, from its single file."""
    with safe_open(MODEL, "pt") as file:
        config = json.loads(file.metadata()["config"])
    weights = load_file(MODEL)
    unet, vae = UNet2DConditionModel.from_config(config["unet"]), AutoencoderKL.from_config(config["vae"])
    texts = [
        CLIPTextModel(CLIPTextConfig(**config["text_encoder"])),
        CLIPTextModelWithProjection(CLIPTextConfig(**config["text_encoder_2"])),
    ]
    unet.load_state_dict(convert_ldm_unet_checkpoint(dict(weights), config=dict(unet.config)))
    vae.load_state_dict(convert_ldm_vae_checkpoint(dict(weights), config=dict(vae.config)))
    fill(texts[0], convert_ldm_clip_checkpoint(dict(weights)))
    fill(texts[1], convert_open_clip_checkpoint(texts[1], dict(weights), prefix="conditioner.embedders.1.model."))
    words = config["text_encoder"]["vocab_size"]
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
    )
    with tempfile.TemporaryDirectory() as folder:
        build_tokenizer(MERGES, folder, words - 514)
        tokenizers = [CLIPTokenizer.from_pretrained(f"{folder}/{name}") for name in ("tokenizer", "tokenizer_2")]
    pipe = StableDiffusionXLPipeline(vae, *texts, *tokenizers, unet, scheduler, add_watermarker=False)
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(dtype)


def theirs(prompts, dtype):
    pipe = pipeline(dtype)

    def latents(seed):  # sampled in float32: in another type the generator gives other noise
        return torch.randn(1, 4, SIZE // 8, SIZE // 8, generator=torch.Generator().manual_seed(seed)).to(dtype)

    return [numpy.asarray(pipe(prompt, width=SIZE, height=SIZE, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                               latents=latents(seed)).images[0]) for seed, prompt in enumerate(prompts)]


def ours(prompts, settings):
    images = []
    with tempfile.TemporaryDirectory() as folder:
        for seed, prompt in enumerate(prompts):
            options = [
                f"prompt={prompt}",
                f"seed={seed}",
                f"steps={STEPS}",
                "scheduler={id: euler, spacing: leading}",
                "sampler=euler",
                f"guidance_scale={GUIDANCE}",
                f"output={folder}/{seed}.png",
                *settings,
            ]
            subprocess.run(
                [
                    PROGRAM,
                    "run",
                    ROOT / "configs/demo.yaml",
                    "--quiet",
                    *(word for o in options for word in ("--set", o)),
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            images.append(numpy.asarray(Image.open(f"{folder}/{seed}.png")))
    return images


def psnrs(images, exact):
    error = [numpy.mean((a.astype(float) - b) ** 2) for a, b in zip(images, exact)]
    return [10 * math.log10(255**2 / max(e, 1e-9)) for e in error]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    count = parser.parse_args().images
    prompts = [entry["caption"] for entry in json.load(open(ROOT / "tests/data/demo_prompts.json"))[:count]]
    with torch.no_grad():
        their_exact = theirs(prompts, torch.float32)
        rows = {"diffusers bfloat16": psnrs(theirs(prompts, torch.bfloat16), their_exact)}
    exact = ours(prompts, [])
    rows["calotype float32 against diffusers float32"] = psnrs(exact, their_exact)
    rows.update({f"calotype {name}": psnrs(ours(prompts, settings), exact) for name, settings in OURS.items()})
    result = {"machine": machine(sys.executable), "images": count,
              "psnr": {name: {"mean": numpy.mean(values), "lowest": min(values)} for name, values in rows.items()}}
    path = ROOT / "bench/results/precision.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    for name, values in rows.items():
        print(f"{name:45} mean {numpy.mean(values):6.1f} dB, lowest {min(values):6.1f}")


if __name__ == "__main__":
    main()
