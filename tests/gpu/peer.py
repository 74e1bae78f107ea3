"""Images by diffusers, in a process of its own, the first from its start and a later one with another prompt: prints
one JSON object."""
import argparse
import json
import time


def since_process_start():
    with open("/proc/self/stat") as file:
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / 100


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--compile", action="store_true", help="the networks, with channels_last")
    args = parser.parse_args()
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
    pipe = StableDiffusionXLPipeline.from_pretrained(args.model, dtype=torch.bfloat16, local_files_only=True,
                                                     add_watermarker=False)
    pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    pipe.vae.register_to_config(force_upcast=False)  # bfloat16 has float32's range, and ours decodes in it
    on_gpu = args.device == "cuda"
    wait = torch.cuda.synchronize if on_gpu else lambda: None
    pipe.to(args.device)
    if args.compile:
        for module in (pipe.unet, pipe.vae):
            module.to(memory_format=torch.channels_last)
        pipe.unet.compile(fullgraph=True)
        pipe.vae.decode = torch.compile(pipe.vae.decode, fullgraph=True)

    def generate(prompt):
        stamps = []

        def note(_pipe, _index, _time, tensors):
            wait()
            stamps.append(time.perf_counter())
            return tensors

        start = time.perf_counter()
        generators = [torch.Generator().manual_seed(i) for i in range(args.batch)]
        images = pipe(prompt, num_images_per_prompt=args.batch, width=args.size, height=args.size, guidance_scale=5.0,
                      num_inference_steps=args.steps, generator=generators, callback_on_step_end=note).images
        wait()
        return len(images), time.perf_counter() - start, stamps

    generate("a lighthouse in a storm, oil painting")
    result = {"first_image_seconds": since_process_start()}
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    count, seconds, stamps = generate("a lighthouse at noon, oil painting")
    # between the first step's end and the last one's
    result |= {
        "step_seconds": (stamps[-1] - stamps[0]) / (len(stamps) - 1),
        "image_seconds": seconds / count,
        "torch": torch.__version__,
        "device_peak_mib": torch.cuda.max_memory_allocated() >> 20 if on_gpu else 0,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
