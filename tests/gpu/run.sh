#!/usr/bin/env bash
# tests/gpu/run.sh right|fast|bits: proves and measures the CUDA path on a machine with an NVIDIA GPU, in three calls of
# at most nine minutes each: is it right, how fast is it, what do fewer bits cost. README.md beside this lists what to
# bring there. Results: gpu-NAME.json, written again after each line, and gpu-NAME.log, in $OUT, else in the current
# folder.
set -euo pipefail
# fail CODE SENTENCE: before anything is unpacked, so that no minute of a GPU goes by
fail() { echo "run.sh: $2" >&2; exit "$1"; }
call=${1-}
[[ $call == right || $call == fast || $call == bits ]] || fail 64 "want right, fast or bits, got \"$call\""
mkdir -p "${OUT:-.}" && results=$(realpath "${OUT:-.}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pack=${GPU_PACK:-build/gpu/pack.tar.gz} work=${GPU_WORK:-out/gpu}
[[ -f $pack ]] || fail 69 "no $pack; tests/gpu/pack.sh makes it, where the program is built"
version=$(python3 -c 'import importlib.metadata as m; print(m.version("torch"))' 2>/dev/null) || version=none
[[ $version == 2.11.0* && $version != *+cpu ]] ||
  fail 69 "torch of the python3 here ($(command -v python3)): want 2.11.0 with CUDA, got $version"
[[ -n ${GPU_UNDER-} || -e /dev/nvidiactl || -e /dev/dxg ]] || fail 69 "no NVIDIA GPU or driver here"
mkdir -p "$work"
work=$(realpath "$work")
# anew, so that nothing is of an earlier pack
rm -rf "$work/pack" && mkdir "$work/pack" && tar -xzf "$pack" -C "$work/pack"
for wheel in "$work"/pack/wheels/*.whl; do
  [[ ! -e $wheel ]] || python3 -m zipfile -e "$wheel" "$work/pack/python"  # packages of Python alone need no pip
done
# the libtorch of the python3 here; a driver may be found by this variable alone, so what is in it stays
site=$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])')
site=$(dirname "$site")
libraries=$(find "$site/torch/lib" "$site"/nvidia -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PYTHONPATH=$work/pack/python${PYTHONPATH:+:$PYTHONPATH} GPU_WORK=$work
exec python3 tests/gpu/calls.py "$call" "$results"
