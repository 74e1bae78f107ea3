"""Ensembles of experts and pictures from pictures by diffusers: python make_denoising.py TINY_SDXL_FOLDER PICTURE MASK

Runs on the tiny model with random weights; the "refiner" is the same model. Writes the final latents of each run.
"""
import sys
from pathlib import Path

import diffusers
import torch
from PIL import Image
from safetensors.torch import save_file

sys.path.append(str(Path(__file__).parents[2] / "families"))
from make_families import unet_of  # noqa: E402

PROMPT = dict(
    prompt="a red cat sitting on a wooden chair, 4k", negative_prompt="blurry, low quality", guidance_scale=5.0
)


def generator():
    return torch.Generator("cpu").manual_seed(1234)


def last_latents(pipe, **args):
    kept = []

    def keep(_, i, t, kw):
        kept.append(kw["latents"].clone())
        return kw

    pipe.set_progress_bar_config(disable=True)
    pipe(
        **PROMPT,
        **args,
        output_type="latent",
        callback_on_step_end=keep,
        callback_on_step_end_tensor_inputs=["latents"],
    )
    return kept[-1]


def main():
    folder, picture, mask = sys.argv[1:]
    torch.set_grad_enabled(False)
    base = diffusers.StableDiffusionXLPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    image, mask = Image.open(picture).convert("RGB"), Image.open(mask).convert("L")
    out = {}
    schedulers = {"euler": diffusers.EulerDiscreteScheduler, "dpmpp_2m": diffusers.DPMSolverMultistepScheduler}
    for name, kind in schedulers.items():
        base.scheduler = kind.from_config(base.scheduler.config)
        again = diffusers.StableDiffusionXLImg2ImgPipeline(**base.components)
        size = dict(width=128, height=96, num_inference_steps=10)
        half = last_latents(base, **size, denoising_end=0.8, generator=generator())
        out[f"{name}.base"] = half
        out[f"{name}.refined"] = last_latents(
            again, image=half, num_inference_steps=10, denoising_start=0.8, generator=generator()
        )
    base.scheduler = schedulers["euler"].from_config(base.scheduler.config)
    again = diffusers.StableDiffusionXLImg2ImgPipeline(**base.components)
    out["picture_from_0.7"] = last_latents(
        again, image=image, num_inference_steps=10, denoising_start=0.7, generator=generator()
    )
    odd = image.resize((131, 99), Image.LANCZOS)
    odd.save("odd.png")
    out["odd_size_0.5"] = last_latents(again, image=odd, num_inference_steps=6, strength=0.5, generator=generator())
    fill = diffusers.StableDiffusionXLInpaintPipeline(**base.components)
    for strength in (0.45, 1.0):
        out[f"inpaint_{strength}"] = last_latents(
            fill,
            image=image,
            mask_image=mask,
            width=96,
            height=128,
            num_inference_steps=8,
            strength=strength,
            generator=generator(),
        )
    fill.scheduler = diffusers.EulerAncestralDiscreteScheduler.from_config(base.scheduler.config)
    out["inpaint_euler_a_0.8"] = last_latents(
        fill,
        image=image,
        mask_image=mask,
        width=128,
        height=96,
        num_inference_steps=8,
        strength=0.8,
        generator=generator(),
    )
    parts = dict(base.components, unet=unet_of("inpaint"))
    trained = diffusers.StableDiffusionXLInpaintPipeline(**parts)
    for strength in (0.6, 1.0):
        out[f"inpaint_9_{strength}"] = last_latents(
            trained,
            image=image,
            mask_image=mask,
            width=128,
            height=96,
            num_inference_steps=6,
            strength=strength,
            generator=generator(),
        )
    save_file({k: v.contiguous() for k, v in out.items()}, "latents.safetensors")


if __name__ == "__main__":
    main()
