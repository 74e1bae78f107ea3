"""Faults that the tests of the kernels must find: each a kernel's source with one change."""
import dataclasses


@dataclasses.dataclass
class Fault:
    name: str
    file: str  # of plugins/networks/kernels/cuda
    text: str  # found there exactly once
    change: str
    cases: str  # of emulated_kernels that meet it, as doctest's filter
    units: tuple = ()  # what is compiled where `file` is no unit


FAULTS = [
    Fault("barrier left out before a sum is read", "group_norm.cu",
          "] = mine[i];\n  }\n  __syncthreads();", "] = mine[i];\n  }", "*group norm*"),
    Fault("barrier left out before shared memory is written again", "numbers.cuh",
          "  __syncthreads();  // the room may still be read\n", "", "*layer norm*", ("layer_norm",)),
    Fault("barrier left out between writing and reading a warp's sum", "numbers.cuh",
          "room[warp] = x;\n  __syncthreads();", "room[warp] = x;", "*layer norm*", ("layer_norm",)),
    Fault("rows beyond the last one", "byte_rows.cuh", "  if (row >= call.rows) return;\n", "", "*fp8 rows*", ("fp8",)),
    Fault("bytes that are cut off, not rounded", "byte_rows.cuh", "int(rintf(fmaf(", "int((fmaf(", "*int8 rows*", ("int8",)),
    Fault("a scale of numbers that are not rounded yet", "layer_norm.cu", "most = largest(round_all<T>(x[p]), most);", "most = largest(x[p], most);",
          "*norm in bytes*"),
    Fault("scales of the other half", "int8.cu", "load_long<n>(call.scales + half * call.channels + channel", "load_long<n>(call.scales + channel",
          "*int8 end*"),
    Fault("channels beyond the last one", "pointwise.cu",
          "residual_kernel(ResidualCall call) {\n  const int64_t channel = pack_of_thread() * n;\n  if (channel >= call.channels) return;",
          "residual_kernel(ResidualCall call) {\n  const int64_t channel = pack_of_thread() * n;", "*residual*"),
    Fault("packs at addresses that are not aligned", "numbers.cuh",
          "return reinterpret_cast<uintptr_t>(p) % 16 == 0;", "return p || true;", "*geglu*", ("pointwise",)),
    Fault("a block larger than its bounds", "tiling.h", "tall = kThreads / wide;", "tall = 2 * kThreads / wide;", "*residual*", ("pointwise",)),
    Fault("half a warp", "layer_norm.cu", "const dim3 block(32, kRows), grid(", "const dim3 block(16, kRows), grid(", "*layer norm*"),
    Fault("an early return before a barrier", "group_norm.cu",
          "  if (channel < call.channels) {\n    Moments mine[n];", "  if (channel >= call.channels) return;\n  {\n    Moments mine[n];", "*group norm*"),
    Fault("a workspace that is too small", "group_norm.cu", "call->channels * (1 + parts);", "call->channels * parts;", "*group norm*"),
    Fault("a mask of half a warp", "numbers.cuh", "x += __shfl_xor_sync(~0u, x, other);", "x += __shfl_xor_sync(0xffffu, x, other);",
          "*layer norm*", ("layer_norm",)),
    Fault("a race in shared memory", "group_norm.cu", "room[threadIdx.y * width + threadIdx.x * n + i] =", "room[threadIdx.x * n + i] =",
          "*group norm*"),
    Fault("a stride that leaves out the other blocks", "numbers.cuh",
          "return int64_t(gridDim.x) * blockDim.y;", "return int64_t(blockDim.y);", "*residual*", ("pointwise",)),
    Fault("a stride that leaves out rows", "numbers.cuh",
          "return int64_t(gridDim.x) * blockDim.y;", "return 2 * int64_t(gridDim.x) * blockDim.y;", "*residual*", ("pointwise",)),
    Fault("epsilon left out", "layer_norm.cu",
          "sum_of_warp(squares) / float(call.channels) + float(call.epsilon)", "sum_of_warp(squares) / float(call.channels)", "*epsilon*"),
    Fault("what the means of threads differ by left out", "group_norm.cu",
          "const float away = moments[row * step].x - mean;", "const float away = 0 * mean;", "*group norm*"),
    Fault("a shift that is not the thread's own", "group_norm.cu",
          "load<n>(from + first * call.channels, shift);", "load<n>(from, shift);", "*group norm*"),
    Fault("a bias at the wrong half", "pointwise.cu",
          "load_or_zeros<n>(in<T>(call.bias), call.channels + channel, bias_b);", "load_or_zeros<n>(in<T>(call.bias), channel, bias_b);", "*geglu*"),
    Fault("guidance from the wrong image", "latents.cu", "to_float(from[count]) - output", "output - to_float(from[count])", "*denoised*"),
]
