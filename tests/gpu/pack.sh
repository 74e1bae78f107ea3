#!/usr/bin/env bash
# tests/gpu/pack.sh [test|bench]: gathers in build/gpu what tests/gpu/run.sh needs on another machine: the built program with its
# plugins, the system libraries they use, and for `test` the tests with their data, for `bench` diffusers with what it needs for the
# Python of that machine (PYTHON=3.12). libtorch and numpy stay out: that machine has its own. At most 64 MiB each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
what=${1:-test} from=build/dev to=build/gpu
[[ $what == test || $what == bench ]] || { echo "pack.sh: want test or bench, got $what" >&2; exit 64; }
rm -rf $to
mkdir -p $to/bin $to/lib/system $to/tests
cp $from/bin/calotype $to/bin/
cp -r $from/lib/libcalotype.so $from/lib/calotype $to/lib/
cp -r tests/gpu $to/tests/
if [[ $what == test ]]; then
  cp $from/bin/test_parity $from/bin/test_cuda_kernels $to/bin/
  cp -r $from/bin/sdxl $to/bin/  # where a program that links the parts looks for what is beside it
  cp -r tests/data $to/tests/
  mkdir $to/configs
  cp -r configs/demo.yaml configs/demo_model $to/configs/
else
  mkdir -p $to/wheels $to/bench $to/tools $to/plugins/sdxl
  cp -r bench/make_model.py bench/peers $to/bench/
  cp -r tools/demo_model $to/tools/
  cp -r plugins/sdxl/data $to/plugins/sdxl/
  python3 -m pip download --quiet --disable-pip-version-check --only-binary=:all: --python-version "${PYTHON:-3.12}" \
    --implementation cp --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    -d $to/wheels $(grep -E '^(diffusers|transformers|safetensors)==' bench/requirements.txt)
  rm -f $to/wheels/{numpy,hf_xet}-*  # hf_xet only fetches
fi
for file in $to/bin/* $to/lib/*.so $to/lib/calotype/plugins/*.so; do
  [[ -d $file ]] || ldd "$file" | awk '$3 ~ /^\// {print $3}'
done | sort -u | grep -E 'libyaml-cpp|libpcre2|libutf8proc|libboost|libz\.so' | xargs -I{} cp -L {} $to/lib/system/
size=$(du -sm $to | cut -f1)
echo "$to: $size MiB for $what"
((size <= 64)) || { echo "pack.sh: want at most 64 MiB" >&2; exit 1; }
