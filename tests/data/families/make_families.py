"""Write tiny models of the families related to SDXL, and what diffusers draws with them.

    python make_families.py [--models FOLDER]

needs torch==2.11.0, diffusers==0.42.1, transformers==5.23.0, safetensors, pillow. Writes families.json and
goldens.safetensors
beside this file; with --models also each model as a diffusers folder and as a single file, to run by hand.

Text encoders, VAE and, where nothing else is said, the UNet are those of ../tiny_sdxl. Any other UNet has weights that
follow
from its tensors' names and shapes (see `weights`), so that no file has to hold them.
"""
import argparse
import json
import math
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
TINY = HERE.parent / "tiny_sdxl"
SEED = 1234
PROMPT = dict(prompt="a red cat sitting on a wooden chair, 4k", negative_prompt="blurry, low quality")
MARKS = {  # tensors that single files carry to tell their kind
    "v_prediction": {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)},
    "cosxl": {"edm_vpred.sigma_max": torch.tensor(120.0), "edm_vpred.sigma_min": torch.tensor(0.002)},
    "playground": {"edm_mean": torch.tensor([-1.6574, 1.886, -1.383, 2.5155]),
                   "edm_std": torch.tensor([8.4927, 5.9022, 6.5498, 5.2299])},
}


def unet_config(channels, down, up, layers, **more):
    block = {"D": "DownBlock2D", "C": "CrossAttnDownBlock2D"}
    back = {"U": "UpBlock2D", "C": "CrossAttnUpBlock2D"}
    config = dict(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=2,
        block_out_channels=channels,
        down_block_types=[block[c] for c in down],
        up_block_types=[back[c] for c in up],
        transformer_layers_per_block=layers,
        attention_head_dim=[max(1, c // 64) for c in channels],
        cross_attention_dim=192,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=32,
        projection_class_embeddings_input_dim=6 * 32 + 128,
    )
    return {**config, **more}


# depths and kinds of blocks are the published ones, widths are not
SMALL = (32, 32, 64)
UNETS = {
    "ssd_1b": unet_config(SMALL, "DCC", "CCU", [1, [2, 2], [4, 4]], mid_block_type="UNetMidBlock2D",
                          reverse_transformer_layers_per_block=[[4, 4, 10], [2, 1, 1], 1]),
    "segmind_vega": unet_config(SMALL, "DCC", "CCU", [1, 1, 2], mid_block_type="UNetMidBlock2D"),
    "koala_700m": unet_config(SMALL, "DCC", "CCU", [1, 2, 5], layers_per_block=1, mid_block_type=None),
    "koala_1b": unet_config(SMALL, "DCC", "CCU", [1, 2, 6], layers_per_block=1),
    "lcm": unet_config(SMALL, "DCC", "CCU", [1, 1, 2], time_cond_proj_dim=32),
    "inpaint": unet_config(SMALL, "DCC", "CCU", [1, 1, 2], in_channels=9),
    "refiner": unet_config((32, 32, 64, 64), "DCCD", "UCCU", [1, 1, 2, 1], cross_attention_dim=128,
                           addition_time_embed_dim=256, projection_class_embeddings_input_dim=5 * 256 + 128),
}


def weights(shapes):
    """Uniform numbers in float16, those of each tensor drawn with its place in the order of names as the seed."""
    out = {}
    for index, (name, shape) in enumerate(sorted(shapes.items())):
        u = torch.rand(shape, generator=torch.Generator().manual_seed(index)) * 2 - 1
        if len(shape) == 1:
            out[name] = (u * 0.1 + (1 if name.endswith("weight") else 0)).half()
        else:
            out[name] = (u * math.sqrt(3 / math.prod(shape[1:]))).half()
    return out


RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
          "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}
TOP = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def original_name(name, config):
    """The name in checkpoints of the original implementation; None where it has no such part."""
    for new, old in TOP.items():
        if name.startswith(new + "."):
            return old + name[len(new):]
    part = name.split(".")
    if part[0] not in ("mid_block", "down_blocks", "up_blocks"):
        return None
    if part[0] == "mid_block":
        kind, i, rest = part[1], int(part[2]), part[3:]
        place = f"middle_block.{2 * i}" if kind == "resnets" else f"middle_block.{2 * i + 1}"
    else:
        level, kind, i, rest = int(part[1]), part[2], int(part[3]), part[4:]
        size = config["layers_per_block"] + 1
        if part[0] == "down_blocks":
            place = f"input_blocks.{1 + level * size + i}"
            if kind == "downsamplers":
                return f"input_blocks.{(level + 1) * size}.0.op.{rest[-1]}"
        else:
            place = f"output_blocks.{level * size + i}"
            if kind == "upsamplers":
                follows = 2 if config["up_block_types"][level].startswith("Cross") else 1
                return f"output_blocks.{level * size + size - 1}.{follows}.conv.{rest[-1]}"
        place += ".0" if kind == "resnets" else ".1"
    if kind == "resnets":
        rest = [RESNET[rest[0]], *rest[1:]]
    return ".".join([place, *rest])


def tiny(kind, **more):
    import diffusers
    import transformers

    part = TINY / "diffusers"
    tokenizer = transformers.CLIPTokenizer.from_pretrained
    parts = dict(vae=diffusers.AutoencoderKL.from_pretrained(part / "vae", torch_dtype=torch.float32),
                 text_encoder=transformers.CLIPTextModel.from_pretrained(part / "text_encoder", dtype=torch.float32),
                 text_encoder_2=transformers.CLIPTextModelWithProjection.from_pretrained(part / "text_encoder_2",
                                                                                       dtype=torch.float32),
                 tokenizer=tokenizer(str(part / "tokenizer")), tokenizer_2=tokenizer(str(part / "tokenizer_2")))
    return kind(**{**parts, **more}, add_watermarker=False)


def unet_of(family):
    from diffusers import UNet2DConditionModel

    if family not in UNETS:
        return UNet2DConditionModel.from_pretrained(TINY / "diffusers" / "unet", torch_dtype=torch.float32)
    with torch.device("meta"):
        unet = UNet2DConditionModel(**UNETS[family])
    state = weights({name: tuple(t.shape) for name, t in unet.state_dict().items()})
    unet = UNet2DConditionModel(**UNETS[family])
    unet.load_state_dict({name: t.float() for name, t in state.items()})
    return unet.eval()


def schedulers():
    import diffusers as d

    base = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
    leading = {"scheduler": {"id": "euler", "spacing": "leading"}, "sampler": "euler"}
    trailing = {"scheduler": {"id": "euler", "spacing": "trailing"}, "sampler": "euler", "initial_noise": "sigma"}
    return {
        "leading": (d.EulerDiscreteScheduler(**base, timestep_spacing="leading"), leading),
        "trailing": (d.EulerDiscreteScheduler(**base, timestep_spacing="trailing"), trailing),
        "v_prediction": (
            d.EulerDiscreteScheduler(
                **base, timestep_spacing="trailing", prediction_type="v_prediction", rescale_betas_zero_snr=True
            ),
            trailing,
        ),
        "cosxl": (
            d.EDMEulerScheduler(
                sigma_min=0.002,
                sigma_max=120.0,
                sigma_data=1.0,
                sigma_schedule="exponential",
                prediction_type="v_prediction",
            ),
            {"scheduler": "exponential", "sampler": "euler"},
        ),
        "playground": (
            d.EDMDPMSolverMultistepScheduler(sigma_min=0.002, sigma_max=80.0, sigma_data=0.5),
            {"scheduler": "karras", "sampler": "dpmpp_2m"},
        ),
    }


# what is drawn: family -> the schedulers above, steps, guidance
RUNS = {"ssd_1b": ("leading", 3, 5.0), "segmind_vega": ("leading", 3, 5.0), "koala_700m": ("trailing", 3, 5.0),
        "koala_1b": ("leading", 3, 5.0), "lcm": ("leading", 3, 3.0), "v_prediction": ("v_prediction", 4, 5.0),
        "cosxl": ("cosxl", 4, 5.0), "playground": ("playground", 4, 3.0)}


def finals(pipe, **args):
    pipe.set_progress_bar_config(disable=True)
    latents = []

    def keep(_, i, t, kw):
        latents.append(kw["latents"].clone())
        return kw

    image = pipe(**args, generator=torch.Generator().manual_seed(SEED), output_type="pt", callback_on_step_end=keep,
                 callback_on_step_end_tensor_inputs=["latents"]).images
    return latents[-1], (image * 255).round().to(torch.uint8)


def draw(family, unet):
    """A picture of 64 x 96 from text."""
    from diffusers import StableDiffusionXLPipeline

    kind, steps, guidance = RUNS[family]
    scheduler, ours = schedulers()[kind]
    pipe = tiny(StableDiffusionXLPipeline, unet=unet, scheduler=scheduler, force_zeros_for_empty_prompt=True)
    if family == "playground":
        pipe.vae.register_to_config(latents_mean=MARKS[family]["edm_mean"].tolist(),
                                    latents_std=MARKS[family]["edm_std"].tolist(), scaling_factor=0.5)
    args = {**PROMPT, "num_inference_steps": steps, "guidance_scale": guidance, "width": 64, "height": 96}
    latents, image = finals(pipe, **args)
    config = {
        **PROMPT,
        "steps": steps,
        "guidance_scale": guidance,
        "width": 64,
        "height": 96,
        "seed": SEED,
        "device": "cpu",
        "dtype": "float32",
        **ours,
    }
    return pipe, config, {f"{family}.latents": latents, f"{family}.image": image}


def one_call(family, unet):
    """The clean latents that one guided call of the network means, where a picture takes another picture besides the
    text."""
    from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLInpaintPipeline

    scheduler, _ = schedulers()["leading"]
    if family == "refiner":
        pipe = tiny(StableDiffusionXLImg2ImgPipeline, unet=unet, scheduler=scheduler, text_encoder=None, tokenizer=None,
                    requires_aesthetics_score=True, force_zeros_for_empty_prompt=False)
        ids = torch.tensor([[96.0, 64.0, 0, 0, 2.5], [96.0, 64.0, 0, 0, 6.0]])
    else:
        pipe = tiny(StableDiffusionXLInpaintPipeline, unet=unet, scheduler=scheduler, force_zeros_for_empty_prompt=True)
        ids = torch.tensor([[96.0, 64.0, 0, 0, 96.0, 64.0]] * 2)
    positive, negative, pooled, negative_pooled = pipe.encode_prompt(
        PROMPT["prompt"], negative_prompt=PROMPT["negative_prompt"], do_classifier_free_guidance=True, device="cpu")
    timestep, guidance = 500, 5.0
    sigma = float(((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod)[timestep] ** 0.5)
    g = torch.Generator().manual_seed(SEED)
    x = torch.randn(1, 4, 12, 8, generator=g) * sigma
    extra = torch.randn(1, unet.config.in_channels - 4, 12, 8, generator=g)
    inputs = torch.cat([x / (sigma**2 + 1) ** 0.5, extra], 1)
    output = unet(torch.cat([inputs] * 2), timestep, torch.cat([negative, positive]),
                  added_cond_kwargs=dict(text_embeds=torch.cat([negative_pooled, pooled]), time_ids=ids)).sample
    noise = output[:1] + guidance * (output[1:] - output[:1])
    tensors = {"x": x, "sigma": torch.tensor([sigma]), "denoised": x - sigma * noise}
    if extra.numel():
        tensors["extra"] = extra
    return pipe, {**PROMPT, "guidance_scale": guidance, "width": 64, "height": 96}, {
        f"{family}.{k}": t for k, t in tensors.items()}


def whole_refiner(pipe):
    """The refiner over ../goldens/init.png."""
    from PIL import Image

    picture = Image.open(HERE.parent / "goldens" / "init.png")
    pipe.scheduler = schedulers()["leading"][0]
    latents, image = finals(pipe, **PROMPT, num_inference_steps=5, guidance_scale=5.0, strength=0.6, image=picture)
    return {"refiner.latents": latents, "refiner.image": image}


def single_file(family, original):
    """A checkpoint under the original names."""
    tensors = load_file(TINY / "single_file.safetensors")
    if original:
        tensors = {k: v for k, v in tensors.items() if not k.startswith("model.diffusion_model.")}
        state = unet_of(family).half().state_dict()
        tensors.update({"model.diffusion_model." + old: state[new].contiguous() for new, old in original.items()})
    if family == "refiner":
        encoder = "conditioner.embedders."
        tensors = {k.replace(encoder + "1.", encoder + "0."): v for k, v in tensors.items()
                   if not k.startswith(encoder + "0.")}
    return {**tensors, **MARKS.get(family, {})}


def check_against_converter(family, config, original):
    """diffusers' own reading of the original names, where it has one for such blocks."""
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    names = {"model.diffusion_model." + old: torch.full((1,), float(i)) for i, old in enumerate(original.values())}
    found = convert_ldm_unet_checkpoint(dict(names), dict(config, class_embed_type=None))
    wrong = [new for i, new in enumerate(original) if new not in found or found[new].item() != i]
    assert not wrong, (family, wrong[:3], len(wrong))


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--models", type=Path)
    a = a.parse_args()
    torch.set_grad_enabled(False)
    listing, goldens = {}, {}
    for family in [*RUNS, "inpaint", "refiner"]:
        unet = unet_of(family)
        pipe, config, tensors = (draw if family in RUNS else one_call)(family, unet)
        if family == "refiner":
            tensors.update(whole_refiner(pipe))
        goldens.update(tensors)
        flags = {k: v for k, v in pipe.config.items() if isinstance(v, bool)}
        entry = {"config": config, "index": {"_class_name": type(pipe).__name__, **flags}}
        entry["scheduler"] = {"_class_name": type(pipe.scheduler).__name__,
                              **{k: v for k, v in pipe.scheduler.config.items() if not k.startswith("_")}}
        original = {}
        if family in UNETS:
            entry["unet"] = UNETS[family]
            names = {n: original_name(n, UNETS[family]) for n in sorted(unet.state_dict())}
            original = {n: old for n, old in names.items() if old}
            entry["tensors"] = [[n, old, list(unet.state_dict()[n].shape)] for n, old in names.items()]
            if len(original) == len(names) and family != "koala_700m":  # whose lack of a middle diffusers cannot read
                check_against_converter(family, UNETS[family], original)
        if family in MARKS:
            entry["marks"] = {k: [list(t.shape), t.flatten().tolist()] for k, t in MARKS[family].items()}
        listing[family] = entry
        if a.models:
            out = a.models / family
            pipe.to(torch.float16).save_pretrained(out / "diffusers")
            for part in ("tokenizer", "tokenizer_2"):
                if (out / "diffusers" / part).exists():
                    shutil.copytree(TINY / "diffusers" / part, out / "diffusers" / part, dirs_exist_ok=True)
            if family != "lcm":
                save_file(single_file(family, original), out / f"{family}.safetensors", metadata={"format": "pt"})
        print(family, {k: round(float(t.float().std()), 3) for k, t in tensors.items()})
    lines = (f'  "{name}": {json.dumps(entry)}' for name, entry in listing.items())
    (HERE / "families.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    save_file({k: v.contiguous() for k, v in goldens.items()}, HERE / "goldens.safetensors")


if __name__ == "__main__":
    main()
