#!/usr/bin/env bash
# tests/sanitize.sh [asan] [valgrind] [tsan] [suite]: how plugins are loaded, run, unloaded, rebuilt and called from
# many threads, under these, or under the first three. Ends with the first finding. The three tests have no libtorch in
# them. suite: every test under AddressSanitizer and UndefinedBehaviorSanitizer; the last result is sanitize_suite.txt
# beside this file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# on PRESET WRAPPER... -- TEST...
on() {
  local preset=$1 wrapper=() test
  shift
  while [[ $1 != -- ]]; do
    wrapper+=("$1")
    shift
  done
  shift
  [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset"
  cmake --build --preset "$preset" --target "$@"
  for test in "$@"; do
    printf '%s under %s\n' "$test" "${wrapper[0]:-$preset}"
    "${wrapper[@]}" "build/$preset/bin/$test"
  done
}

# LeakSanitizer of GCC 12 reads thread_local variables of libraries that are gone, and crashes: use_tls=0
export ASAN_OPTIONS=detect_leaks=1
export LSAN_OPTIONS=use_tls=0:print_suppressions=0:suppressions=$PWD/tests/lsan_suppressions.txt
# plugin_check and mutants are left out: a check of plugins for stray memory, threads and files would find the
# sanitizer's.
# Goes on where an earlier call was ended: a test that passed since its program was linked is not run again.
suite() {
  [[ -f build/asan/build.ninja ]] || cmake --preset asan
  cmake --build --preset asan
  export ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=2
  local build=build/asan done=build/asan/suite status=0 tests test
  mkdir -p "$done"
  mapfile -t tests < <(ctest --test-dir "$build" -N -E '^(plugin_check|mutants|install|failing_calls.*|kills)' |
    sed -n 's/^ *Test *#[0-9]*: //p')
  for test in "${tests[@]}"; do
    [[ $done/$test.passed -nt $build/bin/test_$test && $done/$test.passed -nt $build/lib/libcalotype.so ]] && continue
    rm -f "$done/$test.passed"
    if ctest --test-dir "$build" -R "^$test\$" --timeout 3000 --output-on-failure >"$done/$test.log" 2>&1; then
      touch "$done/$test.passed"
    else
      status=1
      grep -hE 'SUMMARY|runtime error' "$done/$test.log" | sort -u || true
    fi
    suite_result "$done" "${tests[@]}" >tests/sanitize_suite.txt
  done
  tail -1 tests/sanitize_suite.txt
  return $status
}

# suite_result FOLDER TEST...: a line for each test, and how many passed.
suite_result() {
  local folder=$1 passed=0 test
  shift
  for test; do
    if [[ -f $folder/$test.passed ]]; then
      echo "$test passed"
    elif [[ -f $folder/$test.log ]]; then
      echo "$test failed"
    else
      echo "$test not run"
    fi
  done | sort
  for test; do [[ -f $folder/$test.passed ]] && passed=$((passed + 1)); done
  echo "$passed of $# passed"
}
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
(($#)) || set -- asan valgrind tsan
for tool; do
  case $tool in
    asan) on asan -- test_lifetime test_threads test_exits ;;
    valgrind)
      on dev valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --error-exitcode=1 -- test_lifetime test_threads test_exits
      ;;
    tsan) on tsan -- test_lifetime test_threads ;;
    suite) suite ;;
    *) echo "want asan, valgrind, tsan or suite, got $tool" >&2; exit 64 ;;
  esac
done
