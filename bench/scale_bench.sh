#!/usr/bin/env bash
# Every stage on made-up reviews of a size: seconds by the clock, processor seconds, peak memory and what each wrote.
#
#   bench/scale_bench.sh REVIEWS [WORK] [ENCODER]
#
# WORK (build/scale) gets what bench/make_reviews.py makes and the workspace; what is there already is taken as it is, and
# the figures in WORK/scale.tsv too, from which bench/scale_estimate.py tells larger sets.
# STAGES="extract-aspects prepare" runs some alone, P4R another program. WORDS: mean length of a review (45), TOPK: items
# of a list (100). LEAN=1 removes a stage's inputs behind the last stage that reads them, for disks that are short.
# ENCODER (tests/golden/encoder/tiny_bert: 32 dimensions, so that the texts cost little and all else stands out).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reviews=$1
work=${2:-build/scale}
encoder=${3:-tests/golden/encoder/tiny_bert}
program=${P4R:-build/release/persona4rec}
stages=${STAGES:-extract-aspects summarize personas prepare select candidates train cache rerank eval}
mkdir -p "$work"
if [[ " $stages " == *" extract-aspects "* && ! -e $work/reviews.jsonl ]]; then
  python3 bench/make_reviews.py "$work" --reviews "$reviews" --words "${WORDS:-45}"
fi
touch "$work/scale.tsv"

raw=(--raw-reviews "$work/reviews.jsonl")
all=(--config configs/amazon.toml --workspace "$work" --quiet)
split=(--split leave-one-out --seed 0)
served=$encoder  # by cache: what train made, where it ran
[[ " $stages " == *" train "* || -e $work/encoder ]] && served=$work/encoder
declare -A flags=(
  [extract-aspects]="${raw[*]}"
  [summarize]="${raw[*]} --raw-meta $work/meta.jsonl"
  [personas]="${split[*]}"
  [prepare]="${split[*]}"
  [select]="${split[*]}"
  [candidates]="${split[*]} --method itemknn --topk ${TOPK:-100}"
  [train]="${split[*]} --encoder $encoder --output $work/encoder --no-fit --dtype f32"
  [cache]="${split[*]} --encoder $served --dtype f32"
  [rerank]=""
  [eval]=""
)
declare -A read_last=(
  [summarize]=reviews.jsonl
  [prepare]="3_personas.jsonl 3.5_history_loo.jsonl"
  [candidates]=1_aspects.jsonl
  [train]="2.5_grouped.jsonl 4_selected_personas.jsonl"
  [cache]="3.5_history.jsonl text.store"
)

written() { du -sm "$work" | cut -f1; }

printf '%-16s %10s %12s %10s %12s\n' stage seconds "processor s" "peak MiB" "MiB written"
for stage in $stages; do
  before=$(written)
  # shellcheck disable=SC2086  # flags without spaces
  /usr/bin/time -f '%e %U %S %M' -o "$work/time.$stage" "$program" "$stage" "${all[@]}" ${flags[$stage]} > "$work/$stage.out" 2> "$work/$stage.log" ||
    { echo "$stage failed: $(tail -n 1 "$work/$stage.log")"; exit 1; }
  line=$(awk -v mib=$(($(written) - before)) '{ print $1, $2 + $3, $4 / 1024, mib }' "$work/time.$stage")
  # shellcheck disable=SC2086  # four numbers
  printf '%-16s %10.1f %12.1f %10.0f %12.0f\n' "$stage" $line
  sed -i "/^$stage\t/d" "$work/scale.tsv"
  printf '%s\t%s\t%s\n' "$stage" "$reviews" "${line// /$'\t'}" >> "$work/scale.tsv"
  [ -z "${LEAN:-}" ] || for file in ${read_last[$stage]:-}; do rm -f "$work/$file"; done
done
lscpu | sed -n 's/^Model name: */processor /p'
