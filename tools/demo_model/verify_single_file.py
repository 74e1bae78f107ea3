"""Converts the single file back with diffusers' own converters, and compares every tensor with the folder's."""
import argparse

import torch
from diffusers import StableDiffusionXLPipeline
from diffusers.loaders.single_file_utils import (convert_ldm_clip_checkpoint, convert_ldm_unet_checkpoint,
                                                 convert_ldm_vae_checkpoint, convert_open_clip_checkpoint)
from safetensors.torch import load_file


def comparable(weights):
    return {k.replace("text_model.", ""): w.squeeze().half() for k, w in weights.items() if "position_ids" not in k}


def verify_single_file(model, file):
    """Raises SystemExit when a tensor is missing or differs."""
    want, single = StableDiffusionXLPipeline.from_pretrained(model, torch_dtype=torch.float16), load_file(file)
    converted = dict(
        unet=convert_ldm_unet_checkpoint(dict(single), config=dict(want.unet.config)),
        vae=convert_ldm_vae_checkpoint(dict(single), config=dict(want.vae.config)),
        text_encoder=convert_ldm_clip_checkpoint(dict(single)),
        text_encoder_2=convert_open_clip_checkpoint(want.text_encoder_2, dict(single),
                                                    prefix="conditioner.embedders.1.model."))
    wrong = []
    for part, weights in converted.items():
        got, expected = comparable(weights), comparable(getattr(want, part).state_dict())
        wrong += [f"{part}.{k}" for k, w in expected.items() if k not in got or not torch.equal(got[k], w)]
        print(part, len(expected), "tensors")
    if wrong:
        raise SystemExit(f"{file}: {len(wrong)} tensors are missing or differ from {model}: {', '.join(wrong[:5])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a diffusers folder")
    parser.add_argument("file", help="a .safetensors file")
    args = parser.parse_args()
    verify_single_file(args.model, args.file)


if __name__ == "__main__":
    main()
