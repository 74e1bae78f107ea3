"""stable-diffusion.cpp, measured by when the lines of its log come: prints one JSON object."""
import argparse
import json
import re
import sys
import tempfile

from watched import run_watched


def seconds_in(log, pattern):
    found = [float(m[1]) for _, text in log for m in [re.search(pattern, text)] if m]
    if not found:
        sys.exit(f"sd-cli: no line with {pattern!r}; is it the version of bench/setup?")
    return found[-1]


def when(log, pattern):
    return next(at for at, text in log if re.search(pattern, text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("program", help="sd-cli")
    parser.add_argument("model")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", default="a lighthouse in a storm, oil painting")
    args, options = parser.parse_known_args()  # what is not ours is sd-cli's: --fa, --type q8_0, ...
    with tempfile.TemporaryDirectory() as folder:
        run = run_watched(
            [
                args.program,
                "-m",
                args.model,
                "-p",
                args.prompt,
                "-W",
                args.size,
                "-H",
                args.size,
                "-t",
                args.threads,
                "--steps",
                args.steps,
                "--cfg-scale",
                5,
                "--sampling-method",
                "euler",
                "-s",
                0,
                "-v",
                "-o",
                f"{folder}/image.png",
                *options,
            ]
        )
    begin = when(run.lines, "generating image: ")
    stamps = [begin] + [at for at, text in run.lines if re.search(rf"\b\d+/{args.steps} - [\d.]+(s/it|it/s)", text)]
    if len(stamps) != args.steps + 1:
        sys.exit(f"sd-cli: want {args.steps} steps in its log, got {len(stamps) - 1}")
    print(json.dumps({
        "import_seconds": 0.0, "load_seconds": seconds_in(run.lines, r"loading tensors completed, taking ([\d.]+)s"),
        # its log may come late: the mean; nothing is set up in the first step: it counts as the others
        "start_seconds": begin, "step_seconds": [(stamps[-1] - begin) / args.steps],
        "prompt_seconds": [seconds_in(run.lines, r"get_learned_condition completed, taking ([\d.]+)s")],
        "decode_seconds": [seconds_in(run.lines, r"decode_first_stage completed, taking ([\d.]+)s")],
        "peak_bytes": run.peak_bytes}))


if __name__ == "__main__":
    main()
