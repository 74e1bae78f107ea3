"""Calotype, measured through its program as the peers are: prints one JSON object.

One process generates three images: the first from a cold start with one step, the second with the steps that are timed
and
another prompt, the third with the prompt of the second, which it has seen. Generating only one would need a process,
and a
load, for each of these. With --seen-prompt come NEW_PROMPTS small images of other prompts: the first few find the text
encoders' weights in the file, one packs them, and the others have them packed, as in a process that goes on generating.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

from watched import run_watched


NEW_PROMPTS = 8


def write_config(path, args, prompt, steps, seed, size=None):
    values = {
        "model": {"path": args.model},
        "device": "cpu",
        "dtype": args.dtype,
        "prompt": prompt,
        "seed": seed,
        "width": size or args.size,
        "height": size or args.size,
        "steps": steps,
        "guidance_scale": 5,
        "scheduler": "euler",
        "sampler": "euler",
        "output": {"path": str(path.with_suffix(".png"))},
    }
    path.write_text(json.dumps(values))  # which is YAML, too
    return path


def images(run):
    return [(at, json.loads(text)) for at, text in run.lines if text.startswith("{")]


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def run_configs(args, configs, on_line=None):
    command = [args.program, "run", *configs, "--json", "--quiet", *(w for s in args.set for w in ("--set", s))]
    return run_watched(command, on_line, OMP_NUM_THREADS=str(args.threads))


def three_images(args, folder):
    again = args.prompt + ", again"
    configs = [write_config(folder / "first.yaml", args, args.prompt, 1, 0),
               write_config(folder / "steps.yaml", args, again, args.steps, 1)]
    if args.seen_prompt:
        configs.append(write_config(folder / "seen.yaml", args, again, 1, 2))
        configs += [write_config(folder / f"{i}.yaml", args, f"{again}, {i}", 1, i, 64) for i in range(NEW_PROMPTS)]
    run = run_configs(args, configs)
    results = images(run)
    statistics = [p["statistics"] for _, p in results]
    seconds = [s["seconds"] for s in statistics[:3]]
    first, steps, *_ = seconds
    result = {
        "import_seconds": 0.0, "load_seconds": first["load"],
        # the line comes when all is done
        "start_seconds": results[0][0] - first["sample"] - first["decode"] - first["write"],
        "first_step_seconds": first["sample"], "step_seconds": [steps["sample"] / statistics[1]["model_calls"]],
        "first_prompt_seconds": first["encode"], "prompt_seconds": [steps["encode"]],
        "first_decode_seconds": first["decode"], "decode_seconds": [s["decode"] for s in seconds[1:]],
        "write_seconds": [s["write"] for s in seconds],
        "peak_bytes": max(s["process_peak_bytes"] for s in statistics),  # the system's own begins again with each run
        "warnings": [w for _, p in results for w in p["warnings"] + p["fallbacks"]]}
    if args.seen_prompt:
        result["seen_prompt_seconds"] = [seconds[2]["encode"]]
        result["prompt_seconds"] += [s["seconds"]["encode"] for s in statistics[3:]]
    return result


def many_images(args, folder):
    """args.images images, each with a prompt of its own: what each cost, and how much memory was resident after it."""
    configs = [
        write_config(folder / f"{i}.yaml", args, f"{args.prompt}, number {i}", args.steps, i)
        for i in range(args.images)
    ]
    resident = []

    def note_memory(pid, text):
        if text.startswith("{"):
            resident.append(resident_bytes(pid))

    run = run_configs(args, configs, note_memory)
    return {"image_seconds": [p["statistics"]["total_seconds"] for _, p in images(run)], "resident_bytes": resident,
            "peak_bytes": run.peak_bytes}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="build/dev/bin/calotype")
    parser.add_argument("model", help="a .safetensors")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", default="a lighthouse in a storm, oil painting")
    parser.add_argument("--seen-prompt", action="store_true", help="generate the third image")
    parser.add_argument("--images", type=int, help="generate so many instead, to see whether cost or memory grows")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as of calotype run")
    args = parser.parse_args()
    args.model = str(Path(args.model).resolve())
    if args.images is not None and args.images < 3:
        sys.exit("calotype_peer.py: want at least 3 images")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps((many_images if args.images else three_images)(args, Path(folder))))


if __name__ == "__main__":
    main()
