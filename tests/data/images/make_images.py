"""Makes the pictures and numbers of this folder with Pillow: python make_images.py

What other programs read from such files (decoded.safetensors) and make of them (resized.safetensors), for ours to
reproduce.
"""
import struct
import zlib

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import save_file

RANDOM = np.random.default_rng(0)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, color, rows, *extra, interlaced=0):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    body = b"".join(b"\0" + row for row in rows)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


def smooth(height, width, channels):
    """Slow waves with some noise: a picture, as far as a filter is concerned."""
    y, x = np.mgrid[0:height, 0:width] / 7.0
    waves = [127 + 90 * np.sin(x * (c + 1) / 2 + c) * np.cos(y / (c + 1)) for c in range(channels)]
    return np.clip(np.stack(waves, -1) + RANDOM.normal(0, 12, (height, width, channels)), 0, 255).astype(np.uint8)


def main():
    rgb, rgba = smooth(20, 30, 3), smooth(20, 30, 4)
    Image.fromarray(rgb).save("rgb.png")
    Image.fromarray(rgba).save("rgba.png")
    Image.fromarray(rgb[:, :, 0]).save("gray.png")
    Image.fromarray(rgba[:, :, [0, 3]], "LA").save("gray_alpha.png")
    Image.fromarray(rgb).quantize(16).save("palette.png")
    Image.fromarray(rgb).save("baseline.jpg", quality=90)
    Image.fromarray(rgb).save("progressive.jpg", quality=90, progressive=True)
    Image.fromarray(rgb[:, :, 0]).save("gray.jpg", quality=90)
    Image.fromarray(rgb).convert("CMYK").save("cmyk.jpg", quality=90)
    Image.fromarray(rgb).save("lossy.webp", quality=90)
    Image.fromarray(rgb).save("lossless.webp", lossless=True)
    Image.fromarray(rgba).save("rgba.webp", lossless=True, exact=True)
    Image.fromarray(rgb).save("animated.webp", save_all=True, append_images=[Image.fromarray(rgb[::-1])], duration=100)
    wide = RANDOM.integers(0, 65536, (5, 6, 3), dtype=np.uint16)
    open("rgb16.png", "wb").write(png(6, 5, 16, 2, [row.astype(">u2").tobytes() for row in wide]))
    one_bit = RANDOM.integers(0, 2, (5, 8), dtype=np.uint8)
    open("one_bit.png", "wb").write(png(8, 5, 1, 0, [np.packbits(row).tobytes() for row in one_bit]))

    decoded = {}
    for name in (
        "rgb.png",
        "rgba.png",
        "gray.png",
        "gray_alpha.png",
        "palette.png",
        "baseline.jpg",
        "progressive.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "lossy.webp",
        "lossless.webp",
        "rgba.webp",
    ):
        decoded[name] = torch.tensor(np.asarray(Image.open(name).convert("RGB")))
    decoded["rgba.png.alpha"] = torch.tensor(rgba[:, :, 3])
    decoded["rgba.webp.alpha"] = torch.tensor(rgba[:, :, 3])
    decoded["gray_alpha.png.alpha"] = torch.tensor(rgba[:, :, 3])
    decoded["rgb16.png"] = torch.tensor((wide >> 8).astype(np.uint8))
    decoded["one_bit.png"] = torch.tensor(one_bit[:, :, None].repeat(3, 2) * 255)
    save_file({k: v.contiguous() for k, v in decoded.items()}, "decoded.safetensors")

    source = Image.fromarray(smooth(45, 70, 3))
    resized = {"source": source}
    for width, height in ((70, 45), (35, 22), (16, 64), (140, 90), (7, 45), (70, 100), (1, 1)):
        resized[f"stretch.{width}x{height}"] = source.resize((width, height), Image.LANCZOS)
    for width, height in ((32, 32), (64, 16), (100, 120)):
        resized[f"crop.{width}x{height}"] = ImageOps.fit(source, (width, height), Image.LANCZOS)
        inner = ImageOps.contain(source, (width, height), Image.LANCZOS)
        left, top = (width - inner.width) // 2, (height - inner.height) // 2
        right, bottom = width - inner.width - left, height - inner.height - top
        padded = np.pad(np.asarray(inner), ((top, bottom), (left, right), (0, 0)), "edge")
        resized[f"pad.{width}x{height}"] = Image.fromarray(padded)
    save_file({k: torch.tensor(np.asarray(v)).contiguous() for k, v in resized.items()}, "resized.safetensors")


if __name__ == "__main__":
    main()
