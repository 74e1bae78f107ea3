"""diffusers, measured in a process of its own: prints one JSON object. Runs in .bench/venv.

Everything goes through the pipeline as a user calls it; the clock is read around its calls and between its steps.
"""
import argparse
import json
import time


def since_process_start():
    with open("/proc/self/stat") as file:
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / 100  # USER_HZ: 10 ms is fine enough


def peak_bytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


def timed(call, seconds):
    """The same call, with its duration appended to the list."""
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = call(*args, **kwargs)
        seconds.append(time.perf_counter() - start)
        return result
    return wrapper


def load(args, torch, pipeline_class):
    options = dict(dtype=getattr(torch, args.dtype), local_files_only=True, add_watermarker=False)
    if args.model.endswith(".safetensors"):
        pipe = pipeline_class.from_single_file(args.model, config=args.config, **options)
    else:
        pipe = pipeline_class.from_pretrained(args.model, **options)
    pipe.set_progress_bar_config(disable=True)
    if args.channels_last:
        for module in (pipe.unet, pipe.vae):
            module.to(memory_format=torch.channels_last)
    if args.compile:
        pipe.unet = torch.compile(pipe.unet)
    return pipe


def generate(pipe, args, torch):
    prompts, decodes, stamps, kept = [], [], [], {}
    pipe.encode_prompt = timed(pipe.encode_prompt, prompts)
    pipe.vae.decode = timed(pipe.vae.decode, decodes)
    scale = pipe.scheduler.scale_model_input

    def note_first_call(*a, **k):  # the pipeline scales the input just before it calls the model
        if not stamps:
            kept["start_seconds"] = since_process_start()
            stamps.append(time.perf_counter())
        return scale(*a, **k)

    def note_step(_pipe, _index, _timestep, tensors):
        stamps.append(time.perf_counter())
        kept["latents"] = tensors["latents"]
        return tensors

    pipe.scheduler.scale_model_input = note_first_call
    pipe(args.prompt, width=args.size, height=args.size, num_inference_steps=1 + args.steps, guidance_scale=5.0,
         generator=torch.Generator().manual_seed(0), callback_on_step_end=note_step)
    steps = [b - a for a, b in zip(stamps, stamps[1:])]
    peak = peak_bytes()  # of one image; what follows is to have each warm as well
    with torch.no_grad():
        pipe.encode_prompt(args.prompt + ", again", device="cpu", do_classifier_free_guidance=True)
        pipe.vae.decode(kept["latents"].to(pipe.vae.dtype) / pipe.vae.config.scaling_factor, return_dict=False)
    return {"start_seconds": kept["start_seconds"], "first_step_seconds": steps[0], "step_seconds": steps[1:],
            "first_prompt_seconds": prompts[0], "prompt_seconds": prompts[1:], "first_decode_seconds": decodes[0],
            "decode_seconds": decodes[1:], "peak_bytes": peak, "finite": bool(kept["latents"].isfinite().all())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a diffusers folder, or a .safetensors together with --config")
    parser.add_argument("--config", help="the folder whose configs and tokenizers a single file takes")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--steps", type=int, default=2, help="after the first one, which is reported apart")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", default="a lighthouse in a storm, oil painting")
    args = parser.parse_args()
    start = time.perf_counter()
    import torch
    from diffusers import StableDiffusionXLPipeline
    imported = time.perf_counter()
    torch.set_num_threads(args.threads)
    pipe = load(args, torch, StableDiffusionXLPipeline)
    result = {"import_seconds": imported - start, "load_seconds": time.perf_counter() - imported}
    print(json.dumps(result | generate(pipe, args, torch)))


if __name__ == "__main__":
    main()
