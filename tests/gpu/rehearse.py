"""Runs the three calls of tests/gpu/run.sh under the stand-in for CUDA, from what pack.sh packs: rehearse.py BUILD
TORCH [CALL ...]

BUILD: the folder of the build. TORCH: the folder that has torch. Lines must run and end well, or say that this machine
lacks what they
need, where it may. GPU_REHEARSAL=every: all lines, also those that differ from others by a setting alone.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("GPU_REHEARSAL", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from programs import lines_of  # noqa: E402

CALLS = ("right", "fast", "bits")
SECONDS = 1200  # of a call
# lines that need programs or packages which only the GPU's machine has
MAY_LACK = {"memcheck", "racecheck", "diffusers", "diffusers-4", "diffusers-compiled", "diffusers-compiled-4"}


def faults(name, result):
    """What is wrong with the results of a call."""
    records = {record["name"]: record for record in result["lines"]}
    wanted = [line.name for line in lines_of(name)]
    if list(records) != wanted:
        yield f"{name}: want the lines {wanted}, got {list(records)}"
    for line, record in records.items():
        where = f"{name}: {line}"
        if record["status"] == "absent" and line in MAY_LACK:
            if not record["why"]:
                yield f"{where}: does not say what is lacking"
        elif record["status"] != "ok":
            yield f"{where}: {record['status']}: {record.get('why', '')}\n{record.get('last_words', '')}"
        elif (
            not record["commands"]
            and not record["figures"].get("was_there")
            or any(c["exit"] is None for c in record["commands"])
        ):
            yield f"{where}: no command with an exit code"
        elif not isinstance(record["figures"], dict) or not isinstance(record["seconds"], float):
            yield f"{where}: no figures or seconds"


def main():
    build, torch, *names = sys.argv[1:]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        packed = f"{folder}/pack.tar.gz"
        subprocess.run([HERE / "pack.sh", packed], check=True, env=os.environ | {"GPU_FROM": build, "GPU_PEERS": "0"})
        environment = os.environ | {
            "GPU_PACK": packed,
            "GPU_WORK": f"{folder}/work",
            "GPU_UNDER": f"{Path(build).resolve()}/cuda/run",
            "OUT": folder,
            "GPU_SECONDS": str(SECONDS),
            "PYTHONPATH": torch,
        }
        for name in names or CALLS:
            code = subprocess.run([HERE / "run.sh", name], env=environment).returncode
            result = json.loads((Path(folder) / f"gpu-{name}.json").read_text())
            wrong = list(faults(name, result))
            found += wrong
            if bool(code) != bool(wrong) or not (Path(folder) / f"gpu-{name}.log").stat().st_size:
                found.append(f"{name}: exit code {code}")
    print("\n".join(found) or "all lines ran")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
