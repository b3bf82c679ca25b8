#!/usr/bin/env bash
# Checks that C++ files are formatted as .clang-format says.
#
#   scripts/check_format.sh         lists what differs; exit 1
#   scripts/check_format.sh --fix   formats in place
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run --Werror)
if [ "${1:-}" = --fix ]; then mode=(-i); fi
find src include tests bench -name '*.cpp' -print0 -o -name '*.hpp' -print0 | sort -z |
  xargs -0 -r -n 16 -P "$(nproc)" "${CLANG_FORMAT:-clang-format-19}" "${mode[@]}"
echo "check_format: done"
