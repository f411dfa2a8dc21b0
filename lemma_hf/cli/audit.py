"""`lemma-hf audit FILE`: what stands behind the turns of a dataset or of outputs, and what is suspicious."""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lemma_hf.audit.figures import Limits
from lemma_hf.audit.rows import CountTokens
from lemma_hf.cli.outputs import FIGURES, PAGES, check_output
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.utils.files import write_text
from lemma_hf.utils.redaction import one_line

if TYPE_CHECKING:
    from lemma_hf.audit import Audited
    from lemma_hf.show import Item, OutputColumns, Shown

_CHUNK = 256
"""Rows graded between two updates of the progress bar: enough to keep all worker processes busy."""
_ON_A_PAGE = 10_000
"""Rows of a page, as of `lemma-hf show`: about 3 MB."""
_MOST_NAMED = 5
"""Rows that cannot be read and are named one by one: they mostly have one cause."""


def main(argv: Sequence[str]) -> int:
    """Audit the rows; 1 with `--strict` where a check fails, else 0."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf audit",
        description="Audit self-correcting data: do its turns stand behind something wrong, and do they mend it?",
    )
    say = parser.add_argument
    say("input", type=Path, help="a dataset's folder, a JSON, JSON Lines, CSV or Parquet file, or `lemma`")
    say(
        "-o",
        "--output",
        type=Path,
        help=f"write one HTML page, to be filtered by finding (the {_ON_A_PAGE:,} worst rows)",
    )
    say("--json", type=Path, help="write all figures to this file")
    say("--limit", type=int, help="rows at most, drawn by --seed (default: all)")
    say("--seed", type=int, default=0, help="which rows are drawn")
    say("--test_sets", "--test-sets", nargs="*", default=[], help="FILE, FILE:COLUMN or HUB_ID:CONFIG:SPLIT:COLUMN")
    say("--data_dir", "--data-dir", type=Path, default=Path(), help="the folder of the files of --test_sets")
    say("--tokenizer", default="", help="a folder or Hub name; its tokens are counted in place of words")
    say("--output-column", default="output", help="the field with the model's output")
    say("--reference-column", default="reference", help="the field with the reference answer")
    say("--question-column", default="", help="the field with the question (default: as for `lemma-hf show`)")
    say("--id-column", default="id", help="the field with the row's id")
    say("--benchmark-column", default="benchmark", help="the field with the benchmark's name, where there is one")
    say("--benchmark", default="math", help="the benchmark of rows that name none: how their answers are read")
    say("--workers", type=int, help="worker processes for computer algebra (default: one a core, to 4)")
    for limit in fields(Limits):
        say(
            f"--max_{limit.name}",
            f"--max-{limit.name.replace('_', '-')}",
            type=float,
            default=limit.default,
            help=f"share that passes (default {limit.default})",
        )
    say("--strict", action="store_true", help="exit with 1 where a check fails")
    return parser


def _run(options: argparse.Namespace) -> int:
    from lemma_hf.audit import audit_rows, audit_text, summarize
    from lemma_hf.pipeline.decontaminate import read_test_sets
    from lemma_hf.show import read_items

    limits = _limits(options)
    check_output(options.output, [options.input], endings=PAGES)
    check_output(options.json, [options.input], option="--json", endings=FIGURES)
    check_benchmark(options.benchmark)
    if options.limit is not None and options.limit < 1:
        raise ConfigError(f"--limit is {options.limit}, but at least one row has to be audited")
    count = _counter(options.tokenizer) if options.tokenizer else None
    test_sets = read_test_sets(options.test_sets, options.data_dir) if options.test_sets else None
    shown = read_items(options.input, _columns(options), limit=options.limit, seed=options.seed)
    rows = audit_rows(
        _graded(shown.items, options),
        benchmark=options.benchmark,
        workers=options.workers,
        test_sets=test_sets,
        **({"count_tokens": count} if count else {}),
    )
    audit = summarize(rows, limits)
    tokens = f"tokens of {options.tokenizer}" if options.tokenizer else "words"
    print(audit_text(audit, shown.name, tokens))
    _say_left_out(shown)
    if options.json:
        figures = audit.as_dict() | {"file": shown.name, "tokens_are": tokens, "left_out": len(shown.dropped)}
        _write(options.json, json.dumps(figures, indent=2) + "\n")
    if options.output:
        _write_page(options.output, shown, rows)
    return 1 if options.strict and not audit.passes else 0


def _columns(options: argparse.Namespace) -> "OutputColumns":
    from lemma_hf.show import OutputColumns

    return OutputColumns(
        output=options.output_column,
        reference=options.reference_column,
        question=options.question_column,
        id=options.id_column,
        benchmark=options.benchmark_column,
    )


def _graded(items: "Sequence[Item]", options: argparse.Namespace) -> "list[Item]":
    from tqdm import tqdm

    from lemma_hf.show import grade_missing

    graded: list[Item] = []
    with tqdm(total=len(items), desc="grading answers", unit=" rows", disable=None) as bar:
        for start in range(0, len(items), _CHUNK):
            graded += grade_missing(items[start : start + _CHUNK], options.benchmark, options.workers)
            bar.update(len(graded) - start)
    return graded


def _say_left_out(shown: "Shown") -> None:
    for dropped in shown.dropped[:_MOST_NAMED]:
        print(f"left out: {one_line(f'{dropped.id}: {dropped.detail}', 200)}")
    if shown.dropped:
        print(f"left out: {len(shown.dropped):,} rows that cannot be read")


def _write_page(path: Path, shown: "Shown", rows: "Sequence[Audited]") -> None:
    from lemma_hf.audit import audit_items, rank
    from lemma_hf.show import html_page

    worst = rank(rows)[:_ON_A_PAGE]
    drawn = (
        f"; the {len(worst):,} most suspicious are here" if len(worst) < len(rows) else "; the most suspicious first"
    )
    note = f"{shown.summary()}{drawn}"
    _write(path, html_page(audit_items(worst), f"{shown.name}: audit", note=note, dropped=shown.dropped))


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
    except Exception as error:  # the tokenizers library raises bare ones for a file that is none of its own
        raise ConfigError(f"--tokenizer {tokenizer}: cannot be loaded ({error})") from None
    return lambda text: len(made(text, add_special_tokens=False)["input_ids"])


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None
    print(f"written: {path}")
