"""`lemma-hf analyse FILE -o OUT.jsonl`: rows with solutions in, the first wrong step of each out.

A row holds what `lemma_hf.pipeline.step_rows` reads: `problem`, `steps` or `solution`, `reference`, perhaps `answer`.
Each row of OUT is the input row with these fields, null where they say nothing:

    first_error  the first wrong step, counted from 0; -1: the teacher calls every step right, or the answer is right
    error_type   its kind
    sureness     the share of such findings that were right where people marked the step
    abstained    {"reason": …, "detail": …} where the teacher says neither

Where the file has marks of people in a column (`--marks-column`), they stay as they are, the teacher's step goes to
`predicted_error`, and the figures are printed: how often it names the marked step, one before, one behind, by source.

Attempts are graded first wherever the reference answer is known: one with the right answer gets -1 and no teacher is
asked, as in a run that makes a dataset.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lemma_hf.cli.outputs import FIGURES, check_output
from lemma_hf.cli.rows import InputRow, read_input_rows
from lemma_hf.errors import DataError
from lemma_hf.evaluation.step_marks import StepFigures, figures_by_source
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.loading import endpoint_client, is_endpoint
from lemma_hf.pipeline.step_rows import graded, judge, to_attempt, verdict_fields
from lemma_hf.records import DropReason
from lemma_hf.settings import EXIT_UNANSWERED
from lemma_hf.teachers import Teacher
from lemma_hf.teachers.loading import load_teacher
from lemma_hf.teachers.reference import DEFAULT_MIN_SURENESS
from lemma_hf.utils.files import open_packed, place_of, whole_file, write_text
from lemma_hf.utils.ranges import FROM_ONE, FROM_ZERO, SHARE, refuse_out_of_range
from lemma_hf.utils.redaction import escape_invisible

STEP_FIELD = "first_error"
"""The field with the teacher's step, and the column with people's marks where none is named."""
PREDICTED_FIELD = "predicted_error"
"""The field with the teacher's step where the input has marks under the usual name."""
_RANGES = {"votes": FROM_ONE, "max_tokens": FROM_ONE, "min_sureness": SHARE, "budget_usd": FROM_ZERO}
_LONGEST_NAME = 40
"""Characters of a source's name in the table."""


