#!/usr/bin/env bash
# The language-model client at full size, on purpose and on a quiet machine: speed against a service that takes 50 ms,
# 10,000 rows through 30 % faults, 20 kills, budgets, memory at 10,000 and 100,000 rows. About ten minutes.
#
#   bench/llm_bench.sh [ROWS]        10000; needs a build with tests in build/release (or $P4R_BUILD)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rows=${1:-10000}
test=${P4R_BUILD:-build/release}/bin/llm_test
[ -x "$test" ] || { echo "llm_bench: build first (scripts/test.sh)" >&2; exit 2; }

echo "machine: $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
P4R_LLM_SPEED_ROWS=$((2 * rows)) "$test" --gtest_brief=1 --gtest_filter='LlmSpeed.*'
P4R_LLM_TEST_ROWS=$rows "$test" --gtest_filter='LlmFaults.*' | grep -v '^\[ RUN\|^$'
