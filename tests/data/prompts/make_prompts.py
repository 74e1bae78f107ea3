"""Writes prompts.json and prompts.safetensors: what A1111's and ComfyUI's definitions of weighted prompts give on
../tiny_sdxl.

    python make_prompts.py        # needs torch, transformers, safetensors; CPU, float32

Not run against either program: a second reading of the two definitions, by the author of our C++ and in another way, on
transformers' tokenizer and text encoders. So it finds slips in the C++, but not a definition misread both times. The
definitions were checked against modules/prompt_parser.py and modules/sd_hijack_clip.py of A1111 and comfy/sd1_clip.py
of
ComfyUI (2024).


A1111    parts of one weight are tokenized by themselves; chunks of 75 tokens, cut after a comma where one is among the
last 20;
         each chunk between begin and end, padded (the second encoder: with 0); hidden states times the weights, then
         all of
         the same chunk of all entries of the schedule times (mean before / mean after); pooled from the first chunk.
ComfyUI  words (between spaces and newlines) are tokenized by themselves and kept whole below 8 tokens; hidden states
         empty + weight * (hidden - empty), where empty is the encoding of a chunk without text; pooled from the first
         chunk.

Both read the input of the last layer, or of an earlier one with clip_skip.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

HERE = pathlib.Path(__file__).parent
MODEL = HERE.parent / "tiny_sdxl" / "diffusers"
TEXT, LENGTH = 75, 77
WORDS = "red green blue cyan plum gold jade ruby teal navy rose mint sand rust lime pink gray onyx pearl ivory".split()


def words(n, comma_at=()):
    return " ".join(WORDS[i % 20] + ("," if i in comma_at else "") for i in range(n))


LONG, LONGER = words(45), words(110, comma_at=range(0, 110, 9))
A1111 = [
    "",
    "a cat",
    "a (red) cat",
    "a (red:1.3) cat",
    "a [red] cat",
    "a ((red) and (blue:0.5)) cat",
    "(a [b (c:1.4)] d:0.8)",
    r"a \(red\) \[cat\] \\ x\y",
    "a (red cat",
    "a red) cat",
    "a [red cat",
    "a red] cat:1.2)",
    "(x:abc) (y: 1.2 ) (z:.5) (v:-0.5)",
    "BREAK",
    "a cat BREAK a dog",
    "a BREAK (b:1.2) BREAK",
    "aBREAK BREAKb break _BREAK 東BREAK ，BREAK c",
    "(un)(necessary)!",
    LONG,
    LONGER,
    "(%s:1.2), %s" % (words(30), words(40)),
    words(60, comma_at=(14, 20)),
    words(23, comma_at=(5,)) + ", " + LONG,
    "(red:0) (blue:2.5), wow!! <|endoftext|> (x:1.5)",
    "(a cat BREAK a dog:1.3) (1.2.3) (x:1.2.3)",
]
COMFYUI = [
    "",
    "a cat",
    "a (red) cat",
    "a (red:1.3) cat",
    "a [red] cat",
    "a ((red) and (blue:0.5)) cat",
    "(a (b (c:1.4)) d:0.8)",
    r"a \(red\) \[cat\] \\ x\y",
    "a (red cat",
    "a red) cat (b:1.2)",
    "a) (b) (c:1.3)",
    "(a (b) cat",
    "(x:abc) (y: 1.2 ) (z:.5) (v:-0.5)",
    "(:1.2) () (a:b:1.5) (1e-1:1e0)",
    "a cat BREAK a dog",
    "((a:1.2))",
    "wow!! (great!:1.4)",
    "(un)(necessary)!",
    LONG,
    LONGER,
    "(%s:1.2), %s" % (words(30), words(40)),
    words(40) + " supercalifragilisticexpialidocious" * 6,
    words(23) + "\n(antidisestablishmentarianism:0.7) " + LONG,
    "(red:0) (blue:2.5), <|endoftext|> (x:1.5)",
    "(a:inf) (b:nan) (c:1_0)",
]
# (prompt, steps, the entries of its schedule, written out by hand from the rule)
SCHEDULED = [
    ("a [red:blue:0.4] cat", 10, [(4, "a red cat"), (10, "a blue cat")]),
    ("a [(red:1.4):blue:3] cat", 10, [(3, "a (red:1.4) cat"), (10, "a blue cat")]),
    ("a [red|(blue:1.3)] cat", 3, [(1, "a red cat"), (2, "a (blue:1.3) cat"), (3, "a red cat")]),
    ("a [(red:1.2)::0.5] cat BREAK [:dog:2]", 6,
     [(2, "a (red:1.2) cat BREAK "), (3, "a (red:1.2) cat BREAK dog"), (6, "a  cat BREAK dog")]),
]


def number(text):
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") and "_" not in text else None


def parts_a1111(prompt):
    """[(text or None for BREAK, weight)], by turning brackets into events on a list of pieces."""
    pieces, round_open, square_open = [], [], []  # piece: [text, weight]; open: the number of pieces before

    def scale(stack, factor):
        first = stack.pop()
        for piece in pieces[first:]:
            piece[1] *= factor

    i = 0
    while i < len(prompt):
        c = prompt[i]
        closing = prompt.find(")", i)
        inside = prompt[i + 1:closing] if closing >= 0 else "x"
        bare = inside.strip()
        if c == "\\":
            escaped = prompt[i + 1:i + 2]
            known = escaped != "" and escaped in "()[]\\"
            pieces.append([escaped if known else "", 1.0])
            i += 2 if known else 1
            continue
        if c == ":" and bare and all(x in "0123456789." for x in bare.lstrip("+-")) and number(bare) is not None:
            if round_open:
                scale(round_open, float(bare))
            else:
                pieces.append([prompt[i:closing + 1], 1.0])
            i = closing + 1
            continue
        if c == "(":
            round_open.append(len(pieces))
        elif c == "[":
            square_open.append(len(pieces))
        elif c == ")" and round_open:
            scale(round_open, 1.1)
        elif c == "]" and square_open:
            scale(square_open, 1 / 1.1)
        else:
            pieces.append([c, 1.0])
        i += 1
    for first in list(round_open):
        for piece in pieces[first:]:
            piece[1] *= 1.1
    for first in list(square_open):
        for piece in pieces[first:]:
            piece[1] *= 1 / 1.1
    # neighbours of one weight, then BREAK as a word of its own; a text ends where a special character of the syntax
    # stood, but only the tests here tell, and none has BREAK beside one
    merged = []
    for text, weight in pieces:
        if merged and merged[-1][1] == weight:
            merged[-1][0] += text
        else:
            merged.append([text, weight])
    out = []
    for text, weight in merged:
        rest, at = text, 0
        while (at := rest.find("BREAK", at)) >= 0:
            before, after = rest[:at][-1:], rest[at + 5:][:1]
            if any(x.isalnum() or x == "_" for x in before + after):
                at += 5
                continue
            out += [(rest[:at], weight), (None, 1.0)]
            rest, at = rest[at + 5:], 0
        out.append((rest, weight))
    return out or [("", 1.0)]


def parts_comfyui(prompt, weight=1.0, outer=True):
    if outer:
        prompt = prompt.replace("\\)", "\uE001").replace("\\(", "\uE000")
    items, start, depth = [], 0, 0
    for i, c in enumerate(prompt):
        if c == "(":
            if depth == 0:
                items.append(prompt[start:i])
                start = i
            depth += 1
        elif c == ")":
            depth -= 1
            if depth == 0:
                items.append(prompt[start:i + 1])
                start = i + 1
    items.append(prompt[start:])
    out = []
    for item in filter(None, items):
        if len(item) > 1 and item[0] == "(" and item[-1] == ")":
            text, inner = item[1:-1], weight * 1.1
            head, colon, tail = text.rpartition(":")
            if head and colon and number(tail) is not None:
                text, inner = head, number(tail)
            out += parts_comfyui(text, inner, False)
        else:
            out.append((item.replace("\uE001", ")").replace("\uE000", "("), weight))
    return out


class Encoder:
    def __init__(self, name, kind, pad):
        self.model = kind.from_pretrained(MODEL / name, dtype=torch.float32).eval()
        self.tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")  # the same words for both
        self.begin, self.end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        self.pad = self.end if pad is None else pad
        self.comma = self.ids(",")[0]

    def ids(self, text):
        return self.tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"]

    def chunk(self, tokens):
        """[(id, weight)] -> 77 ids, 77 weights"""
        ids = [self.begin] + [i for i, _ in tokens] + [self.end]
        return ids + [self.pad] * (LENGTH - len(ids)), ([1.0] + [w for _, w in tokens] + [1.0] * LENGTH)[:LENGTH]

    @torch.no_grad()
    def encode(self, ids, clip_skip):
        y = self.model(torch.tensor([ids]), output_hidden_states=True)
        return y.hidden_states[-2 - clip_skip][0], getattr(y, "text_embeds", [None])[0]


def chunks_a1111(encoder, prompt):
    chunks, now, comma = [], [], None
    for text, weight in parts_a1111(prompt):
        if text is None:
            chunks, now, comma = chunks + [now], [], None
            continue
        for i in encoder.ids(text):
            if len(now) == TEXT:
                moved = now[comma + 1:] if comma is not None and i != encoder.comma and TEXT - comma <= 20 else []
                chunks, now, comma = chunks + [now[:TEXT - len(moved)]], list(moved), None
            elif i == encoder.comma:
                comma = len(now)
            now.append((i, weight))
    return chunks + [now] if now or not chunks else chunks


def chunks_comfyui(encoder, prompt):
    chunks, now = [], []
    for text, weight in parts_comfyui(prompt):
        for word in filter(None, text.replace("\n", " ").split(" ")):
            tokens = [(i, weight) for i in encoder.ids(word)]
            while len(now) + len(tokens) > TEXT:
                fits = TEXT - len(now) if len(tokens) >= 8 else 0
                chunks, now, tokens = chunks + [now + tokens[:fits]], [], tokens[fits:]
            now = now + tokens
    return chunks + [now]


def contexts_a1111(encoder, texts, clip_skip):
    """texts: the entries of one schedule -> [(ids, weights, context, pooled)]"""
    chunked = [[encoder.chunk(c) for c in chunks_a1111(encoder, t)] for t in texts]
    most = max(map(len, chunked))
    for chunks in chunked:
        chunks += [encoder.chunk([])] * (most - len(chunks))
    columns, pooled = [], None
    for column in zip(*chunked):
        encoded = [encoder.encode(ids, clip_skip) for ids, _ in column]
        pooled = pooled or [p for _, p in encoded]
        z = torch.stack([h for h, _ in encoded])
        scaled = z * torch.tensor([w for _, w in column]).unsqueeze(-1)
        columns.append(scaled * (z.mean() / scaled.mean()))
    return [(chunks, torch.cat([c[k] for c in columns]), pooled[k]) for k, chunks in enumerate(chunked)]


def contexts_comfyui(encoder, texts, clip_skip):
    (text,) = texts
    chunks = [encoder.chunk(c) for c in chunks_comfyui(encoder, text)]
    empty, _ = encoder.encode(encoder.chunk([])[0], clip_skip)
    parts, pooled = [], None
    for ids, weights in chunks:
        z, p = encoder.encode(ids, clip_skip)
        pooled = p if pooled is None else pooled
        w = torch.tensor(weights).unsqueeze(-1)
        parts.append(torch.where(w == 1, z, empty + w * (z - empty)))
    return [(chunks, torch.cat(parts), pooled)]


def main():
    encoders = [Encoder("text_encoder", CLIPTextModel, None), Encoder("text_encoder_2", CLIPTextModelWithProjection, 0)]
    cases, tensors = [], {}
    runs = [("a1111", p, 1, [(1, p)]) for p in A1111] + [("comfyui", p, 1, [(1, p)]) for p in COMFYUI]
    runs += [("a1111", *s) for s in SCHEDULED]
    for n, (syntax, prompt, steps, entries) in enumerate(runs):
        clip_skip = n % 5 == 4  # every fifth
        function = contexts_a1111 if syntax == "a1111" else contexts_comfyui
        both = [function(e, [text for _, text in entries], int(clip_skip)) for e in encoders]
        case = {"syntax": syntax, "prompt": prompt, "steps": steps, "clip_skip": int(clip_skip), "entries": []}
        for k, (last, text) in enumerate(entries):
            (chunks, one, _), (chunks_2, two, pooled) = both[0][k], both[1][k]
            case["entries"].append({"last_step": last, "text": text, "ids": [c[0] for c in chunks],
                                    "ids_2": [c[0] for c in chunks_2], "weights": [c[1] for c in chunks]})
            context = torch.cat([one, two], -1)
            tensors[f"{n}.{k}.context"] = context[:, ::24].contiguous()  # 8 of 192 channels: a small file
            tensors[f"{n}.{k}.pooled"] = pooled[::16].contiguous()
        cases.append(case)
    (HERE / "prompts.json").write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
    save_file(tensors, HERE / "prompts.safetensors")
    print(len(cases), "prompts,", sum(len(e["ids"]) for c in cases for e in c["entries"]), "chunks")


main()
