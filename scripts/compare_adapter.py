#!/usr/bin/env python3
"""Checks a folder of LoRA training against PEFT: base model + adapter/ must give the merged model's vectors.

    python3 scripts/compare_adapter.py --base DIR --folder DIR [--adapter DIR] [--minimum 0.99999]

Prints the smallest cosine over some texts; exit 1 where it is below --minimum. Needs: torch, sentence-transformers, peft.
"""
import argparse
import pathlib
import sys

TEXTS = ["I love this album!", "The best jazz piano ever played, and the worst sound.", "Unplayable", "", "1 2 3 " * 80,
         "Bach's B-minor; 24/7 (remastered)...", "naïve café Ångström", "日本語のテキスト"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True, help="the model folder that was trained")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="the folder that training wrote")
    parser.add_argument("--adapter", type=pathlib.Path, help="default: FOLDER/adapter")
    parser.add_argument("--minimum", type=float, default=0.99999)
    return parser.parse_args()


def vectors(model):
    return model.encode(TEXTS, convert_to_tensor=True, normalize_embeddings=True)


def main():
    options = arguments()
    try:
        from peft import PeftModel
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        sys.exit(f"compare_adapter.py needs peft and sentence-transformers: {error}")
    model = SentenceTransformer(str(options.base), device="cpu")
    before = vectors(model)
    inner = model[0].auto_model
    adapted = PeftModel.from_pretrained(inner, str(options.adapter or options.folder / "adapter")).eval()
    if not any("lora_B" in name for name, _ in adapted.named_parameters()):
        sys.exit("PEFT found no adapter in the folder")
    with_adapter = vectors(model)  # PEFT puts its layers into the model itself
    merged = vectors(SentenceTransformer(str(options.folder), device="cpu"))
    lowest = (with_adapter * merged).sum(1).min().item()
    change = (before * merged).sum(1).min().item()
    print(f"{len(TEXTS)} texts: base + adapter against merged, smallest cosine {lowest:.7f}; base against merged {change:.7f}")
    return 0 if lowest >= options.minimum else 1


if __name__ == "__main__":
    sys.exit(main())
