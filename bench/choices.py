"""What the choices that trade exactness for speed bring: the time of SDXL's steps at full size, beside the exact ones, and PSNR against
the exact picture on the demo model.

    .bench/venv/bin/python bench/choices.py [CHOICE ...] [--size 512] [--steps 6] [--images 8]

Time is CPU time of one thread, which neighbours disturb least; all pictures are drawn by one process. Writes
bench/results/choices-SIZE.json and prints a table.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import scenarios as s
from machine import machine, versions
from precision import ours, psnrs

sys.path.append(str(s.PEERS))
from watched import run_watched  # noqa: E402

CHOICES = {"guidance_end 0.5": {"guidance_end": 0.5}, "deep_cache 2": {"deep_cache": 2}, "deep_cache 3": {"deep_cache": 3},
           "token_merging 0.5": {"token_merging": 0.5}}


def seconds_of_steps(names, args):
    """Of all steps of a picture: {"exact": ..., name: ...}."""
    runs = [("first", 1, {}), ("one step", 1, {}), ("exact", args.steps, {}), *((name, args.steps, CHOICES[name]) for name in names)]
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        for i, (_, steps, choice) in enumerate(runs):
            config = {"model": str(s.SINGLE), "device": "cpu", "dtype": "bfloat16", "prompt": f"a lighthouse in a storm, number {i}", "seed": i,
                      "width": args.size, "height": args.size, "steps": steps, "scheduler": "euler", "sampler": "euler",
                      "output": f"{folder}/{i}.png", **choice}
            Path(f"{folder}/{i}.yaml").write_text(json.dumps(config))

        def note_time(pid, text):
            if text.startswith("{"):
                user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
                spent.append((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"))

        run_watched([s.PROGRAM, "run", *(f"{folder}/{i}.yaml" for i in range(len(runs))), "--json", "--quiet"], note_time, OMP_NUM_THREADS="1")
    of_picture = {run[0]: after - before for run, before, after in zip(runs[1:], spent, spent[1:])}
    step = (of_picture["exact"] - of_picture["one step"]) / (args.steps - 1)
    rest = of_picture["one step"] - step  # prompt, decode, writing: for all the same
    return {name: of_picture[name] - rest for name in ["exact", *names]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("choices", nargs="*", metavar="CHOICE", help=", ".join(CHOICES) + "; none: all of them")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--images", type=int, default=8, help="of the demo model; 0: no PSNR")
    args = parser.parse_args()
    names = args.choices or list(CHOICES)
    if unknown := set(names) - set(CHOICES):
        sys.exit(f"bench/choices.py: unknown {', '.join(unknown)}; known: {', '.join(CHOICES)}")

    seconds = seconds_of_steps(names, args)
    prompts = [entry["caption"] for entry in json.load(open(s.ROOT / "tests/data/demo_prompts.json"))[:args.images]]
    exact = ours(prompts, [])
    rows = {name: {"cpu_seconds": time, "of_exact": time / seconds["exact"]} for name, time in seconds.items()}
    print(f"| {args.size} x {args.size}, {args.steps} steps | CPU seconds | of the exact | PSNR, mean | lowest |\n| --- | --- | --- | --- | --- |")
    for name, row in rows.items():
        cells = [f"{row['cpu_seconds']:.1f}", f"{row['of_exact']:.2f}", "", ""]
        if prompts and name in CHOICES:
            db = psnrs(ours(prompts, [f"{key}={value}" for key, value in CHOICES[name].items()]), exact)
            row["psnr"] = {"mean": statistics.mean(db), "lowest": min(db)}
            cells[2:] = f"{statistics.mean(db):.1f} dB", f"{min(db):.1f}"
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    result = {"machine": machine(sys.executable), "versions": versions(s.PROGRAM), "size": args.size, "steps": args.steps, "images": args.images,
              "choices": rows}
    (s.ROOT / f"bench/results/choices-{args.size}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
