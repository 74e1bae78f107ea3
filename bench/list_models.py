#!/usr/bin/env python3
"""How long `calotype models` takes over 100 checkpoints with as many tensors as SDXL has (2,500).

    bench/list_models.py build/dev/bin/calotype [COUNT]

The files are the tiny model of the tests with its layers repeated until their names are SDXL's; their data is a hole.
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TINY = Path(__file__).parent.parent / "tests/data/tiny_sdxl/single_file.safetensors"


def repeated(tensors):
    """SDXL's depth: 12 and 32 text layers, 2 and 10 transformer blocks at the two lower levels."""
    out = dict(tensors)

    def repeat(pattern, count):
        for name, tensor in list(out.items()):
            match = re.match(pattern, name)
            for i in range(count) if match else ():
                out[f"{match[1]}.{i}.{match[2]}"] = tensor

    repeat(r"(conditioner\.embedders\.0\..*\.layers)\.0\.(.*)", 12)
    repeat(r"(conditioner\.embedders\.1\..*\.resblocks)\.0\.(.*)", 32)
    repeat(r"(.*_blocks\.[3-5]\.1\.transformer_blocks)\.0\.(.*)", 2)
    repeat(
        r"(.*(?:input_blocks\.[78]|middle_block|output_blocks\.[0-2])\.1\.transformer_blocks|"
        r".*middle_block\.1\.transformer_blocks)\.0\.(.*)",
        10,
    )
    return out


def checkpoint():
    with open(TINY, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    end, out = 0, {"__metadata__": header.pop("__metadata__")}
    for name, tensor in repeated(header).items():
        begin, end = end, end + tensor["data_offsets"][1] - tensor["data_offsets"][0]
        out[name] = {"dtype": tensor["dtype"], "shape": tensor["shape"], "data_offsets": [begin, end]}
    text = json.dumps(out).encode()
    return struct.pack("<Q", len(text)) + text, end, len(out) - 1


def main():
    program, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    header, data, tensors = checkpoint()
    with tempfile.TemporaryDirectory() as folder:
        for i in range(count):
            with open(f"{folder}/model-{i:03}.safetensors", "wb") as file:
                file.write(header)
                file.truncate(len(header) + data)
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            out = subprocess.run(
                [program, "models", "--set", f"models_dir={folder}", "--json"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            seconds.append(time.perf_counter() - start)
        accepted = sum(json.loads(line)["accepted"] for line in out.splitlines())
        print(
            f"{accepted} of {count} models of {tensors} tensors, headers of {len(header) >> 10} KiB: "
            f"best of 5 {min(seconds):.3f} s"
        )


if __name__ == "__main__":
    main()
