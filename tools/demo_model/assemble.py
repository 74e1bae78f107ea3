"""Puts the trained parts together: a diffusers folder with model_index.json, the scheduler and float16 weights."""
import argparse
import shutil

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

import architecture


def with_published_names(weights):
    """transformers 5 saves CLIP without the prefix "text_model." that SDXL's files have."""
    return {k if k.startswith(("text_model.", "text_projection")) else "text_model." + k: v for k, v in weights.items()}


def assemble(work, vae, out):
    pipe = StableDiffusionXLPipeline(
        vae=AutoencoderKL.from_pretrained(vae),
        text_encoder=CLIPTextModel.from_pretrained(f"{work}/text_encoder"),
        text_encoder_2=CLIPTextModelWithProjection.from_pretrained(f"{work}/text_encoder_2"),
        tokenizer=CLIPTokenizer.from_pretrained(f"{work}/tokenizer"),
        tokenizer_2=CLIPTokenizer.from_pretrained(f"{work}/tokenizer_2"),
        unet=UNet2DConditionModel.from_pretrained(f"{work}/unet"),
        scheduler=EulerDiscreteScheduler(**architecture.NOISE),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipe.to(torch.float16).save_pretrained(out, safe_serialization=True)
    for name in ("text_encoder", "text_encoder_2"):
        file = f"{out}/{name}/model.safetensors"
        save_file(with_published_names(load_file(file)), file, metadata={"format": "pt"})
    for name in ("tokenizer", "tokenizer_2"):  # vocab.json and merges.txt, as SDXL's folder has them
        shutil.rmtree(f"{out}/{name}", ignore_errors=True)
        shutil.copytree(f"{work}/{name}", f"{out}/{name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", help="folder with tokenizer, tokenizer_2, text_encoder, text_encoder_2, unet")
    parser.add_argument("vae")
    parser.add_argument("out")
    args = parser.parse_args()
    assemble(args.work, args.vae, args.out)


if __name__ == "__main__":
    main()
