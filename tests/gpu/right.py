"""The lines of the first call: is what comes out right?"""
import filecmp
import re
import sys
from pathlib import Path

from lines import Absent, Failed, Line
from programs import DEMO, REHEARSAL, UNDER, compared, decibels, figures, generate, last_json, on_gpu, reference, tool

HERE = Path(__file__).resolve().parent
# of one image of the demo model beside the CPU's float32; on the CPU bfloat16 has 50 to 52 dB, int8 49, fp8 45, nf4 36
LEAST_DB = {"float32": 60, "bfloat16": 40, "float16": 45, "int8": 38, "fp8": 30, "nf4": 20}
ROUGH_DB = 20  # after few steps, where images are not formed yet: 30 to 37 dB in bfloat16 on the CPU
MOST_LATENTS = 1e-3  # of their deviation, in float32
# a card that is filled but for so much, and the size of an image that it is too small for
LEFT_MIB, TOO_LARGE = (24, 1024) if REHEARSAL else (2048, 8192)
SMALL_CARD = {"STAND_IN_MIB": "40"} if REHEARSAL else {}
PARITY = {"CALOTYPE_TEST_CONFIGS": "lcm"} if REHEARSAL else {}


def versions(attempt):
    found = {}
    try:
        query = "name,driver_version,memory.total,memory.used,clocks.max.sm,power.limit"
        found["nvidia_smi"] = attempt.run([tool("nvidia-smi"), f"--query-gpu={query}", "--format=csv,noheader"]).strip()
    except (Absent, Failed) as reason:  # the other lines say whether a GPU is there
        found["nvidia_smi"] = str(reason)
    found["calotype"] = on_gpu(attempt, "calotype", "--version").strip()
    script = (
        "import json, sys, torch; gpu = torch.cuda.is_available() and torch.cuda.get_device_properties(0); "
        "print(json.dumps({'python': sys.version.split()[0], 'torch': torch.__version__, 'cuda': torch.version.cuda, "
        "'cudnn': gpu and torch.backends.cudnn.version(), 'gpu': gpu and gpu.name, "
        "'capability': gpu and [gpu.major, gpu.minor]}))"
    )
    try:
        return found | last_json(attempt.run([sys.executable, "-c", script]))
    except Failed:  # for ours its libraries are enough
        return found | {"torch": attempt.output.strip().splitlines()[-1]}


def image(name, settings=(), gpu=(), config=DEMO, kind="float32", least=None, alike=True):
    """An image generated on the GPU, beside the CPU's of the same settings in float32. `gpu`: settings of the first
    alone. `least`: dB,
    for what is not as near as the others of its kind."""
    is_exact = kind == "float32" and least is None
    if least is None:
        least = ROUGH_DB if REHEARSAL and not is_exact else LEAST_DB[kind]

    def body(attempt):
        dtype = kind if kind.endswith("float16") else "float32"
        exact, stem = reference(attempt, config, settings), attempt.folder / "gpu"
        result = generate(attempt, config, stem, f"dtype={dtype}", *settings, *gpu)
        if not result["device"].startswith("cuda"):
            raise Failed(f"generated on {result['device']}")
        return figures(result) | compared(stem, exact, least, MOST_LATENTS if is_exact else None)
    return Line(name, 90, body, alike)


def figures_of_tests(output):
    counts = re.search(r"test cases: *(\d+) \| *(\d+) passed", output)
    if not counts or not int(counts[2]):
        raise Failed("no test case has run")
    result = {"cases": int(counts[1]), "passed": int(counts[2]), "skipped": re.findall(r"SKIPPED.*", output)}
    parity = re.findall(r": latents (\S+) of their standard deviation, image (\S+) dB", output)
    if parity:
        result |= {"configs": len(parity), "worst_latents": max(float(latents) for latents, _ in parity),
                   "lowest_db": min(150, *(float(db) for _, db in parity))}
    return result


def tests(name, program, *words, alike=False, **environment):
    def body(attempt):
        return figures_of_tests(
            on_gpu(attempt, program, *words, environment={"CALOTYPE_TEST_DEVICE": "cuda"} | environment)
        )
    return Line(name, 120, body, alike)


