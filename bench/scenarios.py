"""What is measured, of whom, and what the goal is. bench/run reads it from top to bottom."""
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from figures import compare, samples_of

GIB = 2**30
ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench/peers"
VENV = ROOT / ".bench/venv/bin/python"
SD_CLI = ROOT / ".bench/sdcpp/build/bin/sd-cli"
# another build, an installed one
PROGRAM = Path(os.environ.get("CALOTYPE_PROGRAM", ROOT / "build/dev/bin/calotype")).resolve()
SAMPLERS = PROGRAM.parent / "bench_samplers"
CONVERT = PROGRAM.parent / "bench_convert"
MODELS = ROOT / ".bench/models"
FOLDER, SINGLE, QUANTIZED = MODELS / "sdxl", MODELS / "sdxl.safetensors", MODELS / "sdxl-q8_0.gguf"
MADE_BY = {
    VENV: "bench/setup",
    SD_CLI: "bench/setup",
    PROGRAM: "./dev build",
    SAMPLERS: "./dev build",
    CONVERT: "./dev build",
    FOLDER: ".bench/venv/bin/python bench/make_model.py",
    SINGLE: ".bench/venv/bin/python bench/make_model.py",
    QUANTIZED: ".bench/venv/bin/python bench/make_model.py",
}


@dataclass(frozen=True)
class Contender:
    """A command that prints one JSON object. Those that are slow to measure run with --all only."""
    family: str  # calotype, diffusers or sdcpp
    command: tuple
    needs: tuple
    model: Path = None  # is read once beforehand, so that it is in the page cache for all alike
    slow: bool = False


def calotype(*options, **more):
    command = (sys.executable, PEERS / "calotype_peer.py", PROGRAM, SINGLE, *options)
    return Contender("calotype", command, (PROGRAM, SINGLE), SINGLE, **more)


def diffusers(*options, model=FOLDER, **more):
    return Contender("diffusers", (VENV, PEERS / "diffusers_peer.py", model, *options), (VENV, model), model, **more)


def sdcpp(model, *options, **more):
    return Contender(
        "sdcpp", (sys.executable, PEERS / "sdcpp_peer.py", SD_CLI, model, *options), (SD_CLI, model), model, **more
    )


CONTENDERS = {
    "conversion": Contender("calotype", (CONVERT, SINGLE), (CONVERT, SINGLE), SINGLE),
    "calotype bf16": calotype("--dtype", "bfloat16"),
    "calotype int8": calotype("--dtype", "bfloat16", "--set", "quantize=int8"),
    "calotype fp32": calotype("--dtype", "float32", slow=True),
    "diffusers bf16": diffusers("--dtype", "bfloat16"),
    "diffusers bf16, single file": diffusers("--dtype", "bfloat16", "--config", FOLDER, model=SINGLE, slow=True),
    "diffusers bf16, channels_last": diffusers("--dtype", "bfloat16", "--channels-last", slow=True),
    "diffusers bf16, torch.compile": diffusers("--dtype", "bfloat16", "--compile", slow=True),
    "diffusers fp32": diffusers("--dtype", "float32", slow=True),
    "sd.cpp f16": sdcpp(SINGLE),
    "sd.cpp q8_0": sdcpp(QUANTIZED),
    "sd.cpp q8_0, flash and direct": sdcpp(
        QUANTIZED, "--fa", "--diffusion-conv-direct", "--vae-conv-direct", slow=True
    ),
}


@dataclass(frozen=True)
class Figure:
    """One number of ours beside those of the peers. `goals` are ratios, ours to the peer's, not to be exceeded."""
    name: str
    key: str  # in the JSON of the contenders
    unit: str
    ours: str
    goals: dict = field(default_factory=dict)
    beside: tuple = ()  # contenders that are shown without a goal
    at_most: float = None  # ours alone
    at_least: float = None

    def contenders(self):
        return [self.ours, *self.goals, *self.beside]

    def compared(self, results):
        """The figure from {contender: [what each of its processes printed]}."""
        samples = {
            c: samples_of(self.key, results[c], GIB if self.unit == "GiB" else 1)
            for c in self.contenders()
            if c in results
        }
        return compare(self.name, self.unit, self.ours, samples, self.goals, self.at_most, self.at_least)


