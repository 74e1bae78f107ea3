"""One of the three calls of tests/gpu/run.sh: calls.py right|fast|bits FOLDER, which gets gpu-NAME.json and
gpu-NAME.log."""
import datetime
import os
import sys
from pathlib import Path

from lines import run_call
from programs import BUILD, REHEARSAL, WORK, lines_of

SECONDS = float(os.environ.get("GPU_SECONDS", 540))  # of a call
CALLS = ("right", "fast", "bits")


def main():
    name, folder = sys.argv[1:]
    if name not in CALLS:
        sys.exit(f"calls.py: want {', '.join(CALLS)}, got {name}")
    revision = BUILD / "revision"
    about = {
        "begun": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "revision": revision.read_text().strip() if revision.exists() else None,
        "cores": len(os.sched_getaffinity(0)),
    }
    if REHEARSAL:
        about["rehearsal"] = "under a stand-in for CUDA, at small sizes: no figure is a GPU's"
    sys.exit(run_call(name, lines_of(name), folder, WORK / name, SECONDS, about))


if __name__ == "__main__":
    main()
