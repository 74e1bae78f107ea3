"""A valid, smaller CLIP tokenizer: the first merges of CLIP's own list.

The tokens that are kept have the ids of the full vocabulary; the two special tokens come last. So a vocabulary has
512 + merges + 2 entries, and the merges can be counted from the rows of token_embedding.weight (49408 rows: all 48894).
"""
import argparse
import json
from pathlib import Path

MERGES = Path(__file__).resolve().parents[2] / "plugins/networks/data/clip_merges.txt"
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_characters():
    """The 256 printable characters that stand for the bytes, in CLIP's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = 256 - len(printable)
    return [chr(c) for c in printable] + [chr(256 + i) for i in range(others)]


def read_merges(path, count):
    lines = path.read_text(encoding="utf-8").split("\n")
    lines = lines[1:] if lines[0].startswith("#version") else lines
    if len(lines) < count or not all(len(line.split()) == 2 for line in lines[:count]):
        raise SystemExit(f"{path}: want {count} merges, one 'a b' a line")
    return lines[:count]


def build_tokenizer(merges_file, out, count):
    """Writes out/tokenizer and out/tokenizer_2, which differ in the padding token alone."""
    merges, characters = read_merges(Path(merges_file), count), byte_characters()
    tokens = characters + [c + "</w>" for c in characters] + ["".join(m.split()) for m in merges] + [START, END]
    for name, padding in (("tokenizer", END), ("tokenizer_2", "!")):
        folder = Path(out) / name
        folder.mkdir(parents=True, exist_ok=True)
        special = dict(bos_token=START, eos_token=END, unk_token=END, pad_token=padding)
        config = dict(special, tokenizer_class="CLIPTokenizer", model_max_length=77, do_lower_case=True,
                      add_prefix_space=False, errors="replace", clean_up_tokenization_spaces=True)
        ids = {token: i for i, token in enumerate(tokens)}
        (folder / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
        (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=1))
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1))
    print("tokens", len(tokens))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("--merges", default=MERGES, help="CLIP's merges, one 'a b' a line")
    parser.add_argument("--count", type=int, default=6654)
    args = parser.parse_args()
    build_tokenizer(args.merges, args.out, args.count)


if __name__ == "__main__":
    main()
