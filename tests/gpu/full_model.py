"""SDXL at full size with random weights, made on the GPU: full_model.py FOLDER

A diffusers folder. Prints one JSON object: what it took.
"""
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench")]


def main():
    folder, device = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "cuda"
    start = time.monotonic()
    from make_model import write_folder
    imported = time.monotonic()
    write_folder(folder, device)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(
        json.dumps(
            {
                "import_seconds": round(imported - start, 2),
                "write_seconds": round(time.monotonic() - imported, 2),
                "bytes": size,
            }
        )
    )


if __name__ == "__main__":
    main()
