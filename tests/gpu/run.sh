#!/usr/bin/env bash
# tests/gpu/run.sh [OUT]: proves the CUDA path on a machine with an NVIDIA GPU, from what tests/gpu/pack.sh gathered. Needs
# python3 with torch 2.11.0 (its libraries are used, not its Python), no network, no compiler. Writes OUT/gpu-run.json.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-out/gpu}
mkdir -p "$out"
site=$(python3 -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").submodule_search_locations[0]))')
libraries=$(find "$site/torch/lib" "$site"/nvidia -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)
export LD_LIBRARY_PATH=$PWD/build/gpu/lib:$PWD/build/gpu/lib/system:$libraries
calotype=build/gpu/bin/calotype
failed=0
check() {  # check NAME COMMAND...: runs it, keeps its output, counts failures
  local name=$1
  shift
  if "$@" >"$out/$name.log" 2>&1; then echo "ok      $name"; else echo "FAILED  $name"; tail -5 "$out/$name.log"; failed=$((failed + 1)); fi
}
run() { $calotype run configs/demo.yaml --set device=cuda --json --set "output.path=$out/$1.png" "${@:2}"; }

check parity env CALOTYPE_TEST_DEVICE=cuda build/gpu/bin/test_parity
check kernels env CALOTYPE_TEST_DEVICE=cuda build/gpu/bin/test_cuda_kernels
for dtype in float32 bfloat16 float16; do check "demo-$dtype" run "demo-$dtype" --set dtype=$dtype --set images=1; done
check twice bash -c "$(declare -f run); calotype=$calotype out=$out; run a --set dtype=bfloat16 && run b --set dtype=bfloat16 && cmp $out/a.png $out/b.png"
check out-of-memory bash -c "$calotype run configs/demo.yaml --set device=cuda --set width=16384 --set height=16384 --set output=$out/oom.png; test \$? = 75"
check no-such-gpu bash -c "$calotype run configs/demo.yaml --set device=cuda:63 --dry-run; test \$? = 69"

python3 - "$out" "$failed" <<'PY'
import json, pathlib, sys
out = pathlib.Path(sys.argv[1])
runs = {p.stem: json.loads(p.read_text().splitlines()[-1]) for p in sorted(out.glob("demo-*.log")) if p.read_text().startswith("{")}
keep = lambda r: {k: r[k] for k in ("device", "dtype", "statistics", "warnings")}
(out / "gpu-run.json").write_text(json.dumps({"failed": int(sys.argv[2]), "runs": {k: keep(r) for k, r in runs.items()}}, indent=1) + "\n")
PY
exit $((failed > 0))
