#!/usr/bin/env bash
# Runs the fuzzers of tests/fuzz (libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer), one after another.
#
#   scripts/fuzz.sh [seconds] [target ...]     60 seconds each and all of them unless given; exit 1 when one found something
#
# Needs clang-19 and libclang-rt-19-dev (scripts/setup.sh --fuzz). Inputs begin with tests/fuzz/corpus/<target>; what
# grows is kept in build/fuzz/corpus, what is found in build/fuzz/found. A finding: mend the reader, then keep the
# input, as small as it goes, in tests/fuzz/corpus/<target>, where the ordinary tests replay it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly seconds="${1:-60}"
shift || true
mapfile -t targets < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else basename -s .cpp -a tests/fuzz/targets/*.cpp; fi)

cmake --preset fuzz > /dev/null
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}"

# Exceptions that leave a target are findings. A reader that asks for more than 512 MiB at once trusts a number in its
# input; one that takes 20 seconds for a few kilobytes hangs.
status=0
for target in "${targets[@]}"; do
  kept="tests/fuzz/corpus/$target" grown="build/fuzz/corpus/$target" found="build/fuzz/found/$target"
  mkdir -p "$kept" "$grown" "$found"
  if build/fuzz/bin/fuzz_"$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 \
      -max_len=65536 -print_final_stats=1 -artifact_prefix="$found/" "$grown" "$kept" > "build/fuzz/$target.log" 2>&1; then
    echo "$target: nothing found; $(grep -o 'number_of_executed_units: .*' "build/fuzz/$target.log" || true)"
  else
    echo "$target: found something, see build/fuzz/$target.log and $found"
    status=1
  fi
done
exit "$status"
