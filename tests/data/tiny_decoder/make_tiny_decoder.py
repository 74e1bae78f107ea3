"""Writes what is beside it: tiny decoders of random weights in the layouts that people have, and what diffusers'
AutoencoderTiny
draws with them, in float32.

    python make_tiny_decoder.py        # torch 2.11.0, diffusers 0.42.1, safetensors
"""
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

HERE = Path(__file__).parent


def numbered(part, shift):
    """The tensors of an encoder or decoder as TAESD numbers them."""
    layers = ((name.removeprefix("layers.").split(".", 1), tensor) for name, tensor in part.state_dict().items())
    return {f"{int(number) + shift}.{rest}": tensor.contiguous() for (number, rest), tensor in layers}


def with_front(front, tensors):
    return {front + name: tensor for name, tensor in tensors.items()}


def main():
    torch.manual_seed(7)
    model = AutoencoderTiny(encoder_block_out_channels=(4,) * 4, decoder_block_out_channels=(8,) * 4,
                            num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(2, 1, 1, 1)).half()
    model.save_pretrained(HERE / "diffusers")
    encoder, decoder = numbered(model.encoder, 0), numbered(model.decoder, 1)
    save_file(decoder, HERE / "decoder.safetensors")
    save_file(encoder, HERE / "encoder.safetensors")
    save_file(with_front("encoder.", encoder) | with_front("decoder.", decoder), HERE / "both.safetensors")
    save_file(with_front("taesd_encoder.", encoder) | with_front("taesd_decoder.", decoder)
              | {"vae_scale": torch.tensor(1.0), "vae_shift": torch.tensor(0.0)}, HERE / "comfyui.safetensors")
    latents = torch.randn(2, 4, 5, 6) * 1.5
    with torch.no_grad():
        picture = model.float().decode(latents).sample
    save_file({"latents": latents, "picture": picture}, HERE / "golden.safetensors")


if __name__ == "__main__":
    main()
