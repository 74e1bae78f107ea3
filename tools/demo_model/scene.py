"""Captioned pictures of coloured shapes on a coloured background: the demo model's whole world.

Everything is drawn from signed distance functions, so a picture comes out antialiased at any size, in a millisecond.
The canvas is [0, aw] x [0, ah] in units of the short side; y grows downwards.
"""
import numpy as np

RGB = {
    "red": (215, 40, 45), "green": (45, 160, 70), "blue": (45, 85, 220), "yellow": (245, 215, 50),
    "orange": (245, 135, 30), "purple": (135, 60, 185), "white": (245, 245, 245), "black": (28, 28, 32),
    "gray": (130, 130, 130), "pink": (250, 165, 195),
}
OBJECT_COLOURS = ["red", "green", "blue", "yellow", "orange", "purple", "white", "black"]
BACKGROUNDS = ["white", "black", "gray", "pink", "blue", "green", "yellow"]
SHAPES = ["circle", "square", "triangle"]
RADIUS = {"small": (0.095, 0.12), None: (0.15, 0.20), "large": (0.26, 0.32)}
PLACES = [
    "",
    "",
    "in the center",
    "on the left",
    "on the right",
    "at the top",
    "at the bottom",
    "in the top left corner",
    "in the top right corner",
    "in the bottom left corner",
    "in the bottom right corner",
]
OPENINGS = ["a picture of ", "an image of ", "a drawing of ", "a photo of "]


def signed_distance(shape, x, y, r):
    """Distance to the edge, negative inside, of a shape of 'radius' r whose centre is at 0."""
    if shape == "circle":
        return np.sqrt(x * x + y * y) - r
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) - 0.88 * r
    if shape == "triangle":  # upright and equilateral, circumradius 1.15 r, moved down a little
        h = 0.575 * r
        yy = y - 0.15 * r
        return np.maximum(yy - h, np.maximum(0.8660254 * x - 0.5 * yy, -0.8660254 * x - 0.5 * yy) - h)
    raise ValueError(f'unknown shape "{shape}"')


def render(scene, height, width, box=None):
    """Draws the scene as uint8 [height, width, 3]; box = (x0, y0, x1, y1) is the part of the canvas to draw."""
    x0, y0, x1, y1 = box or (0.0, 0.0, scene["aw"], scene["ah"])
    xs = (x0 + (np.arange(width, dtype=np.float32) + 0.5) * (x1 - x0) / width)[None, :]
    ys = (y0 + (np.arange(height, dtype=np.float32) + 0.5) * (y1 - y0) / height)[:, None]
    pixel = (y1 - y0) / height
    shade = 1.04 - 0.12 * ys / scene["ah"]  # the background is lighter on top
    picture = np.float32(RGB[scene["bg"]])[None, None] * (shade + 0 * xs)[..., None]
    for o in scene["objects"]:
        x, y, r = xs - o["x"], ys - o["y"], o["r"]
        shadow = signed_distance(o["shape"], x - 0.02, y - 0.03, r)
        picture = picture * (1 - 0.25 / (1 + np.exp(np.clip(shadow / 0.014, -20, 20))))[..., None]
        cover = np.clip(0.5 - signed_distance(o["shape"], x, y, r) / pixel, 0, 1)[..., None]
        light = np.clip(1.0 - 0.10 * (x + 1.5 * y) / r, 0.8, 1.15)[..., None]
        picture = picture * (1 - cover) + np.float32(RGB[o["colour"]]) * light * cover
    return np.clip(picture, 0, 255).astype(np.uint8)


def article(word):
    return "an" if word[0] in "aeiou" else "a"


def noun(o):
    """'a small red circle'"""
    words = [o["size"]] * bool(o["size"]) + [o["colour"], o["shape"]]
    return f"{article(words[0])} {' '.join(words)}"


def pick(rng, sequence):
    return sequence[int(rng.integers(len(sequence)))]


def sample_scene(rng, aspect=(1.0, 1.0), kind=None):
    """A scene: bg, objects (shape, colour, x, y, r, size), aw, ah, caption, kind, and relation: what the caption says
    of
    places.

    The order of the draws from rng is part of the data: the training set and the held-out prompts depend on it.
    """
    background = pick(rng, BACKGROUNDS)
    colours = [c for c in OBJECT_COLOURS if c != background]
    kind = str(kind or rng.choice(["one", "two"], p=[0.4, 0.6]))
    objects, caption, relation = (_one if kind == "one" else _two)(rng, colours, aspect)
    caption = _opened(rng, _on_background(rng, caption, background))
    return dict(
        bg=background, objects=objects, aw=aspect[0], ah=aspect[1], caption=caption, relation=relation, kind=kind
    )


def _object(rng, colours, aspect, x, y, size=None):
    return dict(shape=pick(rng, SHAPES), colour=pick(rng, colours), x=x * aspect[0], y=y * aspect[1],
                r=float(rng.uniform(*RADIUS[size])), size=size)


def _one(rng, colours, aspect):
    size = [None, None, "small", "large"][int(rng.integers(4))]
    place = pick(rng, PLACES)
    x = 0.26 if "left" in place else 0.74 if "right" in place else 0.5
    y = 0.26 if "top" in place else 0.74 if "bottom" in place else 0.5
    if size == "large" and place:
        x, y = 0.5 + (x - 0.5) * 0.7, 0.5 + (y - 0.5) * 0.7
    x, y = x + float(rng.uniform(-.05, .05)), y + float(rng.uniform(-.05, .05))
    o = _object(rng, colours, aspect, x, y, size)
    return [o], f"{noun(o)} {place}".strip(), place or "in the center"


def _two(rng, colours, aspect):
    vertical = rng.random() < 0.5
    near, far = float(rng.uniform(.24, .30)), float(rng.uniform(.70, .76))
    places = [(0.5 + float(rng.uniform(-.07, .07)), along) for along in (near, far)]
    first, second = (_object(rng, colours, aspect, *(p if vertical else p[::-1])) for p in places)
    while (second["shape"], second["colour"]) == (first["shape"], first["colour"]):
        second["shape"], second["colour"] = pick(rng, SHAPES), pick(rng, colours)
    a, b = noun(first), noun(second)
    if vertical:
        forms = [f"{a} above {b}", f"{a} above {b}", f"{b} below {a}", f"{a} over {b}", f"{b} under {a}",
                 f"{a} at the top and {b} at the bottom"]
    else:
        forms = [f"{a} to the left of {b}", f"{a} left of {b}", f"{b} to the right of {a}", f"{b} right of {a}",
                 f"{a} on the left and {b} on the right"]
    return [first, second], pick(rng, forms), "vertical" if vertical else "horizontal"


def _on_background(rng, caption, background):
    named, u = f"{article(background)} {background} background", rng.random()
    if u < 0.80:
        return f"{caption} on {named}"
    if u < 0.88:
        return f"{caption} with {named}"
    if u < 0.95:
        return f"{caption}, {background} background"
    return caption


def _opened(rng, caption):
    return pick(rng, OPENINGS) + caption if rng.random() < 0.15 else caption


def sample_example(rng, size):
    """-> (uint8 [size, size, 3], caption, [original height, width, crop top, left, target height, width])."""
    scene = sample_scene(rng)
    return render(scene, size, size), scene["caption"], [size, size, 0, 0, size, size]