def main(argv: Sequence[str]) -> int:
    """Read the file, ask the teacher, write the rows, print the table."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf analyse",
        description="Find the first wrong step of each solution in a JSONL, CSV or Parquet file.",
        allow_abbrev=False,
    )
    say = parser.add_argument
    say(
        "input",
        type=Path,
        help="rows with `problem`, `steps` or `solution`, and `reference`: JSON Lines, CSV or Parquet",
    )
    say("-o", "--output", type=Path, required=True, help="where the rows go: JSON Lines, which may end in .gz")
    say("--teacher", default="reference", help="`reference`, MODEL@URL or MODEL@hf")
    say("--votes", type=int, default=1, help="how often a model is asked about each row; more than half must agree")
    say(
        "--hold-against-reference",
        "--hold_against_reference",
        action="store_true",
        help="abstain where a model names another step than `reference` is sure of",
    )
    say(
        "--min-sureness",
        "--min_sureness",
        type=float,
        default=DEFAULT_MIN_SURENESS,
        help=f"below this sureness `reference` abstains (default: {DEFAULT_MIN_SURENESS})",
    )
    say(
        "--teacher-options",
        "--teacher_options",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="of the endpoint: concurrency=64, timeout=300, key_env=NAME, usd_per_million_in=0.1, …",
    )
    say("--max-tokens", "--max_tokens", type=int, default=2048, help="of one reply of a model")
    say("--prompts-dir", "--prompts_dir", default="", help="a folder with prompts of your own, or `small`")
    say("--budget-usd", "--budget_usd", type=float, default=0.0, help="what may be paid in all; 0: no limit")
    say("--retry-failed", "--retry_failed", action="store_true", help="ask again where an earlier run got no reply")
    say("--replies", help="the file that keeps a model's replies (default: OUT with the ending .replies.sqlite)")
    say("--benchmark", default="math", help="how answers are read when attempts are graded")
    say("--marks-column", help=f"the field with people's marks (default: {STEP_FIELD}, where a row has it)")
    say("--source-column", default="source", help="the field by which the figures are grouped")
    say("--report", type=Path, help="a JSON file for the figures")
    return parser


def _run(options: argparse.Namespace) -> int:
    check_output(options.output, [options.input], endings=(".jsonl", ".jsonl.gz"))
    check_output(options.report, [options.input], option="--report", endings=FIGURES)
    check_benchmark(options.benchmark)
    refuse_out_of_range(options, _RANGES)
    rows = read_input_rows(options.input)
    places = [f"{options.input}, {place_of(row.line)}" for row in rows]
    attempts = [to_attempt(row.values, place) for row, place in zip(rows, places, strict=True)]
    marks_column = _marks_column(rows, options)
    lengths = [len(attempt.steps) for attempt in attempts]
    marks = [
        _mark(_cell(row.values.get(marks_column), options.input), steps, f"{place}: `{marks_column}`")
        if marks_column
        else None
        for row, place, steps in zip(rows, places, lengths, strict=True)
    ]
    with _teacher(options) as teacher:
        verdicts = judge(teacher, graded(attempts, options.benchmark))
    step_field = PREDICTED_FIELD if marks_column == STEP_FIELD else STEP_FIELD
    judged = [verdict_fields(verdict, step_field) for verdict in verdicts]
    _write(options.output, [{**row.values, **fields} for row, fields in zip(rows, judged, strict=True)])
    predictions = [fields[step_field] for fields in judged]
    reasons = Counter(fields["abstained"]["reason"] for fields in judged if fields["abstained"])
    print(_summary(predictions, reasons))
    figures = _figures(rows, marks, predictions, options.source_column)
    if figures:
        print(f"\n{_table(figures)}")
    if options.report:
        write_text(options.report, _report(options, predictions, reasons, figures))
    failed = reasons[str(DropReason.CALL_FAILED)]
    if failed:
        print(f"{failed:,} rows got no reply: run the same command with --retry-failed to ask again")
    return EXIT_UNANSWERED if failed else 0


@contextmanager
def _teacher(options: argparse.Namespace) -> Iterator[Teacher]:
    """The teacher; a model with a store, so that a run that was stopped goes on where it was."""
    with ExitStack() as stack:
        client = None
        if is_endpoint(options.teacher):
            store = stack.enter_context(ReplyStore(options.replies or _replies_file(options.output)))
            client = endpoint_client(
                options.teacher, options.teacher_options, store, options.budget_usd, retry_failed=options.retry_failed
            )
        yield load_teacher(
            options.teacher,
            client=client,
            min_sureness=options.min_sureness,
            prompts_dir=options.prompts_dir,
            max_tokens=options.max_tokens,
            votes=options.votes,
            hold_against_reference=options.hold_against_reference,
        ).teacher


def _replies_file(output: Path) -> Path:
    """`judged.replies.sqlite` next to `judged.jsonl.gz`."""
    return output.with_name(f"{output.name.removesuffix('.gz').removesuffix('.jsonl')}.replies.sqlite")


def _marks_column(rows: Sequence[InputRow], options: argparse.Namespace) -> str | None:
    """The column with marks; None where there is none.

    Raises:
        DataError: if a column is named that no row has.
    """
    column: str = options.marks_column or STEP_FIELD
    if any(column in row.values for row in rows):
        return column
    if options.marks_column:
        raise DataError(f"{options.input}: no row has the field {column!r}, which --marks-column names")
    return None


def _mark(value: object, steps: int, place: str) -> int | None:
    """A mark of people; None where the row has none."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():  # pandas writes integers so where some are missing
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < steps:
        shown = repr(value)[:_LONGEST_NAME]
        raise DataError(f"{place}: need a step from 0 to {steps - 1}, -1 for none, or null; found {shown}")
    return value


