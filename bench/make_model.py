#!/usr/bin/env python3
"""A full-size SDXL with seeded random weights in float16, for timing: .bench/venv/bin/python bench/make_model.py

Writes .bench/models/sdxl (a diffusers folder) and .bench/models/sdxl.safetensors (the original single file), the same
weights in both; and, where bench/setup has built stable-diffusion.cpp, sdxl-q8_0.gguf by its own converter. 18 GB in
all.
What it generates is noise, but every activation stays finite in bfloat16, so no operator is timed on infinities.
"""
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "tools/demo_model"))
from architecture import NOISE  # noqa: E402
from assemble import with_published_names  # noqa: E402
from build_tokenizer import MERGES, build_tokenizer  # noqa: E402
from export_single_file import PARTS, export_single_file  # noqa: E402

MODELS = BENCH.parent / ".bench/models"
SD_CLI = BENCH.parent / ".bench/sdcpp/build/bin/sd-cli"
CLIP_MERGES = 48894

# The configs of stabilityai/stable-diffusion-xl-base-1.0; what is not named is the classes' default there, too.
UNET = dict(sample_size=128, in_channels=4, out_channels=4, block_out_channels=[320, 640, 1280], layers_per_block=2,
            down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
            up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
            transformer_layers_per_block=[1, 2, 10], attention_head_dim=[5, 10, 20], cross_attention_dim=2048,
            addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
            use_linear_projection=True)
VAE = dict(
    in_channels=3,
    out_channels=3,
    latent_channels=4,
    block_out_channels=[128, 256, 512, 512],
    layers_per_block=2,
    down_block_types=["DownEncoderBlock2D"] * 4,
    up_block_types=["UpDecoderBlock2D"] * 4,
    act_fn="silu",
    norm_num_groups=32,
    sample_size=1024,
    scaling_factor=0.13025,
    force_upcast=True,
)
_TEXT = dict(vocab_size=49408, max_position_embeddings=77, layer_norm_eps=1e-5, bos_token_id=49406, eos_token_id=49407)
TEXT_1 = dict(_TEXT, hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=12,
              hidden_act="quick_gelu", projection_dim=768, pad_token_id=49407)
TEXT_2 = dict(_TEXT, hidden_size=1280, intermediate_size=5120, num_attention_heads=20, num_hidden_layers=32,
              hidden_act="gelu", projection_dim=1280, pad_token_id=0)
PARAMETERS = {"unet": 2_567_463_684, "vae": 83_653_863, "text_encoder": 123_060_480, "text_encoder_2": 694_659_840}
INDEX = {
    "_class_name": "StableDiffusionXLPipeline",
    "_diffusers_version": "0.19.0",
    "force_zeros_for_empty_prompt": True,
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "tokenizer_2": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def parts():
    """Each part with neither weights nor memory: only names, shapes and the config."""
    with torch.device("meta"):
        return {"unet": UNet2DConditionModel(**UNET), "vae": AutoencoderKL(**VAE),
                "text_encoder": CLIPTextModel(CLIPTextConfig(**TEXT_1)),
                "text_encoder_2": CLIPTextModelWithProjection(CLIPTextConfig(**TEXT_2))}


def random_weight(name, shape, generator):
    """torch's default: uniform within 1/sqrt(inputs) for weights; norms are 1, biases 0, embeddings small as CLIP's."""
    weight = torch.empty(shape, dtype=torch.float16, device=generator.device)
    if len(shape) == 1:
        return weight.fill_("norm" in name and name.endswith("weight"))
    bound = 0.03 if name.endswith("embedding.weight") else 1 / math.sqrt(math.prod(shape[1:]))
    return weight.uniform_(-bound, bound, generator=generator)


def write_part(part, module, folder, device):
    generator = torch.Generator(device).manual_seed(list(PARTS).index(part))
    weights = {k: random_weight(k, v.shape, generator) for k, v in module.state_dict().items() if v.is_floating_point()}
    if part.startswith("text"):
        weights = with_published_names(weights)
    count = sum(w.numel() for w in weights.values())
    if count != PARAMETERS[part]:
        sys.exit(
            f"{part}: {count} parameters, want {PARAMETERS[part]} as SDXL has; "
            "are these the packages of requirements.txt?"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (module.save_config if hasattr(module, "save_config") else module.config.save_pretrained)(folder)
    save_file(weights, folder / f"{PARTS[part]}.safetensors", metadata={"format": "pt"})


def write_folder(folder, device="cpu"):
    """`device`: that the numbers are made on, which another would make others of."""
    for part, module in parts().items():
        start = time.perf_counter()
        write_part(part, module, folder / part, device)
        print(f"{part}: {PARAMETERS[part] / 1e6:.0f} M parameters, {time.perf_counter() - start:.1f} s", flush=True)
    build_tokenizer(MERGES, folder, CLIP_MERGES)
    (folder / "scheduler").mkdir(exist_ok=True)
    scheduler = dict(NOISE, _class_name="EulerDiscreteScheduler", _diffusers_version="0.19.0")
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=1))
    (folder / "model_index.json").write_text(json.dumps(INDEX, indent=1))  # last: a folder that has it is whole


def write_once(path, marker, write):
    """Runs write(path) unless marker is there; a file is written under another name first, so what is there is
    whole."""
    if marker.exists():
        return print(f"{path}: there already")
    start, partial = time.perf_counter(), path.with_name("partial-" + path.name)
    write(partial)
    os.replace(partial, path)
    print(f"{path}: {time.perf_counter() - start:.1f} s", flush=True)


def convert(path):
    command = [SD_CLI, "-M", "convert", "-m", MODELS / "sdxl.safetensors", "-o", path, "--type", "q8_0"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main():
    MODELS.mkdir(parents=True, exist_ok=True)
    folder, single, quantized = MODELS / "sdxl", MODELS / "sdxl.safetensors", MODELS / "sdxl-q8_0.gguf"
    write_once(folder, folder / "model_index.json", write_folder)
    write_once(single, single, lambda path: export_single_file(folder, path))
    if SD_CLI.exists():
        write_once(quantized, quantized, convert)
    else:
        print("no sdxl-q8_0.gguf: stable-diffusion.cpp is not built; bench/setup builds it")


if __name__ == "__main__":
    main()
