"""Trains the UNet on latents made before, with the text encoders frozen: train_text.py has taught them to read.

Tensors are so small here that threads inside a process do not help. So several processes of one thread each train on
their
own, and average their weights every few seconds, each counting by the steps that it made.
"""
import argparse
import copy
import os
import tempfile
import time

import numpy as np
import torch
import torch.distributed as dist
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

import architecture
from train_text import read, tokenized, tokenizers
from training import Training, annealed, follow, set_learning_rate

# Without it the mean of the noisy latents gives the background away even at the last timestep, and the text is not
# asked.
OFFSET_NOISE = 0.15
NO_PROMPT = 0.04  # fraction of captions replaced by "" ...
ZERO_PROMPT = 0.10  # ... and by zeros, which is what diffusers gives for an absent negative prompt


class Data:
    """Captioned latents [N,4,h,w], drawn without repetition within an epoch."""

    def __init__(self, files, work):
        files, vocabularies = [np.load(f) for f in files], tokenizers(work)
        captions = [str(c) for f in files for c in f["captions"]]
        latents, time_ids = (
            torch.from_numpy(np.concatenate([f[key] for f in files])) for key in ("latents", "time_ids")
        )
        self.columns = [latents, *(tokenized(v, captions) for v in vocabularies), time_ids]
        self.empty = [tokenized(v, [""])[0] for v in vocabularies]
        self.order = []

    def batch(self, count):
        """-> latents, ids of the first vocabulary, of the second, time ids"""
        if len(self.order) < count:
            self.order = torch.randperm(len(self.columns[0]))
        rows, self.order = self.order[:count], self.order[count:]
        return [column[rows] for column in self.columns]


def frozen_encoders(work):
    encoders = (CLIPTextModel.from_pretrained(f"{work}/text_encoder", dtype=torch.float32),
                CLIPTextModelWithProjection.from_pretrained(f"{work}/text_encoder_2", dtype=torch.float32))
    return [encoder.requires_grad_(False) for encoder in encoders]


def signal_rates():
    """alpha-bar of SDXL's 1000 noise levels."""
    noise = architecture.NOISE
    root = torch.linspace(noise["beta_start"] ** 0.5, noise["beta_end"] ** 0.5, noise["num_train_timesteps"])
    return torch.cumprod(1 - root ** 2, 0)


def stratified(count):
    return (torch.randperm(count) + torch.rand(count)) / count


def conditions(encoders, data, count):
    """A batch in which some captions are absent -> latents, context, pooled, time ids."""
    latents, first, second, time_ids = data.batch(count)
    u = torch.rand(len(latents))
    first[u < NO_PROMPT], second[u < NO_PROMPT] = data.empty
    with torch.no_grad():
        context, pooled = read(encoders, (first, second))
    keep = (u < 1 - ZERO_PROMPT).float()
    return latents.float(), context * keep[:, None, None], pooled * keep[:, None], time_ids.float()


def loss_of(unet, batch, rates):
    """-> loss, and what to log: the plain error of eps, and that of x0 where noise prevails."""
    # every caption serves two noise levels: one of all, one of the noisy half
    clean, context, pooled, time_ids = (torch.cat([column, column]) for column in batch)
    half = len(clean) // 2
    timestep = (torch.cat([stratified(half), 0.5 + 0.5 * stratified(half)]) * 1000).long().clamp(0, 999)
    rate = rates[timestep][:, None, None, None]
    eps = torch.randn_like(clean) + OFFSET_NOISE * torch.randn(2 * half, 4, 1, 1)
    noisy = rate.sqrt() * clean + (1 - rate).sqrt() * eps
    guess = unet(noisy, timestep, context, added_cond_kwargs=dict(text_embeds=pooled, time_ids=time_ids)).sample
    error, snr = (guess - eps).pow(2).mean((1, 2, 3)), (rates / (1 - rates))[timestep]
    # min-SNR-5 where latents are clean, and nearly the error of x0 where they are noisy: there the layout is decided
    loss = (error * snr.clamp(max=5) / snr * snr.clamp(0.02, 1) ** -0.85).mean()
    return loss, [loss.item(), error.mean().item(), (error / snr)[timestep > 850].mean().item()]


