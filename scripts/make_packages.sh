#!/usr/bin/env bash
# Makes the packages, persona4rec and persona4rec-torch, each as .deb and .tar.gz, in build/packages (docs/deploy.md).
#
#   scripts/make_packages.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
cmake --preset release > build/cmake.release.log || { cat build/cmake.release.log; exit 1; }
cmake --build --preset release --target persona4rec persona4rec_torch words
compgen -G "$(dirname "$(readlink -f build/deps/libtorch/torch)")/torch-*.dist-info/licenses" > /dev/null ||
  { echo "make_packages: LibTorch is here without its licences: remove build/deps/libtorch and run this again" >&2; exit 1; }
cd build/release
cpack -B ../packages > ../packages.log || { cat ../packages.log; exit 1; }
rm -rf ../packages/_CPack_Packages
ls -l ../packages
