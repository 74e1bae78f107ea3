"""Encodes captioned pictures as latents; whitens the autoencoder before that.

Whitening folds a change of scale for each channel into quant_conv and post_quant_conv, so that latents * 0.13025,
SDXL's
scaling factor, have mean 0 and variance 1: the tiny model then works with SDXL's own constant.
"""
import argparse
import os
import time

import numpy as np
import torch
from diffusers import AutoencoderKL

from scene import sample_example
from train_vae import to_tensor
from training import fast_bfloat16


@torch.no_grad()
def whiten(vae_folder, out):
    vae = AutoencoderKL.from_pretrained(vae_folder, torch_dtype=torch.float32).eval()
    rng, latents = np.random.default_rng(5), []
    for size in (64, 128):
        for _ in range(3):
            pictures = to_tensor([sample_example(rng, size)[0] for _ in range(24)])
            latents.append(vae.encode(pictures).latent_dist.mean.permute(1, 0, 2, 3).reshape(4, -1))
    latents = torch.cat(latents, 1)
    mean, deviation = latents.mean(1), latents.std(1)
    print("before whitening: mean", mean.tolist(), "standard deviation", deviation.tolist())
    scale = 1 / (vae.config.scaling_factor * deviation)  # z' = (z - mean) * scale
    into, back = vae.quant_conv, vae.post_quant_conv
    into.weight[:4] *= scale[:, None, None, None]
    into.bias[:4] = (into.bias[:4] - mean) * scale
    into.bias[4:] += 2 * torch.log(scale)  # the log-variances move along
    back.bias += (back.weight[:, :, 0, 0] * mean[None]).sum(1)
    back.weight /= scale[None, :, None, None]
    vae.save_pretrained(out)


@torch.no_grad()
def make_latents(vae_folder, out, count, seed, size=128):
    """Writes out.npz: latents float16 [N,4,size/8,size/8] (scaled), captions, time_ids int32 [N,6]."""
    torch.set_num_threads(1)
    vae = AutoencoderKL.from_pretrained(vae_folder, torch_dtype=torch.float32).eval()
    rng, begun = np.random.default_rng(seed), time.time()
    latents, captions, time_ids = [], [], []
    while len(captions) < count:
        pictures, text, ids = zip(*(sample_example(rng, size) for _ in range(32)))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bfloat16()):
            mean = vae.encode(to_tensor(pictures)).latent_dist.mean.float()
        latents.append((mean * vae.config.scaling_factor).half().numpy())
        captions += text
        time_ids += ids
    latents = np.concatenate(latents)
    wide = latents.astype(np.float32)
    print(out, latents.shape, "mean", wide.mean((0, 2, 3)), "standard deviation", wide.std((0, 2, 3)),
          f"{time.time() - begun:.0f}s")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    np.savez(out, latents=latents, captions=np.array(captions), time_ids=np.array(time_ids, dtype=np.int32))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vae", help="folder of the autoencoder")
    parser.add_argument("out", help="an .npz file, or with --whiten the folder of the whitened autoencoder")
    parser.add_argument("--whiten", action="store_true")
    parser.add_argument("--count", type=int, default=9024)
    parser.add_argument("--seed", type=int, default=101)
    args = parser.parse_args()
    if args.whiten:
        whiten(args.vae, args.out)
    else:
        make_latents(args.vae, args.out, args.count, args.seed)


if __name__ == "__main__":
    main()