def sanitizer(name, kind, cases, seconds):
    """The kernels' cases under a checker of CUDA's, which some machines do not let run."""
    def body(attempt):
        checker = [tool("compute-sanitizer"), "--tool", kind, "--error-exitcode", "9"]
        try:
            output = on_gpu(
                attempt,
                "test_cuda_kernels",
                f"-tc={cases}",
                environment={"CALOTYPE_TEST_DEVICE": "cuda"},
                under=checker,
            )
        except Failed:
            if "Device not supported" in attempt.output:
                raise Absent("compute-sanitizer: Device not supported") from None
            raise
        return {"summary": re.findall(r"ERROR SUMMARY: .*|RACECHECK SUMMARY: .*", output)}
    return Line(name, seconds, body)


def same_twice(attempt):
    """The same image from two processes, bit for bit."""
    for name in ("one", "two"):
        generate(attempt, DEMO, attempt.folder / name, "dtype=bfloat16")
    if not filecmp.cmp(attempt.folder / "one.safetensors", attempt.folder / "two.safetensors", shallow=False):
        raise Failed("two processes gave other latents")


def batch(attempt):
    """Four images, three at once and then one, each as it is alone."""
    generate(attempt, DEMO, attempt.folder / "all-{index}", "dtype=float32", "images=4", "batch=3")
    generate(attempt, DEMO, attempt.folder / "alone-{index}", "dtype=float32", "images=4")
    result = {}
    for index in range(4):
        result[f"db_{index}"] = db = decibels(
            attempt.folder / f"all-{index}.png", attempt.folder / f"alone-{index}.png"
        )
        if db < LEAST_DB["float32"]:
            raise Failed(f"want at least {LEAST_DB['float32']} dB, got {result}")
    return result


def no_such_gpu(attempt):
    output = generate(attempt, DEMO, attempt.folder / "none", device="cuda:63", wanted=69)
    if "cuda:63" not in output:
        raise Failed("does not name the device")


def out_of_memory(attempt):
    """On a card that another process has filled a large image ends with 75, after all that could be tried."""
    holder = [*UNDER, sys.executable, HERE / "hold_memory.py", LEFT_MIB]
    with attempt.beside(holder, "holds", SMALL_CARD) as held:
        output = generate(
            attempt,
            DEMO,
            attempt.folder / "large",
            f"width={TOO_LARGE}",
            f"height={TOO_LARGE}",
            wanted=75,
            environment=SMALL_CARD,
        )
    return {"held": held, "says": output.strip().splitlines()[-1]}


GRAPHS = [
    image(
        f"demo-{kind}-{steps}-{word}",
        [f"steps={steps}"],
        ["cuda_graphs=on"],
        kind=kind,
        least=least,
        alike=kind == "float32" or steps == 1,
    )
    for kind, least in (("bfloat16", ROUGH_DB), ("float32", None))
    for steps, word in ((1, "plain"), (2, "recorded"), (4, "replayed"))
]
DTYPES = [image(f"demo-{kind}", kind=kind, alike=kind != "float32") for kind in ("float32", "bfloat16", "float16")]
BITS = [image(f"demo-{how}", gpu=[f"quantize={how}"], kind=how, alike=how != "fp8") for how in ("fp8", "int8", "nf4")]
WAYS = [image("demo-no-graphs", gpu=["cuda_graphs=off"]),
        image("demo-model_offload", gpu=["memory=model_offload"]),
        image("demo-block_offload", gpu=["memory=block_offload"], alike=False),
        image("demo-tiled", gpu=["vae_tiling=on"]),
        image("demo-deep_cache", ["deep_cache=2"]),
        image("demo-token_merging", ["token_merging=0.5"], least=ROUGH_DB),  # places that are alike may merge otherwise
        image("demo-measured-attention", gpu=["model.attention=measured"], kind="bfloat16"),
        *(image(name, config=f"configs/{name}.yaml", alike=name != "inpaint")
          for name in ("hires", "refiner", "image_to_image", "inpaint", "tiny_decoder"))]
LINES = [Line("versions", 120, versions),  # the first to read libtorch
         *GRAPHS,
         tests("kernels", "test_cuda_kernels", *(["-tc=*geglu*"] if REHEARSAL else [])),
         tests("parity", "test_parity", **PARITY),
         *DTYPES, *BITS, *WAYS,
         Line("batch", 90, batch),
         Line("same-twice", 60, same_twice),
         Line("out-of-memory", 90, out_of_memory),
         Line("no-such-gpu", 30, no_such_gpu),
         tests("parity-tf32", "test_parity", CALOTYPE_TEST_TF32="1", alike=True, **PARITY),
         sanitizer("memcheck", "memcheck", "*cuda *", 120),
         sanitizer("racecheck", "racecheck", "*norm*", 90)]
