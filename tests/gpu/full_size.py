"""What the calls `fast` and `bits` have in common: SDXL at full size with random weights, and images of it by ours and
by diffusers."""
import importlib.util
import json
import os
import shutil
import sys
import time
from pathlib import Path

from lines import Absent, Line
from programs import REHEARSAL, ROOT, all_json, figures, last_json, on_gpu

HERE = Path(__file__).resolve().parent
SIZE, STEPS = (32, 2) if REHEARSAL else (1024, 30)
# with cuda_graphs: auto the first runs plainly, the second records, the third replays
PROMPTS = tuple(f"a lighthouse {when}, oil painting" for when in ("in a storm", "at noon", "at night"))[
    : 2 if REHEARSAL else 3
]
MODEL_BYTES = 7 << 30
# of one guided step at 1024 x 1024: 2 for each multiplication and addition of convolutions, linear layers and attention
STEP_TFLOP = 13.5


def model_folder():
    """Where there is room: memory first, which is the fastest to write and to read."""
    if "GPU_MODEL" in os.environ:
        return Path(os.environ["GPU_MODEL"])
    name = "calotype-gpu/sdxl"
    for folder in (Path("/dev/shm"), ROOT / "out"):
        if (folder / name).exists() or folder.exists() and shutil.disk_usage(folder).free > MODEL_BYTES * 1.5:
            return folder / name
    return ROOT / "out" / name


MODEL = ROOT / "tests/data/tiny_sdxl/diffusers" if REHEARSAL else model_folder()


def need(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise Absent(f"no Python package {', '.join(missing)} here")


def model(attempt):
    """Made once: a later call on a machine that was kept finds it."""
    if (MODEL / "model_index.json").exists():
        return {"folder": str(MODEL), "was_there": True}
    need("torch", "diffusers", "transformers", "safetensors")
    MODEL.mkdir(parents=True, exist_ok=True)
    return {"folder": str(MODEL)} | last_json(attempt.run([sys.executable, HERE / "full_model.py", MODEL]))


def config(path, model_settings, **settings):
    """A config for images of the model."""
    whole = {
        "model": {"path": str(MODEL)} | model_settings,
        "device": "cuda",
        "dtype": "bfloat16",
        "width": SIZE,
        "height": SIZE,
        "steps": STEPS,
        "guidance_scale": 5,
        "scheduler": "euler",
        "sampler": "euler",
    } | settings
    path.write_text(json.dumps(whole))  # YAML is a superset
    return path


def predicted_mib(attempt, path):
    return (
        last_json(on_gpu(attempt, "calotype", "run", path, "--dry-run", "--json"))["memory"]["predicted_peak_bytes"]
        >> 20
    )


def ours(attempt, images=1, prompts=PROMPTS, predicts=False, environment=None, model_settings={}, **settings):
    """Images of one process: the first from a cold start, the next with other prompts, all else warm. Figures are the
    last one's, but
    for those of each. `predicts`: says also what memory was predicted."""
    if not MODEL.exists():
        raise Absent("the full-size model, which another line makes")
    paths = [
        config(
            attempt.folder / f"{i}.yaml",
            model_settings,
            prompt=prompt,
            seed=i,
            images=images,
            batch=images,
            output={"path": f"{attempt.folder}/{i}-{{index}}.png"},
            **settings,
        )
        for i, prompt in enumerate(prompts)
    ]
    predicted = {"predicted_mib": predicted_mib(attempt, paths[-1])} if predicts else {}
    begin = time.time()
    runs = all_json(on_gpu(attempt, "calotype", "run", *paths, "--json", "--quiet", environment=environment))
    last = figures(runs[-1])
    steps = [run["statistics"]["seconds"]["sample"] / STEPS for run in runs[::images]]
    result = last | {"first_image_seconds": round((attempt.folder / "0-0.png").stat().st_mtime - begin, 3),
                     "image_seconds": round(last["seconds"] / images, 4), "step_seconds": round(steps[-1], 5),
                     "step_seconds_of_each": [round(step, 5) for step in steps]} | predicted
    if settings.get("width", SIZE) == 1024:
        result["step_tflops"] = round(STEP_TFLOP * images / steps[-1], 1)
    return result


def our_line(name, seconds=60, alike=True, **settings):
    return Line(name, seconds, lambda attempt: ours(attempt, **settings), alike)


def peer(name, seconds, *words, batch=1):
    """diffusers on the same model, by a process of its own."""
    def body(attempt):
        need("torch", "diffusers", "transformers")
        if not MODEL.exists():
            raise Absent("the full-size model, which another line makes")
        if REHEARSAL and "--compile" in words:
            raise Absent("a GPU, for which compiling is worth its time")
        device = ["--device", "cpu"] if REHEARSAL else []
        command = [
            sys.executable,
            HERE / "peer.py",
            MODEL,
            "--batch",
            batch,
            "--size",
            SIZE,
            "--steps",
            STEPS,
            *words,
            *device,
        ]
        return last_json(attempt.run(command))
    return Line(name, seconds, body)


def bench(name, *words, seconds=90):
    """Layers and kernels alone."""
    def body(attempt):
        output = on_gpu(attempt, "bench_cuda", *(["--small"] if REHEARSAL else []), *words)
        return {entry.pop("name"): entry for entry in all_json(output)}
    return Line(name, seconds, body)
