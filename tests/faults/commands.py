"""What the program is run as, in a folder of its own, while calls fail or the process is killed; and what should be
there then."""
import os
import pathlib
import shutil
import struct
import subprocess
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
KINDS = [
    "open",
    "read",
    "write",
    "fsync",
    "rename",
    "close",
    "mmap",
    "malloc",
    "stat",
    "opendir",
    "fopen",
    "thread",
    "mkdir",
    "unlink",
]
COUNTS = struct.Struct(f"<{len(KINDS) + 2}q")
CONFIG = f"""model: {SOURCE}/configs/demo_model/demo.safetensors
prompt: a red circle
width: 64
height: 64
steps: STEPS
guidance_scale: 1
device: cpu
dtype: float32
scheduler: karras
sampler: euler
"""
IMAGES = 'images: COUNT\noutput: {path: "out/{seed}.png", latents: out/latents.safetensors, exists: overwrite}\n'
COMMANDS = {
    "run": ["run", "run.yaml"],
    "image": ["run", "image.yaml"],
    "grid": ["grid", "grid.yaml", "--x", "scheduler=karras,simple", "--curves"],
    "folder": ["run", "folder.yaml"],
    "list": ["list"],
    "models": ["models", "--set", "models_dir=models"],
    "show": ["show", "models/tiny.safetensors"],
    "lock": ["plugin", "lock", "lock.yaml"],
    "check": [
        "plugin",
        "check",
        "plugins/ease.so",
        "--only",
        "opens",
        "--only",
        "is-accepted",
        "--only",
        "sigmas-fall",
    ],
    "plot": ["sigmas", "karras", "--steps", "5", "--plot", "plot.png"],
}
MADE = ["out", "grid-grid.cells", "grid-grid.png", "plot.png", "plugins.lock", "cache"]  # by the commands


class Ran:
    def __init__(self, code, seconds, out, err, tree, counts, caller, hangs):
        self.code, self.seconds, self.out, self.err, self.tree, self.hangs = code, seconds, out, err, tree, hangs
        self.caller = caller  # the library whose call failed
        self.counts = dict(zip(KINDS, counts))
        self.reached, self.calls = bool(counts[-2]), counts[-1]


class Place:
    """A folder with configs, models and plugins, in which each command runs as if for the first time."""

    def __init__(self, folder, program, library, images=2, steps=2):
        self.folder, self.program, self.library = pathlib.Path(folder), program, library
        data = SOURCE / "tests/data"
        base = CONFIG.replace("STEPS", str(steps))
        self.write("run.yaml", base + IMAGES.replace("COUNT", str(images)))
        self.write(
            "image.yaml",
            base + f"pipeline: image_to_image\nimage: {SOURCE}/configs/demo_model/picture.png\n"
            "strength: 1\nprompt_syntax: a1111\nwildcards: words\noutput: {path: out/image.png, exists: overwrite}\n",
        )
        self.write("words/color.txt", "red\nblue\n")
        self.write("grid.yaml", base)
        self.write("lock.yaml", base + "plugins: {path: plugins}\n")
        self.write(
            "folder.yaml",
            base.replace(f"{SOURCE}/configs/demo_model/demo.safetensors", "models/folder")
            + "output: {path: out/folder.png, exists: overwrite}\n",
        )
        for name, source in (
            ("plugins/ease.so", data / "binaries/0.1.0/ease.so"),
            ("models/tiny.safetensors", data / "tiny_sdxl/single_file.safetensors"),
        ):
            (self.folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(source, self.folder / name)
        shutil.copytree(data / "tiny_sdxl/diffusers", self.folder / "models/folder")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def clean(self):
        for name in MADE:
            path = self.folder / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def tree(self):
        """The bytes of every file that the commands made, but for the cache's."""
        out = {}
        for top in MADE[:-1]:
            path = self.folder / top
            for file in path.rglob("*") if path.is_dir() else [path]:
                if file.is_file():
                    out[str(file.relative_to(self.folder))] = file.read_bytes()
        return out

    def run(self, name, keep=False, limit=60, after=None, **variables):
        """Runs a command; `after`: seconds until it is killed."""
        if not keep:
            self.clean()
        counts = self.folder / "counts"
        counts.unlink(missing_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "FAIL_COUNTS": str(counts),
            "LD_PRELOAD": str(self.library),
            **variables,
        }
        begin = time.monotonic()
        process = subprocess.Popen(
            [self.program, *COMMANDS[name]],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        hangs = False
        try:
            out, err = process.communicate(timeout=after or limit)
        except subprocess.TimeoutExpired:
            hangs = after is None
            os.killpg(process.pid, 9)
            out, err = process.communicate()
        told = counts.read_bytes() if counts.exists() else bytes(COUNTS.size)
        caller = pathlib.Path(told[COUNTS.size:].partition(b"\0")[0].decode(errors="replace")).name
        return Ran(
            process.returncode,
            time.monotonic() - begin,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            self.tree(),
            COUNTS.unpack_from(told),
            caller,
            hangs,
        )


def library(folder):
    """failing_calls.c, compiled."""
    path = pathlib.Path(folder) / "failing_calls.so"
    subprocess.run(
        [
            "cc",
            "-O1",
            "-shared",
            "-fPIC",
            "-fvisibility=hidden",
            "-Wno-nonnull",
            "-o",
            path,
            pathlib.Path(__file__).parent / "failing_calls.c",
            "-ldl",
        ],
        check=True,
    )
    return path
