"""CUDA C++ to C++ for the emulator: launches, bounds of launches and shared memory are written in another way, all else
stays, line by line.

translate.py IN.cu OUT.cpp
"""
import pathlib
import re
import sys

LAUNCH = re.compile(r"(\w+)(<[^;{}]*?>)?<<<(.+?)>>>\(", re.S)
BOUNDS = re.compile(r"__global__\s+void\s+__launch_bounds__\(([^)]*)\)\s+(\w+)\(")
SHARED = re.compile(r"__shared__\s+(\w+)\s+(\w+)\[([^\]]+)\];")


def translated(text):
    bounds = {name: threads for threads, name in BOUNDS.findall(text)}

    def launch(match):
        kernel, parameters, how = match[1], match[2] or "", match[3]
        call = f"[](auto... all) {{ {kernel}{parameters}(all...); }}"
        return f'::calotype::emulator::Launch{{{call}, "{kernel}", {bounds.get(kernel, 0)}, {how}}}('

    text = SHARED.sub(r"\1(&\2)[\3] = ::calotype::emulator::shared<\1[\3]>(__LINE__);", text)
    return LAUNCH.sub(launch, text)


def main():
    source, out = map(pathlib.Path, sys.argv[1:])
    # so that what is reported has the kernel's own file and line
    out.write_text(f'#line 1 "{source}"\n{translated(source.read_text())}')


main()
