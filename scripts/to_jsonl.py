#!/usr/bin/env python3
"""Writes Parquet files and Hugging Face datasets as JSON Lines to stdout, a row a line, for commands that read raw files.

    scripts/to_jsonl.py reviews-*.parquet > reviews.jsonl
    scripts/to_jsonl.py --dataset McAuley-Lab/Amazon-Reviews-2023 --config raw_review_All_Beauty --split full > b.jsonl
    persona4rec extract-aspects --config configs/generic.toml --raw-reviews <(scripts/to_jsonl.py reviews.parquet)

Options: --columns a,b,c writes these alone; --limit N the first N rows. Rows are read in batches: memory does not grow
with them. Times become ISO 8601 text, which the program reads whatever timestamp-unit says; numbers stay numbers, what
is missing null, NaN too. Needs pyarrow for files and datasets for --dataset (pip install pyarrow datasets).
"""

import argparse
import datetime
import decimal
import json
import math
import sys


def need(module):
    try:
        return __import__(module, fromlist=["*"])
    except ImportError:
        name = module.split(".")[0]
        sys.exit(f"to_jsonl: the Python package {name} is missing: pip install {name}")


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(child) for child in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def parquet_rows(path, columns):
    parquet = need("pyarrow.parquet")
    try:
        file = parquet.ParquetFile(path)
    except need("pyarrow").ArrowException as error:
        sys.exit(f"to_jsonl: {path}: {error}")
    missing = [name for name in columns or [] if name not in file.schema_arrow.names]
    if missing:
        sys.exit(f"to_jsonl: {path}: expected the columns {', '.join(missing)}, got {', '.join(file.schema_arrow.names)}")
    for batch in file.iter_batches(columns=columns):
        yield from batch.to_pylist()


def dataset_rows(name, config, split, columns):
    rows = need("datasets").load_dataset(name, config, split=split, streaming=True)
    for row in rows:
        missing = [column for column in columns or [] if column not in row]
        if missing:
            sys.exit(f"to_jsonl: {name}: expected the columns {', '.join(missing)}, got {', '.join(row)}")
        yield row if columns is None else {column: row[column] for column in columns}


def all_rows(options, columns):
    if options.dataset:
        yield from dataset_rows(options.dataset, options.config, options.split, columns)
    for path in options.files:
        yield from parquet_rows(path, columns)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="Parquet files, read one after the other")
    parser.add_argument("--dataset", help="a dataset's name on the Hugging Face hub, or a folder of one")
    parser.add_argument("--config", help="its configuration")
    parser.add_argument("--split", default="train", help="its split (default: train)")
    parser.add_argument("--columns", help="the columns to write, a,b,c (default: all)")
    parser.add_argument("--limit", type=int, default=0, help="rows to write at most (default: all)")
    options = parser.parse_args()
    if bool(options.files) == bool(options.dataset):
        parser.error("expected Parquet files, or --dataset NAME")
    columns = options.columns.split(",") if options.columns else None
    for number, row in enumerate(all_rows(options, columns)):
        if options.limit and number >= options.limit:
            break
        sys.stdout.write(json.dumps(plain(row), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.stderr.close()  # the reader had enough
    except OSError as error:
        sys.exit(f"to_jsonl: {error}")
