#!/usr/bin/env bash
# Brings what the build, the tests and the pipeline need and what this machine lacks. Run it as often as you like: what
# is there is used as it is.
#
#   scripts/setup.sh            Debian packages, LibTorch, the default encoder
#   scripts/setup.sh --checks   also clang-format and clang-tidy, for scripts/check_*.sh
#   scripts/setup.sh --fuzz     also clang and its sanitizers' libraries, for scripts/fuzz.sh
#
# Environment:
#   Torch_DIR        a LibTorch you have: the folder with TorchConfig.cmake. CMake reads it too.
#   P4R_TORCH_INDEX  a pip index that carries CPU builds of PyTorch; tried when pip, as you have set it up, has none.
# Only apt-get runs as root (through sudo unless you are root). Everything else lands under build/deps.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly deps=build/deps
readonly torch_version=2.13.0+cpu
readonly torch_wheel="torch-${torch_version}-cp311-cp311-manylinux_2_28_x86_64.whl"
readonly torch_sha256=6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    die "not root and no sudo here; as root, run: $*"
  fi
}

# ---- Debian packages -------------------------------------------------------------------------------------------------
# Programs count as present however they came to the machine; libraries are asked of dpkg.
readonly programs=(cmake:cmake ninja:ninja-build g++:g++ pkg-config:pkg-config ccache:ccache git:git unzip:unzip
                   python3:python3)
libraries=(ca-certificates libc6-dev nlohmann-json3-dev libsimdjson-dev libcli11-dev libtomlplusplus-dev
                    libspdlog-dev libcurl4-openssl-dev libsqlite3-dev libssl-dev zlib1g-dev libutf8proc-dev
                    libeigen3-dev libgtest-dev libgmock-dev libcpp-httplib-dev)
readonly check_programs=(clang-format-19:clang-format-19 clang-tidy-19:clang-tidy-19)
readonly fuzz_programs=(clang++-19:clang-19)
readonly fuzz_libraries=(libclang-rt-19-dev)

missing_programs() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%:*}" > /dev/null || printf '%s\n' "${pair##*:}"
  done
}

missing_libraries() {
  local package installed
  installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' "$@" 2> /dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" $package:installed "* ]] || printf '%s\n' "$package"
  done
}

install_packages() {
  if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
    say "no apt-get here: make sure that you have what these Debian packages carry: ${programs[*]##*:} ${libraries[*]}"
    return
  fi
  local missing
  mapfile -t missing < <(missing_programs "$@"; missing_libraries "${libraries[@]}";
                         python3 -c 'import pip' 2> /dev/null || echo python3-pip)
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  say "installing ${missing[*]}"
  { as_root apt-get update -q &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >&2 ||
    die "could not install packages; as root, run: apt-get install ${missing[*]}"
}

# ---- LibTorch --------------------------------------------------------------------------------------------------------
# A torch that the current Python has, when it is new enough and built with the C++ ABI of this machine's compiler.
python_torch() {
  python3 - 2> /dev/null <<'PYTHON'
import os
import torch
version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
folder = os.path.dirname(torch.__file__)
if version >= (2, 1) and torch.compiled_with_cxx11_abi() and os.path.exists(folder + "/share/cmake/Torch/TorchConfig.cmake"):
    print(folder)
PYTHON
}

# pip download works beside an externally managed Python: it installs nothing. The tag makes it work under any Python.
download_torch() {
  local into=$1; shift
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 311 \
    --platform manylinux_2_28_x86_64 --dest "$into" "$@" "torch==${torch_version}" >&2
}

torch_by_hand() {
  cat >&2 <<TEXT
setup: LibTorch was not found. Do one of these and run this script again:
  - set Torch_DIR to the share/cmake/Torch folder of a LibTorch (2.1 or newer, C++11 ABI);
  - set P4R_TORCH_INDEX to a pip index that carries PyTorch's CPU builds (its site names it: "Stable, Linux, Pip, CPU");
  - download ${torch_wheel} and put it into ${deps}/
TEXT
  exit 1
}

unpack_torch() {
  local wheel=$1 part=$deps/libtorch.part
  echo "$torch_sha256  $wheel" | sha256sum --check --quiet >&2 ||
    die "$wheel is not the file this project was tried with (sha256 $torch_sha256)"
  rm -rf "$part"
  mkdir -p "$part"
  unzip -q "$wheel" 'torch/include/*' 'torch/lib/*' 'torch/share/*' 'torch-*.dist-info/licenses/*' -d "$part"
  rm -f "$part"/torch/lib/libtorch_python.so "$part"/torch/lib/*_test.so
  rm -rf "$deps/libtorch"
  mv "$part" "$deps/libtorch"
}

get_torch() {
  local folder tmp
  if [ -n "${Torch_DIR:-}" ]; then
    [ -e "$Torch_DIR/TorchConfig.cmake" ] || die "Torch_DIR=$Torch_DIR holds no TorchConfig.cmake"
    return
  fi
  if [ -e "$deps/libtorch/torch/share/cmake/Torch/TorchConfig.cmake" ]; then return; fi
  if folder=$(python_torch) && [ -n "$folder" ]; then
    say "using the torch of this Python: $folder"
    mkdir -p "$deps/libtorch"
    ln -sfn "$folder" "$deps/libtorch/torch"
    return
  fi
  if [ -e "$deps/$torch_wheel" ]; then unpack_torch "$deps/$torch_wheel"; return; fi
  [ "$(uname -sm)" = "Linux x86_64" ] || torch_by_hand
  say "downloading LibTorch $torch_version (180 MB)"
  tmp=$(mktemp -d "$deps/torch.XXXXXX")
  download_torch "$tmp" || { [ -n "${P4R_TORCH_INDEX:-}" ] && download_torch "$tmp" --index-url "$P4R_TORCH_INDEX"; } ||
    { rm -rf "$tmp"; torch_by_hand; }
  unpack_torch "$tmp/$torch_wheel"
  rm -rf "$tmp"
}

main() {
  local wanted=("${programs[@]}")
  case ${1:-} in
    --checks) wanted+=("${check_programs[@]}") ;;
    --fuzz) wanted+=("${fuzz_programs[@]}"); libraries+=("${fuzz_libraries[@]}") ;;
    '') ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  install_packages "${wanted[@]}"
  mkdir -p "$deps"
  get_torch
  scripts/fetch_model.sh
}

main "$@"
