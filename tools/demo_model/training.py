"""What the three trainings share: a length in seconds that survives interruption, and an average of the weights."""
import math
import os
import time

import torch


def fast_bfloat16():
    """Whether this CPU computes in bfloat16; elsewhere it is emulated, and far slower than float32."""
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


class Training:
    """The clock and the checkpoint of a training that lasts a number of seconds, in as many runs as it takes.

    parts: name -> module or optimizer, saved and loaded together. Learning rates follow the time spent, not the steps,
    so
    that a training always ends annealed, on a slow machine too.
    """

    def __init__(self, checkpoint, seconds, parts, save_every=60):
        self.checkpoint, self.seconds, self.parts = checkpoint, seconds, parts
        self.save_every = min(save_every, seconds / 4)
        self.step, spent = 0, 0.0  # spent: seconds
        if os.path.exists(checkpoint):
            saved = torch.load(checkpoint, weights_only=True)
            for name, part in parts.items():
                part.load_state_dict(saved["parts"][name])
            self.step, spent = saved["step"], saved["spent"]
            print(f"{checkpoint}: continuing at step {self.step}, after {spent:.0f} s", flush=True)
        self.begin_at(time.time(), spent)

    def begin_at(self, now, spent=None):
        """Sets the clock; lets several processes agree on one."""
        self.spent_before = self.spent_before if spent is None else spent
        self.start, self.saved_at = now - self.spent_before, now

    def spent(self):
        return time.time() - self.start

    def progress(self):
        """0 at the beginning, 1 at the end."""
        return min(1.0, self.spent() / self.seconds)

    def save(self):
        """Whole or not at all: a run that is killed here leaves the checkpoint of before."""
        self.saved_at = time.time()
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        os.makedirs(os.path.dirname(self.checkpoint), exist_ok=True)
        torch.save(dict(parts=parts, step=self.step, spent=self.spent()), self.checkpoint + ".new")
        os.replace(self.checkpoint + ".new", self.checkpoint)

    def save_when_due(self):
        if time.time() - self.saved_at > self.save_every:
            self.save()


def annealed(progress, flat=0.0):
    """Factor of a learning rate: 1 while progress < flat, then half a cosine down to 0.02."""
    falling = max(0.0, (progress - flat) / (1 - flat))
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * falling))


def set_learning_rate(optimizer, rate):
    for group in optimizer.param_groups:
        group["lr"] = rate


@torch.no_grad()
def follow(average, model, decay):
    """Moves the average of the weights towards the model's."""
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
