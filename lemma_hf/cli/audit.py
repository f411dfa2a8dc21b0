"""`lemma-hf audit FILE`: what stands behind the turns of a dataset or of outputs, and what is suspicious."""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from lemma_hf.audit.figures import Limits
from lemma_hf.audit.rows import CountTokens
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.utils.files import write_text


def main(argv: Sequence[str]) -> int:
    """Audit the rows; 1 with `--strict` where a check fails, else 0."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf audit",
        description="Audit self-correcting data: do its turns stand behind something wrong, and do they mend it?",
    )
    say = parser.add_argument
    say("input", type=Path, help="a dataset's folder, a JSON, JSON Lines or Parquet file, or `lemma`")
    say("-o", "--output", type=Path, help="write one HTML page of all rows, to be filtered by finding")
    say("--json", type=Path, help="write all figures to this file")
    say("--limit", type=int, help="rows at most, drawn by --seed (default: all)")
    say("--seed", type=int, default=0, help="which rows are drawn")
    say("--test_sets", "--test-sets", nargs="*", default=[], help="FILE, FILE:COLUMN or HUB_ID:CONFIG:SPLIT:COLUMN")
    say("--tokenizer", default="", help="a folder or Hub name; its tokens are counted in place of words")
    say("--output-column", default="output", help="the field with the model's output")
    say("--reference-column", default="reference", help="the field with the reference answer")
    say("--question-column", default="", help="the field with the question (default: as for `lemma-hf show`)")
    say("--benchmark", default="math", help="the benchmark of rows that name none: how their answers are read")
    say("--workers", type=int, help="worker processes for computer algebra (default: one a core, to 4)")
    for limit in fields(Limits):
        say(
            f"--max_{limit.name}",
            type=float,
            default=limit.default,
            help=f"share that passes (default {limit.default})",
        )
    say("--strict", action="store_true", help="exit with 1 where a check fails")
    return parser


def _run(options: argparse.Namespace) -> int:
    from lemma_hf.audit import audit_items, audit_rows, audit_text, summarize
    from lemma_hf.pipeline.decontaminate import read_test_sets
    from lemma_hf.show import OutputColumns, grade_missing, html_page, read_items

    limits = _limits(options)
    columns = OutputColumns(
        output=options.output_column, reference=options.reference_column, question=options.question_column
    )
    shown = read_items(options.input, columns, limit=options.limit, seed=options.seed)
    items = grade_missing(shown.items, options.benchmark, options.workers)
    rows = audit_rows(
        items,
        benchmark=options.benchmark,
        workers=options.workers,
        test_sets=read_test_sets(options.test_sets) if options.test_sets else None,
        **({"count_tokens": _counter(options.tokenizer)} if options.tokenizer else {}),
    )
    audit = summarize(rows, limits)
    print(audit_text(audit, shown.name, options.tokenizer or "words"))
    for dropped in shown.dropped[:5]:
        print(f"left out: {dropped.id}: {dropped.detail[:200]}")
    if shown.dropped:
        print(f"left out: {len(shown.dropped):,} rows that cannot be read")
    if options.json:
        _write(options.json, json.dumps(audit.as_dict() | {"left_out": len(shown.dropped)}, indent=2) + "\n")
    if options.output:
        page = html_page(audit_items(rows), f"{shown.name}: audit", note=shown.summary(), dropped=shown.dropped)
        _write(options.output, page)
    return 1 if options.strict and not audit.passes else 0


def _limits(options: argparse.Namespace) -> Limits:
    given = {limit.name: getattr(options, f"max_{limit.name}") for limit in fields(Limits)}
    for name, share in given.items():
        if not 0 <= share <= 1:
            raise ConfigError(f"--max_{name} is {share}, but a share is between 0 and 1")
    return replace(Limits(), **given)


def _counter(tokenizer: str) -> CountTokens:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoTokenizer

    try:
        made = AutoTokenizer.from_pretrained(tokenizer)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--tokenizer {tokenizer}: cannot be loaded ({error})") from None
    return lambda text: len(made(text, add_special_tokens=False)["input_ids"])


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None
    print(f"written: {path}")
