#!/usr/bin/env bash
# Brings what is missing, builds, gates data/tiny (release) and runs every test.
#
#   scripts/test.sh [PRESET]        release (default), debug, asan or tsan
#
# Where ../shared/tools has a llama-server, a small chat model is brought for it: one test asks a real language model.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
scripts/setup.sh
if [ -x ../shared/tools/llama-server ]; then scripts/fetch_model.sh --chat || true; fi  # without it that test skips itself
cmake --preset "$preset" > "build/cmake.$preset.log" || { cat "build/cmake.$preset.log"; exit 1; }
cmake --build --preset "$preset"
if [ "$preset" = release ]; then scripts/gate_tiny.sh; fi
ctest --preset "$preset" --parallel "$(nproc)"
