"""How near the GPU's images come to the CPU's in float32, in each type and number of bits: PSNR on the demo model.

    tests/gpu/precision.py PROGRAM [--images 16] [--under COMMAND] [--out FILE] [--ways WAY ...]

--under: a command that the program is run by on the GPU, as build/dev/cuda/run. Prints a JSON object; FILE gets it too,
anew after each
way. The settings are those of bench/precision.py, which compares on the CPU, and with diffusers.
"""
import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]
from images import psnr  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
GUIDANCE = 5
WAYS = {"float32": {}, "bfloat16": {"dtype": "bfloat16"}, "float16": {"dtype": "float16"},
        **{name: {"quantize": how} | more for how in ("int8", "fp8", "nf4")
           for name, more in ((how, {}), (f"{how}, bfloat16", {"dtype": "bfloat16"}))}}
MOST = 150  # dB of images that are the same


def generate(command, prompts, folder, **settings):
    """The files of one image for each prompt, all by one process, and what the last one ran on."""
    paths = []
    for seed, prompt in enumerate(prompts):
        config = {
            "model": str(ROOT / "configs/demo_model/demo.safetensors"),
            "dtype": "float32",
            "prompt": prompt,
            "seed": seed,
            "guidance_scale": GUIDANCE,
            "scheduler": {"id": "euler", "spacing": "leading"},
            "sampler": "euler",
            "output": f"{folder}/{seed}.png",
        } | settings
        paths.append(Path(folder) / f"{seed}.yaml")
        paths[-1].write_text(json.dumps(config))
    run = subprocess.run([*command, "run", *map(str, paths), "--json", "--quiet"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"exit code {run.returncode}: {run.stdout[-500:]}{run.stderr[-2000:]}")
    devices = {json.loads(line)["device"] for line in run.stdout.splitlines() if line.startswith("{")}
    return [f"{folder}/{seed}.png" for seed in range(len(prompts))], devices


def compared(images, exact):
    values = [min(psnr(one, other), MOST) for one, other in zip(images, exact)]
    return {"mean": round(sum(values) / len(values), 2), "lowest": round(min(values), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--under", default="")
    parser.add_argument("--device", default="cuda", help="that is compared with the CPU's float32")
    parser.add_argument("--out")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument(
        "--ways", nargs="*", default=list(WAYS), metavar="WAY", help=f"all, or some of: {', '.join(WAYS)}"
    )
    args = parser.parse_args()
    if unknown := [way for way in args.ways if way not in WAYS]:
        parser.error(f"unknown {', '.join(unknown)}; known: {', '.join(WAYS)}")
    prompts = [
        entry["caption"] for entry in json.loads((ROOT / "tests/data/demo_prompts.json").read_text())[: args.images]
    ]
    common = {"width": args.size, "height": args.size, "steps": args.steps}
    result = {"images": len(prompts), "size": args.size, "steps": args.steps, "device": args.device, "psnr": {}}
    if args.under:
        result["note"] = f"under {args.under}: of a stand-in for CUDA, not of a GPU"
    with tempfile.TemporaryDirectory() as folder:
        exact_folder = Path(folder) / "exact"
        exact_folder.mkdir()
        exact, _ = generate([args.program], prompts, exact_folder, device="cpu", **common)
        for name in args.ways:
            command = [*shlex.split(args.under), args.program]
            images, devices = generate(command, prompts, folder, device=args.device, **common, **WAYS[name])
            if any(not device.startswith(args.device) for device in devices):
                sys.exit(f"{name}: generated on {devices}")
            result["psnr"][name] = compared(images, exact)
            print(f"{name}: {result['psnr'][name]}", file=sys.stderr, flush=True)
            if args.out:
                Path(args.out).write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
