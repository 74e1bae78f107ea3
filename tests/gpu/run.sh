#!/usr/bin/env bash
# tests/gpu/run.sh: proves and measures the CUDA path on a machine with an NVIDIA GPU, from what tests/gpu/pack.sh gathered; run the
# copy in build/gpu. Needs python3 with torch 2.11.0, no network, no compiler. Does the parts whose pack is there, each failing
# alone; logs and pictures go to out/gpu, gpu-test.json and gpu-bench.json to $OUT, else to the current folder.
set -uo pipefail
results=$(realpath "${OUT:-.}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=out/gpu
mkdir -p $out
site=$(python3 -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").submodule_search_locations[0]))')
libraries=$(find "$site/torch/lib" "$site"/nvidia -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)
export LD_LIBRARY_PATH=$PWD/lib:$PWD/lib/system:$libraries
calotype=bin/calotype
failed=0
check() {  # check NAME COMMAND...: runs it, keeps its output, counts failures
  local name=$1
  shift
  if "$@" >"$out/$name.log" 2>&1; then echo "ok      $name"; else echo "FAILED  $name"; tail -5 "$out/$name.log"; failed=$((failed + 1)); fi
  grep -h SKIPPED "$out/$name.log"
}
run() { $calotype run configs/demo.yaml --set device=cuda --json --set "output.path=$out/$1.png" "${@:2}"; }

tests() {
  check parity env CALOTYPE_TEST_DEVICE=cuda bin/test_parity
  check kernels env CALOTYPE_TEST_DEVICE=cuda bin/test_cuda_kernels
  for dtype in float32 bfloat16 float16; do check "demo-$dtype" run "demo-$dtype" --set dtype=$dtype --set images=1; done
  for how in int8 fp8 nf4; do check "demo-$how" run "demo-$how" --set quantize=$how; done
  for where in model_offload block_offload; do check "demo-$where" run "demo-$where" --set memory=$where; done
  check batch run batch --set images=4 --set batch=4
  check twice bash -c "$(declare -f run); calotype=$calotype out=$out; run a --set dtype=bfloat16 && run b --set dtype=bfloat16 && cmp $out/a.png $out/b.png"
  check out-of-memory bash -c "$calotype run configs/demo.yaml --set device=cuda --set width=16384 --set height=16384 --set output=$out/oom.png; test \$? = 75"
  check no-such-gpu bash -c "$calotype run configs/demo.yaml --set device=cuda:63 --dry-run; test \$? = 69"
  python3 - "$out" "$results" "$failed" <<'PY'
import json, pathlib, sys
out = pathlib.Path(sys.argv[1])
runs = {p.stem: json.loads(p.read_text().splitlines()[-1]) for p in sorted(out.glob("demo-*.log")) if p.read_text().startswith("{")}
keep = lambda r: {k: r[k] for k in ("device", "dtype", "statistics", "warnings")}
result = {"failed": int(sys.argv[3]), "runs": {k: keep(r) for k, r in runs.items()}}
(pathlib.Path(sys.argv[2]) / "gpu-test.json").write_text(json.dumps(result, indent=1) + "\n")
PY
}

bench() {
  python3 -m pip install -q --no-index --no-deps --no-compile --upgrade --target out/site wheels/*.whl
  PYTHONPATH=$PWD/out/site python3 tests/gpu/measure.py $calotype out/sdxl "$results/gpu-bench.json" || failed=$((failed + 1))
}

[[ -x bin/test_cuda_kernels || -d wheels ]] || { echo "FAILED: nothing is packed in $PWD; pack.sh fills build/gpu, whose copy of this is to be run"; exit 1; }
if [[ -x bin/test_cuda_kernels ]]; then tests; else echo "SKIPPED tests: pack.sh test gathers them"; fi
if [[ -d wheels ]]; then bench; else echo "SKIPPED bench: pack.sh bench gathers it"; fi
exit $((failed > 0))
