#!/usr/bin/env bash
# Gates data/tiny: its lists as this build reranks them, without a trained head, against stored values of earlier ones.
#
#   scripts/gate_tiny.sh            exit 5 when a gate of configs/gate.toml fails
#   scripts/gate_tiny.sh --store    keeps this build's values as the baseline, for a change that is meant
#
# Uses build/release as it is; docs/ci.md says what the verdicts mean.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly workspace=build/workspace/gate baseline=tests/golden/gate/tiny.jsonl

scripts/run_pipeline.sh configs/tiny.toml --raw-reviews data/tiny/reviews.jsonl --raw-meta data/tiny/meta.jsonl \
  --workspace "$workspace" --no-train --skip-setup > build/gate_tiny.log 2>&1 || { cat build/gate_tiny.log >&2; exit 1; }

gate() { build/release/persona4rec eval --workspace "$workspace" --quiet "$@"; }
if [ "${1:-}" = --store ]; then
  gate --per-user "$workspace/values.jsonl" > build/gate_tiny.log
  mkdir -p "$(dirname "$baseline")"
  cp "$workspace/values.jsonl" "$baseline"
else
  gate --baseline "$baseline" --gate-file configs/gate.toml --junit build/gate_tiny.xml --markdown build/gate_tiny.markdown
fi