def _cell(value: object, file: Path) -> object:
    """A mark as the file means it: in CSV all values are texts, a whole number too, and no mark is an empty one."""
    if not isinstance(value, str) or not file.name.endswith((".csv", ".csv.gz")):
        return value
    return int(value) if re.fullmatch(r"-1|\d{1,9}", value) else value or None


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write all rows or none, as `lemma-hf grade` does."""
    try:
        with whole_file(path) as draft, open_packed(draft, "wb") as out:
            for row in rows:
                out.write(json.dumps(row, default=str, ensure_ascii=True).encode("ascii") + b"\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def _figures(
    rows: Sequence[InputRow], marks: Sequence[int | None], predictions: Sequence[int | None], source_column: str
) -> dict[str, StepFigures]:
    """The figures of the rows that have a mark, by source."""
    marked = [
        (str(row.values.get(source_column) or "rows"), mark, said)
        for row, mark, said in zip(rows, marks, predictions, strict=True)
        if mark is not None
    ]
    if not marked:
        return {}
    sources, known, said = zip(*marked, strict=True)
    return figures_by_source(sources, known, said)


def _summary(predictions: Sequence[int | None], reasons: Counter[str]) -> str:
    """What became of the rows, in one line and one for each reason to abstain."""
    named = sum(said is not None and said >= 0 for said in predictions)
    right = sum(said == -1 for said in predictions)
    lines = [f"{len(predictions):,} rows: {named:,} with a wrong step, {right:,} called right"]
    lines[0] += f", {reasons.total():,} without a verdict"
    return "\n".join([*lines, *(f"  {count:,} {reason}" for reason, count in reasons.most_common())])


def _table(figures: Mapping[str, StepFigures]) -> str:
    """A block of lines for each source: what was named where people marked a wrong step, and where they marked none."""
    lines = []
    for source, found in figures.items():
        name = escape_invisible(source).replace("\n", " ")[:_LONGEST_NAME]
        lines.append(f"{name}: {found.rows:,} rows, {found.wrong:,} with a wrong step")
        if found.wrong:
            lines.append(f"  answered     {found.answered}")
        if found.answered.count:
            shares = (found.exact, found.within_one, found.early, found.late, found.missed)
            titles = ("exact", "within one", "early", "late", "missed")
            lines += [f"    {title:<11}{share}" for title, share in zip(titles, shares, strict=True)]
            lines.append(f"  exact where a step is named {found.exact_of_named}")
        if found.false_alarms.total:
            lines.append(f"  false alarms {found.false_alarms}  (right solutions in which a step is called wrong)")
        if found.f1 is not None:
            lines.append(f"  F1           {100 * found.f1:.1f}  (as ProcessBench: an abstention counts as wrong)")
    return "\n".join(lines)


def _report(
    options: argparse.Namespace,
    predictions: Sequence[int | None],
    reasons: Counter[str],
    figures: Mapping[str, StepFigures],
) -> str:
    """The figures as JSON."""
    from lemma_hf import __version__
    from lemma_hf.inference.loading import public_name

    content = {
        "version": __version__,
        "teacher": public_name(options.teacher),
        "votes": options.votes,
        "hold_against_reference": options.hold_against_reference,
        "min_sureness": options.min_sureness,
        "rows": len(predictions),
        "with_a_wrong_step": sum(said is not None and said >= 0 for said in predictions),
        "called_right": sum(said == -1 for said in predictions),
        "abstained": dict(reasons.most_common()),
        "by_source": {source: found.as_dict() for source, found in figures.items()},
    }
    return json.dumps(content, indent=1) + "\n"
