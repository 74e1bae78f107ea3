"""The lines of the third call: what do fewer bits and less memory cost, and is what is predicted of memory true?"""
import shlex
import sys

from full_size import HERE, PROMPTS, bench, model, ours, our_line, peer
from lines import Absent, Line
from programs import BUILD, LIBRARIES, REHEARSAL, UNDER, decibels, last_json

ONE = PROMPTS[:1]
EXACT = "exact"  # the line whose images the others are compared with
# a card that is filled but for so much, where the whole model has no room
LEFT_MIB = 24 if REHEARSAL else 5120
SMALL_CARD = {"STAND_IN_MIB": "40"} if REHEARSAL else {}


def compared(name, alike=True, **settings):
    """An image of the model, with its distance from that in float32."""
    def body(attempt):
        result = ours(attempt, prompts=ONE, predicts=True, **settings)
        exact = attempt.folder.parent / EXACT / "0-0.png"
        if not exact.exists():
            raise Absent(f"the image of the line {EXACT}")
        return result | {"db": decibels(attempt.folder / "0-0.png", exact)}
    return Line(name, 60, body, alike)


def precision(attempt):
    """The demo model's images beside the CPU's, in each type and number of bits."""
    words = ["--images", 1, "--steps", 2, "--size", 32, "--ways", "fp8"] if REHEARSAL else ["--ways", *WAYS]
    under = ["--under", shlex.join(map(str, UNDER))] if UNDER else []
    return last_json(
        attempt.run(
            [sys.executable, HERE / "precision.py", BUILD / "bin/calotype", *under, *words], environment=LIBRARIES
        )
    )["psnr"]


def steps_down(attempt):
    """On a card that another process has filled a run ends all the same, with less there at once."""
    holder = [*UNDER, sys.executable, HERE / "hold_memory.py", LEFT_MIB]
    with attempt.beside(holder, "holds", SMALL_CARD) as held:
        return {"held": held} | ours(attempt, prompts=ONE, environment=SMALL_CARD, memory="force")


WAYS = ("bfloat16", "float16", "int8", "fp8", "nf4")
SIZES = (32, 64) if REHEARSAL else (512, 2048)
LINES = [
    Line("model", 120, model),
    bench("linears", "linear"),
    Line("precision", 150, precision),
    our_line(EXACT, 120, alike=False, dtype="float32", prompts=ONE, predicts=True),
    compared("bfloat16"),
    compared("float16", dtype="float16"),
    compared("fp8", alike=False, quantize="fp8"),
    compared("int8", quantize="int8"),
    compared("nf4", quantize="nf4"),
    our_line("block_offload", memory="block_offload", predicts=True),
    our_line("block_offload-fp8", memory="block_offload", quantize="fp8", prompts=ONE, predicts=True),
    our_line("model_offload", memory="model_offload", prompts=ONE, predicts=True),
    our_line("tiled", vae_tiling="on", prompts=ONE, predicts=True),
    our_line("batch-4", images=4, prompts=ONE, predicts=True),
    *(our_line(f"size-{size}", 90, width=size, height=size, predicts=True) for size in SIZES),
    our_line("measured-attention", model_settings={"attention": "measured"}),
    Line("steps-down", 90, steps_down),
    peer("diffusers-compiled-4", 300, "--compile", batch=4),
]
