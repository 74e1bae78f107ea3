"""How far images are apart, from their PNGs, and latents, from their safetensors: with Python's standard library
alone."""
import array
import json
import math
import struct
import zlib
from pathlib import Path


def read_png(path):
    """(width, height, bytes of RGB) of a PNG of 8 bits a channel that is not interlaced."""
    data = Path(path).read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"{path}: no PNG")
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if (depth, colour, interlaced) != (8, 2, 0):
                raise ValueError(
                    f"{path}: want 8-bit RGB, found depth {depth}, colour {colour}, interlace {interlaced}"
                )
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    return width, height, unfiltered(zlib.decompress(packed), width * 3, height)


def unfiltered(data, row_size, height):
    """PNG (third edition), 9.2: each row is told by its left, upper and upper left neighbours, 3 bytes apart."""
    out, above = bytearray(), bytearray(row_size)
    for y in range(height):
        begin = y * (row_size + 1)
        kind, row = data[begin], bytearray(data[begin + 1:begin + 1 + row_size])
        for x in range(row_size) if kind else ():
            left, up, corner = (row[x - 3], above[x], above[x - 3]) if x >= 3 else (0, above[x], 0)
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            else:
                estimate = left + up - corner
                guess = min((left, up, corner), key=lambda near: abs(estimate - near))
            row[x] = row[x] + guess & 255
        out += row
        above = row
    return bytes(out)


def psnr(one, other):
    """Of two PNGs of one size, in dB; infinite where they are the same."""
    (*size, a), (*other_size, b) = read_png(one), read_png(other)
    if size != other_size:
        raise ValueError(f"{one} and {other}: {size} and {other_size} pixels")
    squares = sum((x - y) ** 2 for x, y in zip(a, b))
    return 10 * math.log10(255**2 * len(a) / squares) if squares else math.inf


def read_latents(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["latents"]
        if header["dtype"] != "F32":
            raise ValueError(f"{path}: want float32, found {header['dtype']}")
        values = array.array("f", file.read()[slice(*header["data_offsets"])])
    return values


def latents_error(got, want):
    """The largest difference in units of the standard deviation of `want`."""
    got, want = read_latents(got), read_latents(want)
    if len(got) != len(want):
        raise ValueError(f"{len(got)} and {len(want)} latents")
    if not all(map(math.isfinite, got)):
        raise ValueError("latents that are not finite")
    mean = sum(want) / len(want)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in want) / len(want))
    return max(abs(a - b) for a, b in zip(got, want)) / deviation
