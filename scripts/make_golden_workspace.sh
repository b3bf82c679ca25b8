#!/usr/bin/env bash
# Writes tests/golden/workspace-VERSION: a small workspace, cache and encoder as that version of the program makes them,
# so that later versions show whether they read them. Run it once for each released version, with that version's program.
#
#   scripts/make_golden_workspace.sh PROGRAM      e.g. build/release/persona4rec
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=$(realpath "$1")
version=$("$program" --version | sed 's/.* //')
out=tests/golden/workspace-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Ten people of data/tiny are enough for targets, a head and lists.
python3 - "$work/reviews.jsonl" <<'EOF'
import collections, json, sys
rows = [json.loads(line) for line in open("data/tiny/reviews.jsonl", encoding="utf-8")]
liked = collections.Counter(row["user_id"] for row in rows if row["stars"] >= 3)
kept = {user for user, _ in sorted(liked.items(), key=lambda pair: (-pair[1], pair[0]))[:10]}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for row in rows:
        if row["user_id"] in kept:
            file.write(json.dumps(row) + "\n")
EOF

run() { "$program" "$@" --config configs/tiny.toml --workspace "$work" --quiet; }
run extract-aspects --raw-reviews "$work/reviews.jsonl"
run summarize --raw-reviews "$work/reviews.jsonl" --raw-meta data/tiny/meta.jsonl
run personas
run prepare
run select
run candidates --for valid
run candidates --for test
encoder=tests/golden/encoder/tiny_bert
run cache --encoder "$encoder" --dtype f32
run rerank
run train --encoder "$encoder" --dtype f32 --epochs 2
run cache --encoder "$work/encoder" --dtype f32 --cache "$work/cache_head"
run rerank --cache "$work/cache_head" --reranked "$work/reranked_head.jsonl"

rm -rf "$out"
mkdir -p "$out"
for name in 3.5_history 3.5_targets 3.5_gt 3.5_persona_with_summary 4_selected_personas candidate.valid candidate.test \
            reranked reranked_head; do
  cp "$work/$name.jsonl" "$work/$name.jsonl.meta.json" "$out/"
done
for name in encoder cache cache_head; do
  cp -r "$work/$name" "$work/$name.meta.json" "$out/"
done
rm -f "$out"/cache*/text.store
echo "$out: $(du -sh "$out" | cut -f1)"
