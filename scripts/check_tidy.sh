#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the program's sources, with the compile commands of build/lint, where nothing is
# built. A file that passed is not looked at again until it, a project header that it includes, or .clang-tidy changes.
#
#   scripts/check_tidy.sh                    every .cpp under src
#   scripts/check_tidy.sh FILE...            these
#   scripts/check_tidy.sh --changed [REV]    those that differ from REV, by themselves or by a header of the same name;
#                                            default: where the branch left its upstream; without one the commit before.
#                                            More than 40 files are no longer a change: it says so and looks at none
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export build=${P4R_BUILD:-build/lint} passed=build/tidy
export tidy=${CLANG_TIDY:-clang-tidy-19}

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
  if ! "$tidy" -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch --extra-arg=-Wno-deprecated-declarations "$1" 2> "$mark.err"; then
    grep -v "warnings generated" "$mark.err" >&2 || true
    rm "$mark.err"
    return 1
  fi
  rm "$mark.err"
  : > "$mark"
}
export -f fingerprint check

# What the working tree is compared with; empty where there is nothing to compare with.
base_revision() {
  git rev-parse --git-dir > /dev/null 2>&1 || return 0
  git merge-base HEAD '@{upstream}' 2> /dev/null || git rev-parse --quiet --verify HEAD~1 || true
}

# The sources under src that differ from revision $1, those of changed headers with them.
list_changed() {
  local file
  { git diff --name-only --diff-filter=d "$1" -- src; git ls-files --others --exclude-standard -- src; } |
    sed -n 's/\.[ch]pp$/.cpp/p' | LC_ALL=C sort -u | while read -r file; do
      if [ -e "$file" ]; then printf '%s\0' "$file"; fi
    done
}

list_files() {
  if [ "${1:-}" = --changed ]; then
    local base=${2:-$(base_revision)}
    if [ -n "$base" ]; then list_changed "$base"; fi
  elif [ $# -gt 0 ]; then
    printf '%s\0' "$@"
  else
    find src -name '*.cpp' -print0 | sort -z
  fi
}

mapfile -d '' -t files < <(list_files "$@")
if [ ${#files[@]} -eq 0 ]; then
  echo "check_tidy: nothing changed, nothing to look at"
  exit 0
fi
if [ "${1:-}" = --changed ] && [ ${#files[@]} -gt 40 ]; then
  echo "check_tidy: ${#files[@]} files changed, which takes as long as the whole: run scripts/check_tidy.sh without --changed"
  exit 0
fi
if [ -z "${P4R_BUILD:-}" ]; then cmake --preset lint > /dev/null; fi
[ -e "$build/compile_commands.json" ] || { echo "check_tidy: $build has no compile_commands.json" >&2; exit 2; }
mkdir -p "$passed"
printf '%s\0' "${files[@]}" | xargs -0 -r -P "$(nproc)" -I{} bash -c 'set -euo pipefail; check {}'
echo "check_tidy: no findings in ${#files[@]} files"
