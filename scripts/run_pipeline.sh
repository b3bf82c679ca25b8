#!/usr/bin/env bash
# Runs the whole pipeline and prints what it found: first-stage order and reranked order side by side, one explained
# recommendation, and the paths of what was written.
#
#   scripts/run_pipeline.sh
#       data/tiny, with the offline provider, into build/workspace/tiny
#   scripts/run_pipeline.sh CONFIG --raw-reviews FILE --workspace FOLDER [--raw-meta FILE] [options]
#       any dataset: configs/amazon.toml, configs/yelp.toml, your own
#
# Options:
#   --encoder FOLDER    a Hugging Face model folder instead of all-MiniLM-L6-v2
#   --first-stage NAME  popularity, itemknn, ease, text-ease, ials, bpr or lightgcn; default: the config's, else ease
#   --no-train          rerank with the encoder as it comes, without a trained head
#   --candidates FILE   lists of your own recommender, in any format that `rerank` reads, instead of a first stage of
#                       ours. They must not know the test targets; with --service they may know everything
#   --valid-candidates FILE
#                       the same for the valid targets: training chooses its epoch on them. Needed beside --candidates
#                       unless --no-train, --split none or --service says that nothing is trained on your lists
#   --split none        nothing is held out, trained or evaluated: the lists are reranked by all that the reviews say
#   --service           what runs in production: a head is trained under leave-one-out in FOLDER/leave-one-out, then
#                       everything is built anew with that head and --split none in FOLDER
#   --llm NAME, --llm-... VALUE, --max-cost USD, --max-tokens-total N, --concurrency N, --rpm N, --tpm N, --timeout S,
#   --max-rejects N     of the four stages that ask a language model, passed on to them (docs/llm.md)
#   --skip-setup        neither set-up nor build: use build/release/persona4rec as it is
#
# What is missing on this machine is brought first (scripts/setup.sh) and the program is built. A second run brings and
# builds nothing, encodes no text again, asks no language model again, and writes the same bytes.
#
# Of an installed program (share/persona4rec/scripts) it runs that one, sets nothing up, and takes data/tiny into
# persona4rec-tiny in the folder where it was called.
set -euo pipefail
start=$PWD
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
program=build/release/persona4rec encoder=build/deps/models/all-MiniLM-L6-v2 tiny=build/workspace/tiny installed=no
if [ ! -e CMakeLists.txt ]; then
  program=../../bin/persona4rec encoder=models/all-MiniLM-L6-v2 tiny=$start/persona4rec-tiny installed=yes
fi

usage() { sed -n '2,/^set -e/s/^# \{0,1\}//p' scripts/run_pipeline.sh >&2; exit "$1"; }
wrong() { printf 'run_pipeline: %s\n' "$*" >&2; exit 2; }
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$start" "$1" ;; esac; }

config='' reviews='' meta='' workspace='' first_stage='' lists='' valid_lists='' store='' set_up=yes train=yes service=no
asking=() # flags of the stages that ask
split=()  # flags of the stages that split, over the config's
while [ $# -gt 0 ]; do
  case $1 in
    --raw-reviews | --raw-meta | --workspace | --encoder | --first-stage | --candidates | --valid-candidates | --split | \
      --llm | --llm-* | --max-cost | --max-tokens-total | --concurrency | --rpm | --tpm | --timeout | --max-rejects)
      [ $# -ge 2 ] || wrong "$1 needs a value" ;;
  esac
  case $1 in
    -h | --help) usage 0 ;;
    --raw-reviews) reviews=$(absolute "$2"); shift ;;
    --raw-meta) meta=$(absolute "$2"); shift ;;
    --workspace) workspace=$(absolute "$2"); shift ;;
    --encoder) encoder=$(absolute "$2"); shift ;;
    --first-stage) first_stage=$2; shift ;;
    --candidates) lists=$(absolute "$2"); shift ;;
    --valid-candidates) valid_lists=$(absolute "$2"); shift ;;
    --split) [ "$2" = none ] || wrong "--split: expected none, got \"$2\" (other splits are the config's)"
             split=(--split none); shift ;;
    --llm-prices) asking+=("$1" "$(absolute "$2")"); shift ;;
    --llm-store) store=$(absolute "$2"); shift ;;
    --llm | --llm-* | --max-cost | --max-tokens-total | --concurrency | --rpm | --tpm | --timeout | --max-rejects)
      asking+=("$1" "$2"); shift ;;
    --service) service=yes ;;
    --no-train) train=no ;;
    --skip-setup) set_up=no ;;
    -*) wrong "unknown option $1 (--help lists them)" ;;
    *) [ -z "$config" ] || wrong "two configs: $config and $1"; config=$(absolute "$1") ;;
  esac
  shift
done

