"""What the lines run: the program and the tests that pack.sh gathered, and what is small where the lines are only
rehearsed.

GPU_WORK: the folder where the pack is unpacked and lines have their files. GPU_UNDER: a command that each of our
programs is run by.
GPU_REHEARSAL=1: sizes at which every line takes a moment, and a card that fits them, without the lines that differ from
others by a
setting alone; GPU_REHEARSAL=every: with them.
"""
import importlib
import json
import os
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import images
from lines import Absent, Failed

ROOT = Path(__file__).resolve().parents[2]
WORK = Path(os.environ.get("GPU_WORK", ROOT / "out/gpu"))
BUILD = WORK / "pack"
REHEARSAL = bool(os.environ.get("GPU_REHEARSAL"))
UNDER = shlex.split(os.environ.get("GPU_UNDER", ""))
# for ours alone: Python has libraries of its own
LIBRARIES = {"LD_LIBRARY_PATH": os.pathsep.join([f"{BUILD}/lib", f"{BUILD}/lib/calotype", f"{BUILD}/lib/system",
                                              os.environ.get("LD_LIBRARY_PATH", "")])}
DEMO = "configs/demo.yaml"
SMALL = ["width=32", "height=32", "steps=2"] if REHEARSAL else []
SLOWER = 5  # is a machine without a GPU that does other work too
TOOLS = ":/usr/local/cuda/bin:/opt/nvidia/bin"


def lines_of(call):
    """What a call runs."""
    lines = importlib.import_module(call).LINES
    if not REHEARSAL:
        return lines
    wanted = [line for line in lines if not line.alike or os.environ["GPU_REHEARSAL"] == "every"]
    return [replace(line, seconds=SLOWER * line.seconds) for line in wanted]


def on_gpu(attempt, program, *words, wanted=0, environment=None, under=UNDER):
    """The output of a program of ours."""
    return attempt.run([*under, BUILD / "bin" / program, *words], wanted, LIBRARIES | (environment or {}))


def tool(name):
    """The path of a program of CUDA's. Raises Absent."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + TOOLS)
    if not found:
        raise Absent(f"no {name} here")
    return found


def set_words(settings):
    return [word for setting in settings for word in ("--set", setting)]


def last_json(text):
    """The last line that is a JSON object: warnings may come before and after."""
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    raise Failed("no line of JSON")


def all_json(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def generate(attempt, config, stem, *settings, device="cuda", wanted=0, environment=None):
    """Runs one config into STEM.png and STEM.safetensors; returns what --json says, or the whole output where it is to
    fail."""
    latents = str(stem).replace("{index}", "all")  # one file for all images
    words = set_words(
        [*SMALL, *settings, f"device={device}", f"output.path={stem}.png", f"output.latents={latents}.safetensors"]
    )
    output = on_gpu(
        attempt,
        "calotype",
        "run",
        ROOT / config,
        "--json",
        "--quiet",
        *words,
        wanted=wanted,
        environment=environment,
        under=[] if device == "cpu" else UNDER,
    )
    return last_json(output) if wanted == 0 else output


def reference(attempt, config, settings):
    """The stem of the CPU's float32 of these settings, which several lines of a call share."""
    name = re.sub(r"[^a-z0-9]+", "-", "-".join([Path(config).stem, *settings]))
    stem = attempt.folder.parent / "references" / name
    if not stem.with_suffix(".png").exists():
        stem.parent.mkdir(exist_ok=True)
        generate(attempt, config, stem, "dtype=float32", *settings, device="cpu")
    return stem


def figures(run):
    """Of a run, what is worth keeping."""
    statistics = run["statistics"]
    return {
        "device": run["device"],
        "dtype": run["dtype"],
        "seconds": round(statistics["total_seconds"], 4),
        "phases": {name: round(value, 4) for name, value in statistics["seconds"].items()},
        "device_peak_mib": statistics["device_peak_bytes"] >> 20,
        "fallbacks": run["fallbacks"],
        "warnings": run["warnings"],
    }


def decibels(one, other):
    """Finite, for JSON: images that are the same are 150 dB apart."""
    return round(min(images.psnr(one, other), 150), 1)


def compared(stem, exact, least_db, most_latents=None):
    """The differences of two results of `generate`. Raises Failed where they are too large."""
    result = {"db": decibels(f"{stem}.png", f"{exact}.png"),
              "latents": images.latents_error(f"{stem}.safetensors", f"{exact}.safetensors")}
    if result["db"] < least_db:
        raise Failed(f"want at least {least_db} dB, got {result}")
    if most_latents is not None and result["latents"] > most_latents:
        raise Failed(f"want latents within {most_latents} of their deviation, got {result}")
    return result
