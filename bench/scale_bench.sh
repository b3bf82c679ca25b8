#!/usr/bin/env bash
# Every stage on made-up reviews of a size: seconds by the clock, processor seconds and peak memory of each.
#
#   bench/scale_bench.sh REVIEWS [WORK] [ENCODER]
#
# WORK (build/scale) gets what bench/make_reviews.py makes and the workspace; what is there already is taken as it is.
# STAGES="extract-aspects prepare" runs some alone, P4R another program.
# ENCODER (tests/golden/encoder/tiny_bert: 32 dimensions, so that the texts cost little and all else stands out).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reviews=$1
work=${2:-build/scale}
encoder=${3:-tests/golden/encoder/tiny_bert}
program=${P4R:-build/release/persona4rec}
stages=${STAGES:-extract-aspects summarize personas prepare select candidates train cache rerank eval}
mkdir -p "$work"
[ -e "$work/reviews.jsonl" ] || python3 bench/make_reviews.py "$work" --reviews "$reviews"

raw=(--raw-reviews "$work/reviews.jsonl")
all=(--config configs/amazon.toml --workspace "$work" --quiet)
split=(--split leave-one-out --seed 0)
served=$encoder  # by cache: what train made, where it ran
case " $stages " in *" train "*) served=$work/encoder ;; esac
declare -A flags=(
  [extract-aspects]="${raw[*]}"
  [summarize]="${raw[*]} --raw-meta $work/meta.jsonl"
  [personas]="${split[*]}"
  [prepare]="${split[*]}"
  [select]="${split[*]}"
  [candidates]="${split[*]} --method itemknn --topk 100"
  [train]="${split[*]} --encoder $encoder --output $work/encoder --no-fit --dtype f32"
  [cache]="${split[*]} --encoder $served --dtype f32"
  [rerank]=""
  [eval]=""
)

printf '%-16s %10s %12s %10s\n' stage seconds "processor s" "peak MiB"
for stage in $stages; do
  # shellcheck disable=SC2086  # flags without spaces
  /usr/bin/time -f '%e %U %S %M' -o "$work/time.$stage" "$program" "$stage" "${all[@]}" ${flags[$stage]} > "$work/$stage.out" 2> "$work/$stage.log" ||
    { echo "$stage failed: $(tail -n 1 "$work/$stage.log")"; exit 1; }
  awk -v stage="$stage" '{ printf "%-16s %10.1f %12.1f %10.0f\n", stage, $1, $2 + $3, $4 / 1024 }' "$work/time.$stage"
done
du -sh "$work" | awk '{ print "disk " $1 }'
lscpu | sed -n 's/^Model name: */processor /p'