if [ -z "$config" ]; then
  [ -z "$reviews$meta" ] || wrong "--raw-reviews and --raw-meta need a CONFIG"
  config=configs/tiny.toml reviews=data/tiny/reviews.jsonl meta=data/tiny/meta.jsonl
  workspace=${workspace:-$tiny}
fi
[ -n "$reviews" ] || wrong "--raw-reviews is missing"
[ -n "$workspace" ] || wrong "--workspace is missing"
[ $service = no ] || [ ${#split[@]} -eq 0 ] || wrong "--service has both splits: leave --split out"
[ $service = no ] || [ $train = yes ] || wrong "--service trains a head: leave --no-train out, or take --split none"
[ ${#split[@]} -eq 0 ] || train=no
[ -z "$lists$valid_lists" ] || [ -z "$first_stage" ] || [ $service = yes ] ||
  wrong "--first-stage and --candidates exclude each other"
if [ $service = no ]; then
  [ -z "$valid_lists" ] || [ -n "$lists" ] || wrong "--valid-candidates needs --candidates"
  [ -z "$lists" ] || [ -n "$valid_lists" ] || [ $train = no ] ||
    wrong "--candidates needs --valid-candidates FILE, or --no-train, --split none or --service (--help)"
fi

# Both splits of --service ask much the same: an answer is paid for once.
[ $service = no ] || store=${store:-$workspace/llm.sqlite}
[ -z "$store" ] || asking+=(--llm-store "$store")

if [ $set_up = yes ] && [ $installed = no ]; then
  scripts/setup.sh
  cmake --preset release > build/cmake.release.log 2>&1 || { cat build/cmake.release.log >&2; exit 1; }
  cmake --build --preset release --target persona4rec >&2
fi

# run COMMAND [FLAGS...]: one stage in $folder; it says on stderr what it did. What is fresh is not made again.
run() { "$program" "$1" --config "$config" --workspace "$folder" --if-stale "${@:2}"; }

# What the reviews say, whatever is held out: once for both splits of --service.
read_reviews() {
  run extract-aspects --raw-reviews "$reviews" "${asking[@]}"
  run summarize --raw-reviews "$reviews" ${meta:+--raw-meta "$meta"} "${asking[@]}"
}
from_reviews=() # where the stages that read 1_aspects and 2_summary find them
split_reviews() {
  run personas "${from_reviews[@]}" "${split[@]}" "${asking[@]}"
  run prepare "${from_reviews[@]}" "${split[@]}"
}
own_lists() { run candidates "${from_reviews[@]:0:2}" --for "$1" "${split[@]}" ${first_stage:+--method "$first_stage"}; }

train_head() {
  run select "${split[@]}" "${asking[@]}"
  [ -n "$valid_lists" ] || own_lists valid
  run train --encoder "$encoder" "${split[@]}" --valid-candidates "${valid_lists:-$folder/candidate.valid.jsonl}" \
    ${first_stage:+--first-stage "$first_stage"}
  encoder=$folder/encoder
}

# The best of the first user whose best item came up from further down; where there is none, of the first one.
explain_one() {
  local user
  user=$(python3 - "$folder/reranked.jsonl" <<'PYTHON'
import json, sys
rows = [row for row in map(json.loads, open(sys.argv[1], encoding="utf-8")) if row["results"]]
moved = [row for row in rows if row["results"][0]["base_rank"] > 1]
print((moved or rows)[0]["user_id"])
PYTHON
)
  echo
  run rerank --candidates "$1" --explain "$user:1"
}

mkdir -p "$workspace"
folder=$workspace
if [ $service = yes ]; then
  mkdir -p "$workspace/leave-one-out"
  read_reviews
  from_reviews=(--aspects "$workspace/1_aspects.jsonl" --summary "$workspace/2_summary.jsonl")
  folder=$workspace/leave-one-out split=(--split leave-one-out)
  split_reviews
  train_head
  for kept in text.store encoder.dtype.json; do # no text is encoded twice, and in one number type
    [ -e "$workspace/$kept" ] || [ ! -e "$folder/$kept" ] || cp "$folder/$kept" "$workspace/$kept"
  done
  folder=$workspace split=(--split none)
  split_reviews
else
  read_reviews
  split_reviews
  [ $train = no ] || train_head
fi

[ -n "$lists" ] || own_lists test
lists=${lists:-$folder/candidate.test.jsonl}
run cache --encoder "$encoder" "${split[@]}"
run rerank --candidates "$lists"

if [ ${#split[@]} -eq 0 ]; then run eval "$lists" "$folder/reranked.jsonl" --names candidates,reranked; fi
explain_one "$lists"
echo
echo "Written:"
find "$workspace" -maxdepth 1 ! -name '*.meta.json' ! -name '*.run.json' -mindepth 1 | sort | sed 's/^/  /'
