"""Trains the tiny autoencoder, or polishes its decoder alone.

With --decoder the encoder stays as it is, so that latents made from it remain valid, and the decoder is shown latents
with
a little noise, as a diffusion model leaves them.
"""
import argparse
import copy

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

import architecture
from scene import render, sample_example, sample_scene
from training import Training, annealed, fast_bfloat16, follow, set_learning_rate

BATCH = 16
PICTURE = 64


def batch(rng, count, size=PICTURE):
    """[count,3,size,size] in -1..1: mostly windows of half the canvas, that is, crops of a picture of twice the
    size."""
    pictures = []
    for _ in range(count):
        u = rng.random()
        if u < 0.75:
            scene = sample_scene(rng)
            x, y = rng.uniform(0, 0.5, 2)
            pictures.append(render(scene, size, size, (x, y, x + 0.5, y + 0.5)))
        else:
            pictures.append(sample_example(rng, size)[0])
    return to_tensor(pictures)


def to_tensor(pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def edges(x):
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


def near_edges(x):
    gap = (x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)).abs().amax(1, keepdim=True)
    return (F.max_pool2d(gap, 5, 1, 2) > 0.04).float()


def reconstruct(vae, x, decoder_only):
    """-> (pictures, latent distribution)"""
    if not decoder_only:
        latents = vae.encode(x).latent_dist
        return vae.decode(latents.sample()).sample, latents
    with torch.no_grad():
        latents = vae.encode(x).latent_dist
        noise = 0.12 / vae.config.scaling_factor * torch.rand(len(x), 1, 1, 1)
        noisy = latents.mean + noise * torch.randn_like(latents.mean)
    return vae.decode(noisy).sample, latents


def losses(y, x, latents):
    mean, log_variance = latents.mean.float(), latents.logvar.float()
    return dict(
        picture=((y - x).abs() * (1 + 3 * near_edges(x))).mean(),
        edge=sum(F.l1_loss(a, b) for a, b in zip(edges(y), edges(x))),
        kl=0.5 * (mean ** 2 + log_variance.exp() - 1 - log_variance).mean(),
        # three of the four latent channels are nudged to the shrunk picture: that makes latents smooth and easy to
        # model, and leaves the fourth free for edges
        shrunk=F.mse_loss(mean[:, :3], F.avg_pool2d(x, 8)))


def train_vae(out, checkpoint, seconds, start=None, decoder_only=False, seed=1):
    """start: the folder of an autoencoder to go on from. Writes out at the end."""
    torch.set_num_threads(1)
    rng, learning_rate = np.random.default_rng(), 1.5e-3 if start else 3e-3
    torch.manual_seed(seed)
    vae = AutoencoderKL.from_pretrained(start) if start else AutoencoderKL(**architecture.VAE)
    torch.seed()
    average = copy.deepcopy(vae).requires_grad_(False)
    if decoder_only:
        for part in (vae.encoder, vae.quant_conv, vae.post_quant_conv):
            part.requires_grad_(False)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=learning_rate, betas=(0.9, 0.99), weight_decay=1e-3)
    training, log = Training(checkpoint, seconds, dict(vae=vae, average=average, optimizer=optimizer)), []
    while (progress := training.progress()) < 1:
        set_learning_rate(optimizer, learning_rate * min(1, (training.step + 1) / 60) * annealed(progress))
        x = batch(rng, BATCH)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bfloat16()):
            y, latents = reconstruct(vae, x, decoder_only)
        part = losses(y.float(), x, latents)
        loss = part["picture"] + 0.5 * part["edge"] + (0 if decoder_only else 2e-4 * part["kl"] + 0.05 * part["shrunk"])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        training.step += 1
        follow(average, vae, min(0.995, training.step / (training.step + 20)))
        log.append([p.item() for p in part.values()])
        if training.step % 50 == 0:
            print(
                training.step,
                f"{training.spent():.0f}s",
                dict(zip(part, np.mean(log, 0).round(4).tolist())),
                flush=True,
            )
            log = []
        training.save_when_due()
    average.save_pretrained(out)
    print("steps", training.step)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("--seconds", type=float, default=1000)
    parser.add_argument("--start", help="folder of an autoencoder to go on from")
    parser.add_argument("--decoder", action="store_true", help="train the decoder alone")
    args = parser.parse_args()
    train_vae(args.out, args.out + ".checkpoint.pt", args.seconds, args.start, args.decoder)


if __name__ == "__main__":
    main()
