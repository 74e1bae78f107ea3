#!/usr/bin/env bash
# tests/gpu/pack.sh [FILE]: packs into FILE, else build/gpu/pack.tar.gz, what tests/gpu/run.sh needs on another machine
# beside the tracked files: the built program with its plugins, tests and benchmarks, stripped, the system libraries
# that they use and, unless GPU_PEERS=0, diffusers for the Python there (PYTHON=3.12). libtorch, transformers and what
# else diffusers needs stay out: that machine has its own. At most 20 MiB, and 60 with the tracked files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
from=${GPU_FROM:-build/dev} file=${1:-build/gpu/pack.tar.gz} most=20 most_in_all=60
[[ -f $from/lib/calotype/plugins/networks/sdxl_cuda.so ]] ||
  {
    echo "pack.sh: $from is without the kernels for CUDA; want nvcc (CUDA 13.0) on the PATH, and ./dev build" >&2
    exit 69
  }
to=$(mktemp -d)
trap 'rm -rf "$to"' EXIT
mkdir -p "$to"/{bin,lib/system,wheels} "$(dirname "$file")"
cp "$from"/bin/{calotype,test_parity,test_cuda_kernels,bench_cuda} "$to/bin/"
cp "$from/lib/libcalotype.so" "$to/lib/"
cp -r "$from/lib/calotype" "$to/lib/"
rm -f "$to/lib/calotype/libcalotype_figures.so"  # which draws pages, and wants Cairo
# where a program that links the folders looks for what is beside it
ln -s ../lib/calotype/plugins/networks "$to/bin/networks"
binaries=(find "$to" -type f '(' -perm -u+x -o -name '*.so' ')')
"${binaries[@]}" -exec strip --strip-unneeded {} +
# of the system only what machines often lack
"${binaries[@]}" -exec ldd {} + 2>/dev/null | awk '$3 ~ /^\// {print $3}' | sort -u |
  grep -E '/lib(boost_[a-z_]*|crypto|pcre2-8|utf8proc|yaml-cpp|z)\.so' | xargs -I{} cp -L {} "$to/lib/system/"
# where libraries are on this machine, so that a rehearsal finds none that the pack lacks
! command -v patchelf >/dev/null || "${binaries[@]}" -exec patchelf --remove-rpath {} +
git rev-parse --short HEAD >"$to/revision" 2>/dev/null || rm "$to/revision"
((${GPU_PEERS:-1} == 0)) ||
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version "${PYTHON:-3.12}" -d "$to/wheels" "$(grep '^diffusers==' bench/requirements.txt)" \
    importlib_metadata zipp
tar -czf "$file" -C "$to" .
mib() { echo $((($1 + 1048575) >> 20)); }
size=$(mib "$(stat -c %s "$file")") tracked=0
! git rev-parse 2>/dev/null || tracked=$(mib "$(git ls-files -z | du -cb --files0-from=- | tail -1 | cut -f1)")
echo "$file: $size MiB, beside $tracked of tracked files"
((size <= most && size + tracked <= most_in_all)) ||
  { echo "pack.sh: want at most $most MiB, and $most_in_all in all" >&2; exit 1; }