def average_weights(params, steps):
    """The mean of all processes' weights, each counting by its steps since the last time."""
    flat = torch.cat([p.detach().flatten() * steps for p in params] + [torch.tensor([float(steps)])])
    dist.all_reduce(flat)
    if flat[-1] > 0:
        for p, mean in zip(params, (flat[:-1] / flat[-1]).split([p.numel() for p in params])):
            p.data.copy_(mean.view_as(p))


def optimizer_of(unet, learning_rate):
    params = list(unet.parameters())
    groups = [dict(params=[p for p in params if p.ndim > 1], weight_decay=0.01),
              dict(params=[p for p in params if p.ndim <= 1], weight_decay=0)]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.99), fused=True)


def worker(rank, options):
    torch.set_num_threads(1)
    if options.processes > 1:
        dist.init_process_group("gloo", f"file://{options.rendezvous}", rank=rank, world_size=options.processes)
    torch.manual_seed(0)
    unet = UNet2DConditionModel(**architecture.UNET)
    torch.seed()
    average = copy.deepcopy(unet).requires_grad_(False)
    encoders, data = frozen_encoders(options.work), Data(options.latents, options.work)
    optimizer = optimizer_of(unet, options.learning_rate)
    training = Training(options.checkpoint, options.seconds, dict(unet=unet, average=average, optimizer=optimizer))
    now = torch.tensor([time.time()], dtype=torch.float64)
    if options.processes > 1:
        dist.broadcast(now, 0)  # also: nobody goes on, and saves, before all have read the checkpoint
    training.begin_at(now.item())
    train(rank, options, training, data, encoders)
    if rank == 0:
        average.save_pretrained(f"{options.work}/unet")
        print("steps of the first process", training.step)
    if options.processes > 1:
        dist.destroy_process_group()


def train(rank, options, training, data, encoders):
    unet, average, optimizer = (training.parts[name] for name in ("unet", "average", "optimizer"))
    params, rates = list(unet.parameters()), signal_rates()
    next_sync, since_sync, log = training.start + training.spent_before + options.sync, 0, []
    while True:
        while time.time() >= next_sync:  # every process passes every boundary once
            if options.processes > 1:
                average_weights(params, since_sync)
            next_sync, since_sync = next_sync + options.sync, 0
            if rank == 0:
                training.save_when_due()
        if next_sync > training.start + options.seconds + options.sync / 2:
            break
        if options.processes > 1 and os.getppid() != options.parent:
            raise SystemExit("the program that started this process is gone")
        rate = options.learning_rate * min(1, (training.step + 1) / 100) * annealed(training.progress(), flat=0.3)
        set_learning_rate(optimizer, rate)
        loss, numbers = loss_of(unet, conditions(encoders, data, options.batch // 2), rates)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        training.step, since_sync = training.step + 1, since_sync + 1
        follow(average, unet, min(0.998, (training.step + 1) / (training.step + 30)))
        log.append(numbers)
        if training.step % 50 == 0 and rank == 0:
            means = "loss %.4f, error of eps %.4f, of x0 at t > 850 %.3f" % tuple(np.nanmean(log, 0))
            print(f"{training.step} {training.spent():.0f}s learning rate {rate:.1e} {means}", flush=True)
            log = []


def train_unet(work, checkpoint, seconds, latents, processes=2, batch=32, learning_rate=9e-4, sync=15):
    """Reads the tokenizers and text encoders in work; writes work/unet at the end. latents: files of
    make_latents.py."""
    with tempfile.TemporaryDirectory() as folder:
        options = argparse.Namespace(
            work=work, checkpoint=checkpoint, seconds=seconds, latents=latents, processes=processes, batch=batch,
            learning_rate=learning_rate, sync=min(sync, seconds / 4), rendezvous=os.path.join(folder, "rendezvous"),
            parent=os.getpid())
        if processes == 1:
            worker(0, options)
        else:
            torch.multiprocessing.spawn(worker, (options,), processes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work")
    parser.add_argument("latents", nargs="+")
    parser.add_argument("--seconds", type=float, default=9600)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=9e-4)
    args = parser.parse_args()
    train_unet(args.work, f"{args.work}/checkpoints/unet.pt", args.seconds, args.latents, args.processes, args.batch,
               args.learning_rate)


if __name__ == "__main__":
    main()
