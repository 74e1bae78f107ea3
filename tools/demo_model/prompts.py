"""Writes the held-out scenes as JSON, so that a program in any language can draw their captions and check the
pictures."""
import argparse
import json
from pathlib import Path

from check import eval_scenes

TEST_DATA = Path(__file__).resolve().parents[2] / "tests/data"


def as_json(scene):
    """x, y: the centre, in picture widths and heights from the top left; r: the 'radius' in picture widths."""
    objects = [{key: o[key] for key in ("shape", "colour", "x", "y", "r")} for o in scene["objects"]]
    return dict(caption=scene["caption"], background=scene["bg"], objects=objects)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=TEST_DATA / "demo_prompts.json")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1234)
    args = parser.parse_args()
    lines = ",\n".join(" " + json.dumps(as_json(s)) for s in eval_scenes(args.count, args.seed))
    args.out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
