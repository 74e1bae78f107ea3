"""Distills the demo's autoencoder into a tiny decoder of TAESD's shape, for previews.

TAESD is by Ollin Boer Bohan (github.com/madebyollin/taesd). It reads latents as the denoiser has them, scaled, and
learns here
to draw what the autoencoder's own decoder makes of them, with a little noise on them, as a diffusion model leaves it.
"""
import argparse
import copy
import json

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, AutoencoderTiny
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from safetensors import safe_open
from safetensors.torch import save_file

from train_vae import batch, edges, near_edges
from training import Training, annealed, follow, set_learning_rate

BATCH = 16
CHANNELS = 16
LEARNING_RATE = 2e-3


def read_vae(model):
    """The autoencoder of the single file, in float32."""
    with safe_open(model, "pt") as file:
        config = json.loads(file.metadata()["config"])["vae"]
        weights = convert_ldm_vae_checkpoint({name: file.get_tensor(name) for name in file.keys()}, config)
    vae = AutoencoderKL.from_config(config).eval()
    vae.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return vae


@torch.no_grad()
def make_pairs(vae, count, seed=1):
    """-> scaled latents [count,4,8,8] and what the decoder makes of them, [count,3,64,64]"""
    rng, pairs = np.random.default_rng(seed), []
    for _ in range(0, count, BATCH):
        mean = vae.encode(batch(rng, BATCH)).latent_dist.mean * vae.config.scaling_factor
        latents = mean + 0.12 * torch.rand(len(mean), 1, 1, 1) * torch.randn_like(mean)
        pairs.append((latents, vae.decode(latents / vae.config.scaling_factor).sample.clamp(-1, 1)))
    return tuple(torch.cat(part) for part in zip(*pairs))


def numbered(decoder):
    """The decoder's tensors as TAESD numbers them: what diffusers does outside of the list of layers is its layer 0."""
    layers = ((name.removeprefix("layers.").split(".", 1), tensor) for name, tensor in decoder.state_dict().items())
    return {f"{int(number) + 1}.{rest}": tensor.half().contiguous() for (number, rest), tensor in layers}


def train_tiny_decoder(model, out, checkpoint, seconds, pictures=4000):
    """model: the demo model as one file. Writes out at the end."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    vae = read_vae(model)
    latents, wanted = make_pairs(vae, pictures)
    widths = (CHANNELS,) * 4
    decoder = AutoencoderTiny(encoder_block_out_channels=widths, decoder_block_out_channels=widths).decoder
    average = copy.deepcopy(decoder).requires_grad_(False)
    optimizer = torch.optim.Adam(decoder.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.99))
    training = Training(checkpoint, seconds, dict(decoder=decoder, average=average, optimizer=optimizer))
    while (progress := training.progress()) < 1:
        set_learning_rate(optimizer, LEARNING_RATE * min(1, (training.step + 1) / 60) * annealed(progress))
        chosen = torch.randint(len(latents), (BATCH,))
        x, y = wanted[chosen], decoder(latents[chosen])
        loss = ((y - x).abs() * (1 + 3 * near_edges(x))).mean() + 0.5 * sum(
            F.l1_loss(a, b) for a, b in zip(edges(y), edges(x))
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        training.step += 1
        follow(average, decoder, min(0.995, training.step / (training.step + 20)))
        if training.step % 100 == 0:
            print(training.step, f"{training.spent():.0f}s", f"loss {loss.item():.4f}", flush=True)
        training.save_when_due()
    save_file(numbered(average), out)
    latents, wanted = make_pairs(vae, 256, seed=2)
    with torch.no_grad():
        error = F.mse_loss(average(latents).clamp(-1, 1), wanted).item()
    print("steps", training.step, f"PSNR on other pictures {10 * np.log10(4 / error):.1f} dB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="the demo model as one file")
    parser.add_argument("out", help="a .safetensors file")
    parser.add_argument("--seconds", type=float, default=600)
    args = parser.parse_args()
    train_tiny_decoder(args.model, args.out, args.out + ".checkpoint.pt", args.seconds)


if __name__ == "__main__":
    main()
