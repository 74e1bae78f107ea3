"""Takes the memory of a GPU, but for so many MiB, and keeps it until its input ends: hold_memory.py MIB

Prints how much it took. Needs nothing but CUDA's runtime.
"""
import ctypes
import sys


def main():
    runtime = ctypes.CDLL("libcudart.so.13")
    free, whole, memory = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.c_void_p()
    for error in (runtime.cudaSetDevice(0), runtime.cudaMemGetInfo(ctypes.byref(free), ctypes.byref(whole))):
        if error:
            sys.exit(f"CUDA error {error}")
    size = free.value - (int(sys.argv[1]) << 20)
    if size <= 0:
        sys.exit(f"{free.value >> 20} MiB are free")
    if error := runtime.cudaMalloc(ctypes.byref(memory), ctypes.c_size_t(size)):
        sys.exit(f"cudaMalloc of {size} bytes: error {error}")
    print(f"holds {size >> 20} of {whole.value >> 20} MiB", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
