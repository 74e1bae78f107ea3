"""Faults in the host's code for CUDA that the tests under the stand-in must find: each a source with one change."""
import dataclasses


@dataclasses.dataclass
class Fault:
    name: str
    file: str
    edits: tuple  # pairs: a text that the file has exactly once, and what it is replaced by
    test: tuple  # a program in build/dev/bin, and its arguments
    unit: str = ""  # what is compiled where the file is a header


def edit(text, change):
    return ((text, change),)


NETWORKS = "plugins/networks/"
MEMORY = ("test_stand_in_images", "-tc=*memory mode*")
REQUESTS = ("test_stand_in_images", "-tc=*first request*")
TECHNIQUES = ("test_stand_in_images", "-tc=*technique*")
GRAPHS = ("test_cuda_kernels", "-tc=graphs*prompt*")

FAULTS = [
    # streams
    Fault("weights used before they have come", NETWORKS + "components/unet_blocks.cpp",
          edit("  if (current_.ready) current_.ready->block(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));\n", ""), MEMORY),
    Fault("weights overwritten while they are computed with", NETWORKS + "components/unet_blocks.cpp", edit("  unused->block(*side_);\n", ""), MEMORY),
    Fault("an event recorded before what it stands for", NETWORKS + "components/unet_blocks.cpp",
          (("  auto block = std::make_unique<const UnetBlock>(sources_[place]());\n  auto ready", "  auto ready"),
           ("  ready->record(*side_);\n", "  ready->record(*side_);\n  auto block = std::make_unique<const UnetBlock>(sources_[place]());\n")),
          MEMORY),
    Fault("an event recorded on another stream", NETWORKS + "components/unet_blocks.cpp",
          edit("  ready->record(*side_);\n", "  ready->record(c10::impl::VirtualGuardImpl(device_.type()).getDefaultStream(device_));\n"), MEMORY),
    Fault("a kernel on the default stream in place of the current one", NETWORKS + "kernels/cuda_launch.h",
          edit("getStream(x.device())", "getDefaultStream(x.device())"), REQUESTS, NETWORKS + "kernels/cuda_ops.cpp"),
    Fault("memory of another stream let go without record_stream", NETWORKS + "model/denoiser.cpp",
          (("#include <cmath>\n", "#include <c10/core/Event.h>\n#include <c10/core/StreamGuard.h>\n#include <c10/core/impl/VirtualGuardImpl.h>\n"
                                  "#include <cmath>\n"),
           ("  at::Tensor output = evaluated(input, sigma, time, conditioning, deep);\n",
            "  at::Tensor output = evaluated(input, sigma, time, conditioning, deep);\n"
            "  if (x.is_cuda()) {\n"
            "    const c10::impl::VirtualGuardImpl streams(c10::DeviceType::CUDA);\n"
            "    const c10::Stream here = streams.getStream(x.device()), other = streams.getStreamFromGlobalPool(x.device());\n"
            "    c10::Event ready(c10::DeviceType::CUDA), done(c10::DeviceType::CUDA);\n"
            "    ready.record(here), ready.block(other);\n"
            "    const c10::StreamGuard guard(other);\n"
            "    at::Tensor copy = output.clone();\n"
            "    done.record(other), done.block(here);\n"
            "    {\n"
            "      const c10::StreamGuard back(here);\n"
            "      output = copy * 1;\n"
            "    }\n"
            "    copy = at::Tensor();\n"  # goes back to the other stream's memory, whose next tensor gets it
            "    output.clone().zero_();\n"
            "  }\n")), MEMORY),
    Fault("a workspace of cuBLAS on two streams at once", NETWORKS + "components/unet_graphs.cpp", edit("  wait(current, side);\n", ""), REQUESTS),
    # graphs
    Fault("a graph's input not copied", NETWORKS + "components/unet_graphs.cpp", edit("    x.copy_(input);\n", ""), REQUESTS),
    Fault("a graph's time not filled in", NETWORKS + "components/unet_graphs.cpp", edit("    timesteps.fill_(timestep);\n", ""), REQUESTS),
    Fault("a graph's output not cloned", NETWORKS + "components/unet_graphs.cpp", edit("return output.clone();", "return output;"),
          ("test_cuda_kernels", "-tc=graphs*what a call gave*")),
    Fault("a graph's deep features not cloned", NETWORKS + "components/unet_graphs.cpp", edit("*deep_features = deep.clone();", "*deep_features = deep;"),
          ("test_cuda_kernels", "-tc=graphs*deep features*")),
    Fault("a graph's deep features not taken over", NETWORKS + "components/unet_graphs.cpp",
          edit("    if (takes_over) deep.copy_(*deep_features);\n", ""), ("test_cuda_kernels", "-tc=graphs*deep features*")),
    Fault("a graph that outlives its prompt", NETWORKS + "components/unet_graphs.cpp",
          edit("    if (!is_same(text, about.context.memory)) conditioning.write(about), text = about.context.memory;\n", ""), REQUESTS),
    Fault("a graph that reads the memory of its first request", NETWORKS + "components/unet_graphs.cpp",
          edit("unet(made->x, made->timesteps, made->conditioning, deep ?", "unet(made->x, made->timesteps, conditioning, deep ?"), REQUESTS),
    Fault("recording at once, before a plain call", NETWORKS + "components/unet_graphs.cpp",
          edit("  if (found == known_.end()) {\n",
               "  if (found == known_.end()) {\n    known_[shape] = {nullptr, 0};\n"
               "    return (*this)(unet, x, timestep, conditioning, deep, {CudaGraphs::on, use.pass});\n"), REQUESTS),
    Fault("a workspace of cuBLAS in a graph's memory", NETWORKS + "components/unet_graphs.cpp", edit("  prepare_cublas(unet, side_);\n", ""), REQUESTS),
    Fault("waiting for the device in a capture", NETWORKS + "components/unet.cpp",
          edit("  at::Tensor h = conv_in_(x);\n", "  at::Tensor h = conv_in_(x);\n  if (h.flatten().narrow(0, 0, 1).item<float>() == 12345) return h;\n"),
          REQUESTS),
    # memory
    Fault("pinned memory freed before it was copied", NETWORKS + "kernels/pinned_memory.cpp",
          edit("    at::accelerator::synchronizeDevice(device_.index());\n", ""), ("test_cuda_kernels", "-tc=streamed*")),
    Fault("pinned memory written to before it was copied", NETWORKS + "components/pinned_weights.cpp",
          (("#include <algorithm>\n", "#include <ATen/ops/empty.h>\n#include <algorithm>\n"),
           ("    return pinned.to(pinned.options().device(device_), /*non_blocking=*/true);\n",
            "    static const at::Tensor room = at::empty({1 << 22}, pinned.options().pinned_memory(true));\n"
            "    const at::Tensor part = room.narrow(0, 0, pinned.numel()).view(pinned.sizes());\n"
            "    return part.copy_(pinned).to(pinned.options().pinned_memory(false).device(device_), /*non_blocking=*/true);\n")), MEMORY),
    Fault("a copy to the host read before it has come", "core/engine/run_state.cpp",
          edit("to_image(image)", "to_image(image.to(at::kCPU, at::kFloat, /*non_blocking=*/true))"), MEMORY),
    Fault("device memory read by the host", NETWORKS + "model/denoiser.cpp",
          edit("  at::Tensor* deep = deep_.at(sigma, conditioning, part);\n",
               "  at::Tensor* deep = deep_.at(sigma, conditioning, part);\n  if (*x.const_data_ptr<float>() == 0) time += 1;\n"), MEMORY),
    Fault("a tensor of the CPU among the device's", NETWORKS + "components/unet.cpp",
          edit("  frequencies_ = exponents.exp().to(device);", "  frequencies_ = exponents.exp();"), MEMORY),
    # the engine
    Fault("the allocator asked before it is there", "core/device/device.cpp",
          edit("  if (failed.empty()) at::globalContext().lazyInitDevice(c10::DeviceType::CUDA);\n", ""), MEMORY),
    Fault("convolutions in TF32 where float32 was asked for", "core/engine/engine_run.cpp",
          edit("  const Tf32 precision(config.allow_tf32);", "  const Tf32 precision(true);"), MEMORY),
]
