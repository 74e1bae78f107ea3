"""Makes empty libraries in the place of cuBLAS, cuDNN and all others that libtorch_cuda needs beside the runtime: each
has
the functions that libtorch asks of it, which tell the stand-in that they were called and succeed.

empty_libraries.py COMPILER TORCH_LIB OUT"""
import collections
import pathlib
import subprocess
import sys

ASKING = ("libtorch_cuda.so", "libc10_cuda.so", "libtorch_nvshmem.so", "libcaffe2_nvrtc.so")
# libraries whose functions carry the library's name as their version
VERSIONED = (
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcusparse.so.12",
    "libnvrtc.so.13",
)
BY_PREFIX = {
    "cusparseLt": "libcusparseLt.so.0",
    "nccl": "libnccl.so.2",
    "nvshmem": "libnvshmem_host.so.3",
    "curand": "libcurand.so.10",
    "cuFile": "libcufile.so.0",
}
DRIVER = "libcuda.so.1"
# what libtorch reads of what they give back
BODIES = {
    "cudnnGetVersion": "return 91900;",
    "cudnnGetCudartVersion": "return 13000;",
    "cublasLtGetVersion": "return 130100;",
    "cudnnCreate": "*(void**)a = (void*)0xd00d; return 0;",
    "cublasCreate_v2": "static long made; *(void**)a = (void*)(0xb1a500 + ++made); return 0;",  # one for each device
    "cublasLtCreate": "*(void**)a = (void*)0xb1a6; return 0;",
    "cusparseCreate": "*(void**)a = (void*)0x5a; return 0;",
    "cublasSetWorkspace_v2": "stand_in_cublas_workspace(b, (unsigned long)c); return 0;",
    "cuCtxGetCurrent": "*(void**)a = (void*)0xc0; return 0;",
    "cuDevicePrimaryCtxGetState": "*(unsigned*)b = 0; *(int*)c = 1; return 0;",
    "ncclGetVersion": "*(int*)a = 22800; return 0;",
}


def library_of(symbol: str, version: str, asking: str) -> str | None:
    if version in VERSIONED:
        return version
    if asking == "libcaffe2_nvrtc.so" and symbol.startswith("cu"):
        return DRIVER
    return next((library for prefix, library in BY_PREFIX.items() if symbol.startswith(prefix)), None)


def asked_for(torch_lib: pathlib.Path) -> dict[str, dict[str, str]]:
    """Of each library the symbols, with their versions."""
    found: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for library in (*VERSIONED, *BY_PREFIX.values(), DRIVER):
        found[library]
    for asking in ASKING:
        command = ["nm", "-D", "--undefined-only", torch_lib / asking]
        for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
            symbol, _, version = line.split()[-1].partition("@")
            version = version.lstrip("@")
            if library := library_of(symbol, version, asking):
                found[library][symbol] = version
    return found


def body_of(symbol: str) -> str:
    is_text = "String" in symbol or "GetLastError" in symbol
    return BODIES.get(symbol, 'return (long)"an empty library";' if is_text else "return 0;")


def make(compiler: str, out: pathlib.Path, library: str, symbols: dict[str, str]) -> None:
    source, script = out / f"{library}.c", out / f"{library}.map"
    lines = ["void stand_in_library_call(const char*);", "void stand_in_cublas_workspace(void*, unsigned long);"]
    for symbol in sorted(symbols):
        call = f'stand_in_library_call("{symbol}"); (void)a, (void)b, (void)c;'
        lines.append(f"long {symbol}(void* a, void* b, void* c) {{ {call} {body_of(symbol)} }}")
    source.write_text("\n".join(lines) + "\n")
    options = ["-shared", "-fPIC", "-w", "-O0", f"-Wl,-soname,{library}"]
    if versions := {v for v in symbols.values() if v}:
        script.write_text("".join(f"{version} {{ global: *; }};\n" for version in versions))
        options.append(f"-Wl,--version-script={script}")
    subprocess.run([compiler, *options, "-o", out / library, source], check=True)


def main() -> None:
    compiler, torch_lib, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    for library, symbols in asked_for(torch_lib).items():
        make(compiler, out, library, symbols)


main()
