"""What a figure cannot be read without: the machine, the versions, and how busy others kept the machine meanwhile."""
import os
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8")  # fast types


def output(*command):
    try:
        return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine(venv_python):
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    flags = set(re.search(r"flags\s*: (.*)", cpuinfo)[1].split())
    family = [re.search(rf"{key}\s*: (\d+)", cpuinfo)[1] for key in ("cpu family", "model")]
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": model[1],
        "family_model": "/".join(family),
        "cores": len(os.sched_getaffinity(0)),
        "flags": {f: f in flags for f in FLAGS},
        "memory_gib": round(int(memory[1]) / 2**20, 1),
        # the instruction set that libtorch chose, which is ours as well as diffusers'
        "torch_cpu_capability": output(
            venv_python, "-c", "import torch; print(torch.backends.cpu.get_cpu_capability())"
        ),
    }


def versions(program):
    packages = {}
    for path in (ROOT / ".bench/venv").glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        if name in ("torch", "diffusers", "transformers", "accelerate", "safetensors", "k_diffusion"):
            packages[name] = version
    sources = sorted((ROOT / ".bench/sdcpp/package").glob("*.tar.gz"))
    revision = output("git", "-C", ROOT, "rev-parse", "--short", "HEAD")
    changed = output("git", "-C", ROOT, "status", "--porcelain", "-uno")
    return packages | {
        "stable-diffusion.cpp": sources[-1].name.removesuffix(".tar.gz") if sources else None,
        "calotype": output(program, "--version"),
        "revision": revision and revision + (" and changes" if changed else ""),
    }


class Neighbours:
    """CPU time that others took, and that the hypervisor gave away, from creation to share(): a figure taken beside a
    compiler is not one of this program."""

    def __init__(self):
        self.start, self.before = time.monotonic(), self._read()

    @staticmethod
    def _read():
        with open("/proc/stat") as file:
            user, nice, system, _idle, _wait, irq, softirq, steal = map(int, file.readline().split()[1:9])
        children = os.times()
        return user + nice + system + irq + softirq, steal, (children.children_user + children.children_system) * 100

    def share(self):
        """Of all cores, in 0..1: {"others": ..., "stolen": ...}."""
        (busy, steal, ours), (busy_0, steal_0, ours_0) = self._read(), self.before
        whole = (time.monotonic() - self.start) * 100 * os.cpu_count()
        return {
            "others": round(max(0, busy - busy_0 - (ours - ours_0)) / whole, 3),
            "stolen": round((steal - steal_0) / whole, 3),
        }
