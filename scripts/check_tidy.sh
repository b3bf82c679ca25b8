#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the program's sources, with the compile commands of build/release. A file that passed
# is not looked at again until it, a project header that it includes, or .clang-tidy changes.
#
#   scripts/check_tidy.sh [FILE...]     default: every .cpp under src
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export build=${P4R_BUILD:-build/release} passed=build/tidy
export tidy=${CLANG_TIDY:-clang-tidy-19}
[ -e "$build/compile_commands.json" ] || { echo "check_tidy: run cmake --preset release first" >&2; exit 2; }
mkdir -p "$passed"

# A hash of all that decides the verdict on one file, system headers aside.
fingerprint() {
  local own
  own=$("${CXX:-g++}" -std=c++20 -MM -MG -Iinclude -Isrc "$1" | tr -d '\\\n' | cut -d: -f2-)
  # shellcheck disable=SC2086  # a list of paths without spaces
  for path in $own; do if [ -e "$path" ]; then sha256sum "$path"; fi; done | cat - .clang-tidy | sha256sum | cut -c1-64
}

check() {
  local mark
  mark=$passed/$(fingerprint "$1")
  if [ -e "$mark" ]; then return; fi
  if ! "$tidy" -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-deprecated-declarations "$1" 2> "$mark.err"; then
    grep -v "warnings generated" "$mark.err" >&2 || true
    rm "$mark.err"
    return 1
  fi
  rm "$mark.err"
  : > "$mark"
}
export -f fingerprint check

if [ $# -gt 0 ]; then printf '%s\0' "$@"; else find src -name '*.cpp' -print0 | sort -z; fi |
  xargs -0 -r -P "$(nproc)" -I{} bash -c 'set -euo pipefail; check {}'
echo "check_tidy: no findings"
