#!/usr/bin/env bash
# The stages that ask, without a model: reviews a second of extract-aspects and personas, targets a second of select, on
# all processors and on one, and whether both wrote the same. On purpose and on a quiet machine.
#
#   bench/offline_bench.sh RAW_REVIEWS RAW_META [CONFIG]     configs/amazon.toml unless given; P4R_BUILD: build/release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -ge 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
readonly reviews=$1 meta=$2 config=${3:-configs/amazon.toml}
readonly program=${P4R_BUILD:-build/release}/persona4rec
[ -x "$program" ] || { echo "offline_bench: build first (scripts/test.sh)" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# timed WHAT ARTIFACT COMMAND...: rows of the artifact that the command writes, or reads, by the seconds that it takes.
timed() {
  local what=$1 artifact=$2 begin seconds
  shift 2
  begin=$(date +%s.%N)
  "$@"
  seconds=$(echo "$(date +%s.%N) - $begin" | bc)
  echo "$what: $(echo "$(wc -l < "$artifact") / $seconds" | bc) a second ($seconds s)"
}

run() {
  local workspace=$1 each
  shift
  each=(--config "$config" --workspace "$workspace" --quiet)
  timed "extract-aspects, reviews" "$workspace/1_aspects.jsonl" "$@" "$program" extract-aspects "${each[@]}" --raw-reviews "$reviews"
  "$program" summarize "${each[@]}" --raw-reviews "$reviews" --raw-meta "$meta"
  timed "personas, reviews" "$workspace/1_aspects.jsonl" "$@" "$program" personas "${each[@]}"
  "$program" prepare "${each[@]}"
  timed "select, targets" "$workspace/4_selected_personas.jsonl" "$@" "$program" select "${each[@]}"
}

echo "machine: $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
run "$folder/all" env
echo "on one processor:"
run "$folder/one" taskset -c 0
if diff -rq --exclude='*.run.json' "$folder/all" "$folder/one"; then echo "the same bytes"; else exit 1; fi
