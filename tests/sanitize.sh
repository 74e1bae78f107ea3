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
# sanitizer's
suite() {
  [[ -f build/asan/build.ninja ]] || cmake --preset asan
  cmake --build --preset asan
  export ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=2
  local status=0
  ctest --test-dir build/asan -j2 -E '^(plugin_check|mutants|install|failing_calls.*|kills)' --timeout 3000 \
    --output-on-failure >build/asan/suite.log || status=$?
  sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: \([a-z_-]*\) \.*\**\([A-Za-z ]*[a-z]\) .*/\1 \2/p' build/asan/suite.log |
    sort >tests/sanitize_suite.txt
  grep -E 'tests passed|SUMMARY' build/asan/suite.log | tee -a tests/sanitize_suite.txt
  return $status
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
