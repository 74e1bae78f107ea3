"""A diffusers folder as one safetensors file, under the names of SDXL's original checkpoints.

What names and shapes do not tell (counts of groups and heads, ...) goes into the file's metadata: under "config", as
JSON,
the configs of all parts. The tokenizer needs nothing: it is CLIP's, cut to the rows of the token embedding less 514
merges.
"""
import argparse
import json
import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from assemble import with_published_names

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
          "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}
UNET_TOP = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
            "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
            "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
VAE_LEVELS = 4
VAE_NAMES = [
    (r"conv_norm_out", "norm_out"),
    (r"conv_shortcut", "nin_shortcut"),
    (r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}"),
    (r"mid_block\.attentions\.0\.", "mid.attn_1."),
    (r"down_blocks\.(\d)\.resnets\.", r"down.\1.block."),
    (r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample."),
    (r"up_blocks\.(\d)\.resnets\.", lambda m: f"up.{VAE_LEVELS - 1 - int(m[1])}.block."),
    (r"up_blocks\.(\d)\.upsamplers\.0\.", lambda m: f"up.{VAE_LEVELS - 1 - int(m[1])}.upsample."),
    (r"attn_1\.group_norm\.", "attn_1.norm."),
    (r"attn_1\.to_([qkv])\.", r"attn_1.\1."),
    (r"attn_1\.to_out\.0\.", "attn_1.proj_out."),
]
OPEN_CLIP = [
    ("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    ("text_model.final_layer_norm", "ln_final"), ("text_model.encoder.layers", "transformer.resblocks"),
    ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("self_attn.out_proj", "attn.out_proj"),
    ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj")]
PARTS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model",
         "text_encoder": "model", "text_encoder_2": "model"}


def unet_name(name):
    for ours, theirs in UNET_TOP.items():
        if name.startswith(ours + "."):
            return theirs + name[len(ours):]
    part = name.split(".")
    if part[0] == "mid_block":
        head, kind, rest = f"middle_block.{2 * int(part[2]) if part[1] == 'resnets' else 1}", part[1], part[3:]
    else:
        block, kind, layer, rest = int(part[1]), part[2], int(part[3]), part[4:]
        if kind == "downsamplers":
            return f"input_blocks.{3 * (block + 1)}.0.op." + rest[-1]
        if kind == "upsamplers":
            return f"output_blocks.{3 * block + 2}.2.conv." + rest[-1]
        number = 3 * block + layer
        head = f"input_blocks.{number + 1}" if part[0] == "down_blocks" else f"output_blocks.{number}"
        head += ".0" if kind == "resnets" else ".1"
    if kind == "resnets":
        rest = [RESNET[rest[0]]] + rest[1:]
    return ".".join([head] + rest)


def vae_entry(name, weight):
    if name.startswith(("quant_conv", "post_quant_conv")):
        return name, weight
    for ours, theirs in VAE_NAMES:
        name = re.sub(ours, theirs, name)
    if "attn_1" in name and weight.ndim == 2:
        weight = weight[:, :, None, None]  # there, attention projects by convolutions of one pixel
    return name, weight


def open_clip(weights):
    """The second text encoder has OpenCLIP's names, with one matrix for query, key and value."""
    renamed, joined = {}, {}
    for name, weight in weights.items():
        if name == "text_projection.weight":
            renamed["text_projection"] = weight.T.contiguous()
            continue
        for ours, theirs in OPEN_CLIP:
            name = name.replace(ours, theirs)
        if match := re.match(r"(.*)self_attn\.([qkv])_proj\.(weight|bias)", name):
            joined.setdefault(f"{match[1]}attn.in_proj_{match[3]}", {})[match[2]] = weight
        elif "position_ids" not in name:
            renamed[name] = weight
    return renamed | {name: torch.cat([three[k] for k in "qkv"]) for name, three in joined.items()}


def configs(model):
    files = {part: f"{part}/config.json" for part in PARTS} | {"scheduler": "scheduler/scheduler_config.json"}
    loaded = {part: json.loads((model / file).read_text()) for part, file in files.items()}
    return {part: {k: v for k, v in config.items() if not k.startswith("_")} for part, config in loaded.items()}


def export_single_file(model, out):
    model = Path(model)
    part = {name: load_file(model / name / f"{file}.safetensors") for name, file in PARTS.items()}
    first, second = (with_published_names(part[name]) for name in ("text_encoder", "text_encoder_2"))
    everything = {"model.diffusion_model." + unet_name(k): w for k, w in part["unet"].items()}
    everything |= {"first_stage_model." + k: w for k, w in (vae_entry(*entry) for entry in part["vae"].items())}
    everything |= {"conditioner.embedders.0.transformer." + k: w for k, w in first.items()}
    everything |= {"conditioner.embedders.1.model." + k: w for k, w in open_clip(second).items()}
    # two entries of the published file that a loader has to step over
    everything["conditioner.embedders.0.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    everything["conditioner.embedders.1.model.logit_scale"] = torch.tensor(4.6052)
    halves = {k: w.contiguous().half() if w.is_floating_point() else w for k, w in sorted(everything.items())}
    save_file(halves, out, metadata={"format": "pt", "modelspec.architecture": "stable-diffusion-xl-v1-base",
                                     "config": json.dumps(configs(model))})
    print(out, len(everything), "tensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a diffusers folder")
    parser.add_argument("out", help="a .safetensors file")
    args = parser.parse_args()
    export_single_file(args.model, args.out)


if __name__ == "__main__":
    main()
