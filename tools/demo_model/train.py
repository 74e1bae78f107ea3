"""Makes the demo model from nothing: runs the steps in order, and goes on where an earlier run was stopped.

WORK_DIR/state.json names the steps that are done; a training that was cut short continues from its checkpoint.
"""
import argparse
import fcntl
import json
import os
import shutil
import time
from pathlib import Path

from assemble import assemble
from build_tokenizer import MERGES, build_tokenizer
from evaluate import evaluate
from export_single_file import export_single_file
from make_latents import make_latents, whiten
from train_text import train_text
from train_tiny_decoder import train_tiny_decoder
from train_unet import train_unet
from train_vae import train_vae
from verify_single_file import verify_single_file

import architecture

# vae, decoder, text, unet, tiny_decoder: seconds of training; pictures: in each of the two sets; evaluated, steps:
# pictures, steps of each
FULL = dict(vae=1000, decoder=600, text=600, unet=9600, tiny_decoder=700, pictures=9024, evaluated=100, steps=20)
QUICK = dict(vae=6, decoder=4, text=6, unet=12, tiny_decoder=4, pictures=96, evaluated=8, steps=4)


def steps_of(work, settings, merges, processes):
    """(name, function) in order. Each reads what earlier ones wrote, and writes its own output at its end."""
    def in_work(name):
        return str(work / name)

    def checkpoint(name):
        return str(work / "checkpoints" / f"{name}.pt")

    latents = [in_work("latents/a.npz"), in_work("latents/b.npz")]
    return [
        ("tokenizer", lambda: build_tokenizer(merges, work, architecture.MERGES)),
        ("vae", lambda: train_vae(in_work("vae_trained"), checkpoint("vae"), settings["vae"])),
        ("whiten", lambda: whiten(in_work("vae_trained"), in_work("vae_whitened"))),
        ("latents_a", lambda: make_latents(in_work("vae_whitened"), latents[0], settings["pictures"], seed=101)),
        ("latents_b", lambda: make_latents(in_work("vae_whitened"), latents[1], settings["pictures"], seed=202)),
        (
            "decoder",
            lambda: train_vae(
                in_work("vae"),
                checkpoint("decoder"),
                settings["decoder"],
                start=in_work("vae_whitened"),
                decoder_only=True,
            ),
        ),
        ("text", lambda: train_text(str(work), checkpoint("text"), settings["text"])),
        ("unet", lambda: train_unet(str(work), checkpoint("unet"), settings["unet"], latents, processes)),
        ("assemble", lambda: assemble(work, in_work("vae"), in_work("model"))),
        ("export", lambda: export_single_file(in_work("model"), in_work("demo.safetensors"))),
        ("verify", lambda: verify_single_file(in_work("model"), in_work("demo.safetensors"))),
        (
            "tiny_decoder",
            lambda: train_tiny_decoder(
                in_work("demo.safetensors"),
                in_work("tiny_decoder.safetensors"),
                checkpoint("tiny_decoder"),
                settings["tiny_decoder"],
            ),
        ),
        (
            "evaluate",
            lambda: (work / "report.json").write_text(
                json.dumps(
                    evaluate(in_work("model"), in_work("grid.png"), settings["evaluated"], steps=settings["steps"]),
                    indent=1,
                )
            ),
        ),
    ]


def load_state(file, settings):
    if not file.exists():
        return dict(settings=settings, done={})
    state = json.loads(file.read_text())
    if state["settings"] != settings:
        raise SystemExit(
            f"{file}: this work folder was begun with other settings: want {settings}, got {state['settings']}"
        )
    return state


def save_state(file, state):
    new = file.with_suffix(".new")
    new.write_text(json.dumps(state, indent=1) + "\n")
    os.replace(new, file)


def lock(work):
    """One run at a time in a work folder; held until the returned file is closed."""
    file = open(work / "lock", "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"{work}: another run is at work here") from None
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", type=Path, help="folder for everything, kept between runs")
    parser.add_argument("--quick", action="store_true", help="all steps, with trainings of seconds: a smoke test")
    parser.add_argument("--merges", default=MERGES, help="CLIP's merges, one 'a b' a line")
    parser.add_argument("--processes", type=int, default=2, help="processes that train the UNet, one thread each")
    args = parser.parse_args()
    settings, work = QUICK if args.quick else FULL, args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    with lock(work):
        state = load_state(work / "state.json", settings)
        for name, run in steps_of(work, settings, args.merges, args.processes):
            if name in state["done"]:
                print(f"== {name}: done before", flush=True)
                continue
            print(f"== {name}", flush=True)
            begun = time.time()
            run()
            state["done"][name] = round(time.time() - begun, 1)
            save_state(work / "state.json", state)
            print(f"== {name}: {state['done'][name]} s", flush=True)
    shutil.rmtree(work / "checkpoints", ignore_errors=True)
    print(f"done: {work}/model, {work}/demo.safetensors, {work}/grid.png")


if __name__ == "__main__":
    main()
