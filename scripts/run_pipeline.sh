#!/usr/bin/env bash
# Runs the whole pipeline and prints what it found: first-stage order and reranked order side by side, one explained
# recommendation, and the paths of what was written.
#
#   scripts/run_pipeline.sh
#       data/tiny, with the offline provider, into build/workspace/tiny
#   scripts/run_pipeline.sh CONFIG --raw-reviews FILE --raw-meta FILE --workspace FOLDER [options]
#       any dataset: configs/amazon.toml, configs/yelp.toml, your own
#
# Options:
#   --encoder FOLDER    a Hugging Face model folder instead of all-MiniLM-L6-v2
#   --first-stage NAME  popularity, itemknn, ease or text-ease; default: the config's, else ease
#   --no-train          rerank with the encoder as it comes, without a trained head
#   --skip-setup        neither set-up nor build: use build/release/persona4rec as it is
#
# What is missing on this machine is brought first (scripts/setup.sh) and the program is built. A second run brings and
# builds nothing, encodes no text again, and writes the same bytes.
set -euo pipefail
start=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=build/release/persona4rec
encoder=build/deps/models/all-MiniLM-L6-v2

usage() { sed -n '2,/^set -e/s/^# \{0,1\}//p' scripts/run_pipeline.sh | sed '$d' >&2; exit "$1"; }
wrong() { printf 'run_pipeline: %s\n' "$*" >&2; exit 2; }
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$start" "$1" ;; esac; }

config='' reviews='' meta='' workspace='' first_stage='' set_up=yes train=yes
while [ $# -gt 0 ]; do
  case $1 in
    --raw-reviews | --raw-meta | --workspace | --encoder | --first-stage) [ $# -ge 2 ] || wrong "$1 needs a value" ;;
  esac
  case $1 in
    -h | --help) usage 0 ;;
    --raw-reviews) reviews=$(absolute "$2"); shift ;;
    --raw-meta) meta=$(absolute "$2"); shift ;;
    --workspace) workspace=$(absolute "$2"); shift ;;
    --encoder) encoder=$(absolute "$2"); shift ;;
    --first-stage) first_stage=$2; shift ;;
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
  workspace=${workspace:-build/workspace/tiny}
fi
[ -n "$reviews" ] || wrong "--raw-reviews is missing"
[ -n "$meta" ] || wrong "--raw-meta is missing"
[ -n "$workspace" ] || wrong "--workspace is missing"

if [ $set_up = yes ]; then
  scripts/setup.sh
  cmake --preset release > build/cmake.release.log 2>&1 || { cat build/cmake.release.log >&2; exit 1; }
  cmake --build --preset release --target persona4rec >&2
fi

# run COMMAND [FLAGS...]: one stage; it says on stderr what it did.
run() { "$program" "$1" --config "$config" --workspace "$workspace" "${@:2}"; }

mkdir -p "$workspace"
run extract-aspects --raw-reviews "$reviews"
run summarize --raw-reviews "$reviews" --raw-meta "$meta"
run personas
run prepare
run select
for world in valid test; do run candidates --for "$world" ${first_stage:+--method "$first_stage"}; done
if [ $train = yes ]; then
  run train --encoder "$encoder" ${first_stage:+--first-stage "$first_stage"}
  encoder=$workspace/encoder
fi
run cache --encoder "$encoder"
run rerank --candidates "$workspace/candidate.test.jsonl"

run eval "$workspace/candidate.test.jsonl" "$workspace/reranked.jsonl" --names candidates,reranked
# The first user whose best item came up from further down; where there is none, the first one.
user=$(python3 - "$workspace/reranked.jsonl" <<'PYTHON'
import json, sys
rows = [row for row in map(json.loads, open(sys.argv[1], encoding="utf-8")) if row["results"]]
moved = [row for row in rows if row["results"][0]["base_rank"] > 1]
print((moved or rows)[0]["user_id"])
PYTHON
)
echo
run rerank --candidates "$workspace/candidate.test.jsonl" --explain "$user:1"
echo
echo "Written:"
find "$workspace" -maxdepth 1 ! -name '*.meta.json' ! -name '*.run.json' -mindepth 1 | sort | sed 's/^/  /'
