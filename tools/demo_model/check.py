"""Does a picture show what its caption says? Looks at colours, places and shapes.

tests/image_checker.cpp is the same in C++; checker_goldens.py writes the verdicts that hold the two together.
"""
import argparse

import numpy as np
from scipy import ndimage

from scene import SHAPES, render, sample_scene, signed_distance

COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "gray", "black"]
INDEX = {name: i for i, name in enumerate(COLOURS)}
HUES = [("orange", 14, 39), ("yellow", 39, 75), ("green", 75, 190), ("blue", 190, 255), ("purple", 255, 318)]
TEMPLATE = 48  # templates are TEMPLATE x TEMPLATE


def classify(picture):
    """uint8 [H, W, 3] -> [H, W] indices into COLOURS, by hue and saturation, so that shading does not matter."""
    a = picture.astype(np.float32) / 255
    value, least = a.max(-1), a.min(-1)
    spread = np.maximum(value - least, 1e-6)
    r, g, b = a[..., 0], a[..., 1], a[..., 2]
    hue = 60 * np.where(value == r, ((g - b) / spread) % 6,
                        np.where(value == g, (b - r) / spread + 2, (r - g) / spread + 4))
    saturation = spread / np.maximum(value, 1e-6)
    names = np.full(value.shape, INDEX["red"])
    for name, low, high in HUES:
        names[(hue >= low) & (hue < high)] = INDEX[name]
    names[((hue >= 318) | (hue < 10)) & (saturation < 0.58) & (value > 0.55)] = INDEX["pink"]
    grey = (saturation < 0.2) | (value < 0.22)
    names[grey] = np.where(value > 0.6, INDEX["white"], np.where(value < 0.28, INDEX["black"], INDEX["gray"]))[grey]
    return names


def fitted(mask):
    """The mask's bounding box, sampled at TEMPLATE x TEMPLATE points."""
    y, x = np.where(mask)
    mask = mask[y.min():y.max() + 1, x.min():x.max() + 1]
    rows, columns = (np.linspace(0, n - 1, TEMPLATE).astype(int) for n in mask.shape)
    return mask[np.ix_(rows, columns)]


GRID = np.linspace(-1.6, 1.6, 400, dtype=np.float32)
TEMPLATES = {shape: fitted(signed_distance(shape, GRID[None, :], GRID[:, None], 1.0) < 0) for shape in SHAPES}


def shape_of(mask):
    """The shape whose template overlaps the mask best (intersection over union)."""
    mask = fitted(mask)
    overlap = {shape: (mask & t).sum() / (mask | t).sum() for shape, t in TEMPLATES.items()}
    return max(overlap, key=overlap.get)


def check(picture, scene):
    """Verdict on a picture, uint8 [H, W, 3].

    background  over 80 % of the border has its colour
    colour      fraction of the objects with a patch of their colour within 0.17 picture widths of their place
    shape       fraction of the objects whose patch has their shape too
    anywhere    the background and every object's colour, at whatever place
    all_colours the background and every object's colour at its place
    all         all_colours and every shape
    """
    height, width = picture.shape[:2]
    names = classify(picture)
    border = np.concatenate([names[:4].ravel(), names[-4:].ravel(), names[:, :4].ravel(), names[:, -4:].ravel()])
    background = (border == INDEX[scene["bg"]]).mean() > 0.8
    colour, shape, present = [], [], []
    for o in scene["objects"]:
        mask = ndimage.binary_opening(names == INDEX[o["colour"]], iterations=max(1, width // 128))
        labels, count = ndimage.label(mask)
        best, seen = None, False
        for i in range(1, count + 1):
            patch = labels == i
            if not 0.008 <= patch.mean() <= 0.5:
                continue
            seen = True
            y, x = ndimage.center_of_mass(patch)
            distance = np.hypot(x / width - o["x"], y / height - o["y"])
            if distance < 0.17 and (best is None or distance < best[0]):
                best = (distance, patch)
        present.append(seen)
        colour.append(best is not None)
        shape.append(best is not None and shape_of(best[1]) == o["shape"])
    return dict(background=bool(background), anywhere=bool(background and all(present)), colour=float(np.mean(colour)),
                shape=float(np.mean(shape)), all_colours=bool(background and all(colour)),
                all=bool(background and all(colour) and all(shape)))


def mean_verdict(verdicts):
    return {key: round(float(np.mean([v[key] for v in verdicts])), 3) for key in verdicts[0]}


def eval_scenes(count, seed=1234):
    """Held-out scenes whose captions fix the background and all places."""
    rng, scenes = np.random.default_rng(seed), []
    while len(scenes) < count:
        scene = sample_scene(rng)
        if "background" in scene["caption"]:
            scenes.append(scene)
    return scenes


def main():
    parser = argparse.ArgumentParser(description="How well rendered pictures, which are right, pass the check.")
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    for size in (64, 128):
        print(size, mean_verdict([check(render(s, size, size), s) for s in eval_scenes(args.count)]))


if __name__ == "__main__":
    main()
