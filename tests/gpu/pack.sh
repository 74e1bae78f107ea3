#!/usr/bin/env bash
# tests/gpu/pack.sh: gathers in build/gpu what tests/gpu/run.sh needs on another machine: the built program, its plugins, the
# parity test, the kernels for CUDA with their test, and the system libraries they use. libtorch stays out: that machine has its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
from=build/dev to=build/gpu
rm -rf $to
mkdir -p $to/bin $to/lib/system
cp $from/bin/calotype $from/bin/test_parity $from/bin/test_cuda_kernels $to/bin/
cp -r $from/lib/libcalotype.so $from/lib/calotype $to/lib/
for file in $to/bin/* $to/lib/*.so $to/lib/calotype/plugins/*.so; do
  ldd "$file" | awk '$3 ~ /^\// {print $3}'
done | sort -u | grep -E 'libyaml-cpp|libpcre2|libutf8proc|libboost|libz\.so' | xargs -I{} cp -L {} $to/lib/system/
cp -r $from/bin/sdxl $to/bin/  # where a program that links the parts looks for what is beside it
du -sh $to
