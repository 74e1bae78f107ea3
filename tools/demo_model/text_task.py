"""What a caption says, as numbers: the task on which the text encoders learn to read before the UNet needs them."""
import torch
from torch.nn.functional import cross_entropy

from scene import BACKGROUNDS, OBJECT_COLOURS, SHAPES

CELLS = 9  # the places of a picture: three rows of three
COLOUR_CLASSES, SHAPE_CLASSES = 1 + len(OBJECT_COLOURS), 1 + len(SHAPES)  # class 0: nothing there
SIZES = [None, "small", "large"]
PARTS = [len(BACKGROUNDS), CELLS * COLOUR_CLASSES, CELLS * SHAPE_CLASSES, len(SIZES)]


def third(v):
    return 0 if v < 0.4 else 2 if v > 0.6 else 1


def targets(scenes):
    """-> background [B], colour [B,9] and shape [B,9] of the nine places, size [B]."""
    background = torch.tensor([BACKGROUNDS.index(s["bg"]) for s in scenes])
    colour, shape = (torch.zeros(len(scenes), CELLS, dtype=torch.long) for _ in range(2))
    size = torch.zeros(len(scenes), dtype=torch.long)
    for i, scene in enumerate(scenes):
        for o in scene["objects"]:
            cell = 3 * third(o["y"]) + third(o["x"])
            colour[i, cell] = 1 + OBJECT_COLOURS.index(o["colour"])
            shape[i, cell] = 1 + SHAPES.index(o["shape"])
            size[i] = SIZES.index(o["size"])
    return background, colour, shape, size


def loss_and_right(answer, target):
    """answer [B, sum(PARTS)] -> the loss, and the fraction of captions that are read wholly right."""
    want_background, want_colour, want_shape, want_size = target
    background, colour, shape, size = answer.split(PARTS, 1)
    colour, shape = colour.reshape(-1, CELLS, COLOUR_CLASSES), shape.reshape(-1, CELLS, SHAPE_CLASSES)
    right = (background.argmax(-1) == want_background) & (colour.argmax(-1) == want_colour).all(1)
    right &= (shape.argmax(-1) == want_shape).all(1)
    places = cross_entropy(colour.flatten(0, 1), want_colour.flatten())
    places += cross_entropy(shape.flatten(0, 1), want_shape.flatten())
    loss = cross_entropy(background, want_background) + CELLS * places + cross_entropy(size, want_size)
    return loss, right.float().mean()


class Reader(torch.nn.Module):
    """Linear read-outs: what is linear here is easy for cross-attention and for the pooled vector."""

    def __init__(self, width, pooled_width):
        super().__init__()
        self.token = torch.nn.Linear(width, sum(PARTS))
        self.pooled = torch.nn.Linear(pooled_width, sum(PARTS))

    def forward(self, context, pooled, target):
        """context [B,77,width]: its last token, and one of the padding drawn anew, have to tell all; so has pooled."""
        other = int(torch.randint(40, 77, ()))
        answers = self.token(context[:, -1]), self.token(context[:, other]), self.pooled(pooled)
        losses, right = zip(*(loss_and_right(a, target) for a in answers))
        return sum(losses), torch.stack(right)
