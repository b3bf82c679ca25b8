#!/usr/bin/env bash
# Brings what is missing, builds, and runs every test.
#
#   scripts/test.sh [PRESET]        release (default), debug, asan or tsan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
scripts/setup.sh
cmake --preset "$preset" > "build/cmake.$preset.log" || { cat "build/cmake.$preset.log"; exit 1; }
cmake --build --preset "$preset"
ctest --preset "$preset" --parallel "$(nproc)"
