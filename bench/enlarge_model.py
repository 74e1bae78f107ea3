"""Writes an SDXL of random weights, FACTOR times as wide as the demo model: python bench/enlarge_model.py FACTOR FILE

For measurements of memory: 6 gives 0.4 GB in float16. What it generates is noise.
"""

import json
import math
import random
import struct
import sys
from pathlib import Path

DEMO = Path(__file__).parent.parent / "configs/demo_model/demo.safetensors"
CODES = {"F16": "e", "F32": "f", "I64": "q"}
FIXED = {1, 3, 4, 8, 77, 7168}  # no widths: images, latents, tokens
WIDTHS = {"block_out_channels", "hidden_size", "intermediate_size", "projection_dim", "cross_attention_dim",
          "addition_time_embed_dim", "projection_class_embeddings_input_dim"}


def wider(shape, factor):
    return [n if n in FIXED or i >= 2 else n * factor for i, n in enumerate(shape)]


def widen_config(config, factor):
    for key, value in config.items():
        if isinstance(value, dict):
            widen_config(value, factor)
        elif key in WIDTHS:
            config[key] = [n * factor for n in value] if isinstance(value, list) else value * factor


def main():
    factor, path = int(sys.argv[1]), sys.argv[2]
    with open(DEMO, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    config = json.loads(header["__metadata__"]["config"])
    widen_config(config, factor)
    header["__metadata__"]["config"] = json.dumps(config)
    tensors = sorted((k for k in header if k != "__metadata__"), key=lambda k: header[k]["data_offsets"])
    end = 0
    for name in tensors:
        shape = wider(header[name]["shape"], factor)
        size = math.prod(shape) * struct.calcsize("<" + CODES[header[name]["dtype"]])
        header[name].update(shape=shape, data_offsets=[end, end + size])
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    normal = random.Random(0)
    pattern = [normal.gauss(0, 1) for _ in range(65521)]  # a prime: rows differ
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in tensors:
            shape, code = header[name]["shape"], "<" + CODES[header[name]["dtype"]]
            if code == "<q":
                values = [0]  # position_ids, which nothing reads
            elif len(shape) == 1:  # biases 0, norms 1
                values = [1.0 if "norm" in name and name.endswith("weight") else 0.0]
            else:
                spread = 1 / math.sqrt(max(1, math.prod(shape[1:])))
                values = [v * spread for v in pattern]
            block = struct.pack(f"<{len(values)}{code[1]}", *values)
            size = math.prod(shape) * struct.calcsize(code)
            file.write((block * (size // len(block) + 1))[:size])


main()