FLASH = "sd.cpp q8_0, flash and direct"
OTHER_DIFFUSERS = ("diffusers bf16, channels_last", "diffusers bf16, torch.compile", "diffusers fp32", "calotype fp32")

# Scenarios whose figures all come from the same kind of process: whoever asks for several pays for it once.
SCENARIOS = {
    "start": [
        Figure(
            "start to first model call",
            "start_seconds",
            "s",
            "calotype bf16",
            {"diffusers bf16": 0.25},
            ("diffusers bf16, single file", "diffusers fp32", "sd.cpp f16", "sd.cpp q8_0"),
        ),
        Figure(
            "fp16 to packed bf16, pages mapped again", "convert_first_gb_per_second", "GB/s", "conversion", at_least=4
        ),
        Figure("fp16 to packed bf16, again", "convert_gb_per_second", "GB/s", "conversion"),
    ],
    "step": [
        Figure(
            "guided step, bfloat16",
            "step_seconds",
            "s",
            "calotype bf16",
            {"diffusers bf16": 0.85, "sd.cpp f16": 0.33},
            OTHER_DIFFUSERS,
        ),
        Figure(
            "first guided step", "first_step_seconds", "s", "calotype bf16", {}, ("diffusers bf16",) + OTHER_DIFFUSERS
        ),
    ],
    "int8": [
        Figure(
            "guided step, int8 linears",
            "step_seconds",
            "s",
            "calotype int8",
            {"diffusers bf16": 0.55, "sd.cpp q8_0": 0.25},
            (FLASH,),
        )
    ],
    "decode": [
        Figure(
            "decode, bfloat16",
            "decode_seconds",
            "s",
            "calotype bf16",
            {"diffusers bf16": 0.85, "sd.cpp f16": 0.2},
            OTHER_DIFFUSERS,
        ),
        Figure("first decode", "first_decode_seconds", "s", "calotype bf16", {}, ("diffusers bf16",)),
    ],
    "prompt": [
        Figure("prompt, bfloat16", "prompt_seconds", "s", "calotype bf16", {"diffusers bf16": 0.8}, ("sd.cpp f16",)),
        Figure("first prompt", "first_prompt_seconds", "s", "calotype bf16", {}, ("diffusers bf16",)),
        Figure("prompt seen before", "seen_prompt_seconds", "s", "calotype bf16", at_most=0.01),
    ],
    "memory": [
        Figure(
            "peak, bfloat16",
            "peak_bytes",
            "GiB",
            "calotype bf16",
            {},
            ("diffusers bf16", "sd.cpp f16") + OTHER_DIFFUSERS,
            at_most=7.2,
        ),
        Figure("peak, int8", "peak_bytes", "GiB", "calotype int8", {}, ("sd.cpp q8_0", FLASH), at_most=4.5),
    ],
}
PEER_NAMES = ("diffusers", "sdcpp", "k-diffusion")
APART = ("overhead", "twenty")  # measured by other programs: bench/run has a function for each
OVERHEAD = {  # whoever has the solver: how to measure it, and the goal
    "diffusers": ((VENV, PEERS / "scheduler_steps.py"), 0.1),
    "k-diffusion": ((VENV, PEERS / "k_diffusion_steps.py"), 0.2),
    "k-diffusion, randn": ((VENV, PEERS / "k_diffusion_steps.py", "--randn"), 0.2)}
OF_A_PATH = "k-diffusion"  # whose noise is a Brownian path too: for ours of that kind the others' goals are not held
TWENTY_COST = 1.05  # the last image to the second: as much, within 5 % for the clock's noise
TWENTY_GROWTH = 0.01  # of resident memory, from the second image to the last: an allocator's pages
