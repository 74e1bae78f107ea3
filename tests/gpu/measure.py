"""SDXL at full size with random weights, 1024 x 1024, 30 steps, batch 1 and 4, ours beside diffusers' on one GPU: measure.py PROGRAM MODEL OUT

Makes MODEL, a diffusers folder, where it is not there. Each part is a process of its own and fails alone; OUT, a JSON object, is
written anew after each. Of each part: seconds from the start of the process to the first picture, steps a second of a later
picture, its seconds, and the GPU's peak memory.
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "bench"), str(HERE.parents[1] / "bench/peers")]
SIZE, STEPS, LIMIT = 1024, 30, 400
PROMPTS = ["a lighthouse in a storm, oil painting", "a lighthouse at noon, oil painting"]


def write_model(folder):
    from make_model import write_folder
    write_folder(folder)


def last_words(text):
    return " | ".join(text.strip().splitlines()[-5:])[-1500:]


def ours(program, model, batch, settings):
    """Two pictures in one process: the first from a cold start, the second with another prompt, all else warm."""
    from watched import run_watched
    with tempfile.TemporaryDirectory() as folder:
        configs = []
        for i, prompt in enumerate(PROMPTS):
            path = Path(folder) / f"{i}.yaml"
            path.write_text(json.dumps({"model": {"path": str(model.resolve())}, "device": "cuda", "dtype": "bfloat16", "prompt": prompt,
                                        "width": SIZE, "height": SIZE, "steps": STEPS, "guidance_scale": 5, "images": batch,
                                        "batch": batch, "scheduler": "euler", "sampler": "euler",
                                        "output": {"path": f"{folder}/{{prompt}}-{{seed}}.png"}} | settings))
            configs.append(path)
        run = run_watched(["timeout", LIMIT, program, "run", *configs, "--json", "--quiet"])
        drawn = [(at, json.loads(text)) for at, text in run.lines if text.startswith("{")]
        warm = drawn[-1][1]["statistics"]
        seconds = warm["seconds"]
        return {"first_picture_seconds": drawn[0][0], "steps_per_second": STEPS / seconds["sample"],
                "picture_seconds": warm["total_seconds"] / batch, "phases": seconds, "peak_bytes": warm["device_peak_bytes"],
                "warnings": [w for _, d in drawn for w in d["warnings"] + d["fallbacks"]]}


def peer(model, batch, options):
    command = ["timeout", str(LIMIT), sys.executable, str(HERE / "peer.py"), str(model), "--batch", str(batch), "--size", str(SIZE),
               "--steps", str(STEPS), *options]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"exit status {run.returncode}: {last_words(run.stderr)}")
    return json.loads(run.stdout.splitlines()[-1])


def parts(program, model):
    for batch in (1, 4):
        yield f"ours-{batch}", lambda b=batch: ours(program, model, b, {})
        yield f"diffusers-{batch}", lambda b=batch: peer(model, b, [])
    yield "ours-fp8-1", lambda: ours(program, model, 1, {"quantize": "fp8"})
    yield "ours-measured-attention-1", lambda: ours(program, model, 1, {"model": {"path": str(model.resolve()), "attention": "measured"}})
    yield "ours-1-again", lambda: ours(program, model, 1, {})  # after the others: how far the card drifted
    for batch in (1, 4):
        yield f"diffusers-compiled-{batch}", lambda b=batch: peer(model, b, ["--compile"])


def device():
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        return subprocess.run(query, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return "unknown: no nvidia-smi here"


def main():
    program, model, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    result = {"device": device(), "size": SIZE, "steps": STEPS, "parts": {}}
    failed = 0
    todo = list(parts(program, model))
    if not (model / "model_index.json").exists():
        todo.insert(0, ("model", lambda: write_model(model)))
    for name, part in todo:
        start = time.monotonic()
        try:
            result["parts"][name] = part()
            word = "ok     "
        except (Exception, SystemExit) as error:  # one part's failure is a result, too
            result["parts"][name] = {"error": last_words(str(error))}
            word, failed = "FAILED ", failed + 1
        print(f"{word} {name} ({time.monotonic() - start:.0f} s) {json.dumps(result['parts'][name])}", flush=True)
        out.write_text(json.dumps(result, indent=1) + "\n")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
