#!/usr/bin/env bash
# Compiles every public header alone, with include/ as the only path: a header that needs its includer's includes, or a
# private one, fails. Left-out members of designated initialisers are meant, as in CMakeLists.txt.
#
#   scripts/check_headers.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
  "${CXX:-g++}" -std=c++20 -Wall -Wextra -Werror -Wno-missing-field-initializers -fsyntax-only -Iinclude -include "$1" -x c++ /dev/null ||
    { echo "$1 does not compile alone" >&2; return 1; }
}
export -f compile

find include -name '*.hpp' -print0 | sort -z | xargs -0 -r -P "$(nproc)" -I{} bash -c 'compile {}'
echo "check_headers: $(find include -name '*.hpp' | wc -l) public headers compile alone"
