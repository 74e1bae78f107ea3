"""Writes what holds check.py and tests/image_checker.cpp together: pictures of the demo model, and check.py's verdicts.

Every picture is checked against the scene of every other too, for verdicts of all kinds.
"""
import argparse
import json

import numpy as np
from PIL import Image

from check import check, eval_scenes
from evaluate import draw
from prompts import TEST_DATA

# scenes; those that Euler with 20 steps and guidance 5 gets wrong are among them
CHOSEN = [1, 3, 4, 6, 17, 20, 30, 35, 42, 45, 62, 77]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a diffusers folder")
    args = parser.parse_args()
    scenes = eval_scenes(100)
    pictures = draw(args.model, [s["caption"] for s in scenes])
    tiles = [pictures[i] for i in CHOSEN]
    sheet = np.concatenate([np.concatenate(tiles[i:i + 4], 1) for i in range(0, len(tiles), 4)], 0)
    Image.fromarray(sheet).save(TEST_DATA / "image_checker.png", optimize=True)
    verdicts = [[check(tile, scenes[j]) for j in CHOSEN] for tile in tiles]
    shown = [[[v[key] for key in ("background", "colour", "shape", "all")] for v in row] for row in verdicts]
    rows = ",\n".join("  " + json.dumps(row) for row in shown)
    (TEST_DATA / "image_checker.json").write_text(
        '{\n "source": "tools/demo_model/checker_goldens.py: pictures by diffusers 0.42.1 (Euler, 20 steps, guidance 5,'
        ' the seed is the scene\'s number); verdicts by check.py",\n'
        ' "about": "image_checker.png has 4 x 3 tiles of 128 x 128; tile i shows scene scenes[i] of demo_prompts.json;'
        ' verdicts[i][j]: tile i checked against scenes[j]: background, colours, shapes, all",\n'
        f' "scenes": {json.dumps(CHOSEN)},\n "verdicts": [\n{rows}\n ]\n}}\n')


if __name__ == "__main__":
    main()
