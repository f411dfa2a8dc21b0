"""`lemma-hf export FILE --to FORM -o OUT`: trajectories in, the rows of another trainer out."""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lemma_hf.cli.outputs import check_output
from lemma_hf.data.export import CHOSEN, TRAINERS, ExportForm, ExportOptions, ExportRow, export_rows
from lemma_hf.data.export.reading import ReadTrajectory, read_trajectories
from lemma_hf.data.export.writing import export_features, is_folder_name, write_file, write_splits
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.records import Dropped, Strategy
from lemma_hf.utils.redaction import one_line
from lemma_hf.utils.storage import refuse_unwritable

_TRAIN = "train"
_LONGEST_DETAIL = 200
"""Characters of the detail of a reason, as of `lemma-hf audit`."""


@dataclass(slots=True)
class _Exported:
    """What became of the rows."""

    read: int = 0
    rows: dict[str, list[ExportRow]] = field(default_factory=dict)
    """By split."""
    left_out: list[Dropped] = field(default_factory=list)

    @property
    def made(self) -> int:
        return sum(map(len, self.rows.values()))


def main(argv: Sequence[str]) -> int:
    """Export the rows, and print what became of them."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf export",
        description="Write trajectories as the rows of another trainer.",
        epilog="forms: " + ", ".join(f"{form} ({trainer})" for form, trainer in TRAINERS.items()),
        allow_abbrev=False,
    )
    say = parser.add_argument
    say("input", type=Path, help="a dataset's folder, a JSON, JSON Lines, CSV or Parquet file, or `lemma`")
    say("--to", required=True, choices=[str(form) for form in ExportForm], help="the form of the rows")
    say("-o", "--output", type=Path, help=".jsonl, .json or .parquet (the first two also .gz), or a new folder")
    say(
        "--add-to-folder",
        "--add_to_folder",
        action="store_true",
        help="in place of -o: write into the dataset's folder, as a config that load_dataset(FOLDER, FORM) loads",
    )
    say("--split", help="the split of a folder to export (default: train into a file, else all)")
    say("--chat", action="store_true", help="prompts and answers as messages, for the tokenizer's chat template")
    say("--chosen", choices=CHOSEN, default="clean", help="the right side of dpo and kto (default: clean)")
    say("--reasoning", action="store_true", help="messages: all before the final answer as `reasoning_content`")
    say(
        "--prompt-style",
        "--prompt_style",
        choices=PROMPT_STYLES,
        help="how questions are put (default: as the rows have it)",
    )
    say(
        "--assume-strategy",
        "--assume_strategy",
        choices=[str(strategy) for strategy in Strategy],
        help="how errors are corrected of which it is not known, as in published rows",
    )
    return parser


def _run(options: argparse.Namespace) -> int:
    form, choices = ExportForm(options.to), _choices(options)
    to_folder = _check_places(options)
    split = options.split or ("" if to_folder else _TRAIN)
    style = prompt_style(options.prompt_style) if options.prompt_style else None
    found = _export(read_trajectories(options.input, split), form, choices, style)
    print(_table(form, found, options.input.name))
    if not found.made:
        raise DataError(f"{options.input}: no row could be made{f' of split {split}' if split else ''}, see above")
    kinds = export_features(form, choices)
    if options.add_to_folder:
        from lemma_hf.hub.exports import add_export

        print(f"written: {add_export(options.input, str(form), found.rows, kinds)}")
        return 0
    if to_folder:
        write_splits(options.output, found.rows, kinds)
    else:
        write_file(options.output, found.rows[split], kinds)
    print(f"written: {options.output}")
    return 0


def _choices(options: argparse.Namespace) -> ExportOptions:
    if options.reasoning and options.to != ExportForm.MESSAGES:
        raise ConfigError(f"--reasoning is about --to messages, but --to is {options.to}: leave it out")
    if options.chosen != "clean" and options.to not in (ExportForm.DPO, ExportForm.KTO):
        raise ConfigError(f"--chosen is about --to dpo and kto, but --to is {options.to}: leave it out")
    if options.chat and options.to == ExportForm.PRM:
        raise ConfigError("--chat: step labels have no form of a chat, their prompts and steps are text; leave it out")
    assume = Strategy(options.assume_strategy) if options.assume_strategy else None
    return ExportOptions(options.chat, options.chosen, options.reasoning, assume)


def _check_places(options: argparse.Namespace) -> bool:
    """Whether rows go to a folder, with one file a split.

    Raises:
        ConfigError: if no place or two are named, or the place is, holds or lies in the input.
    """
    if options.add_to_folder == (options.output is not None):
        raise ConfigError("need either -o OUT or --add-to-folder")
    if options.add_to_folder:
        if not options.input.is_dir():
            raise ConfigError(f"--add-to-folder: {options.input} is no dataset's folder; name one, or write with -o")
        return True
    to_folder = is_folder_name(options.output)
    given, out = options.input.resolve(), options.output.resolve()
    if out == given or given in out.parents or out in given.parents:
        raise ConfigError(f"--output {options.output}: is, holds or lies in the input; name another place")
    if to_folder and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--output {options.output}: is there already; name another folder, or move that one away")
    if to_folder:
        refuse_unwritable(options.output, "--output")
    else:
        check_output(options.output, [options.input])
    return to_folder


def _export(
    items: Iterable[ReadTrajectory | Dropped],
    form: ExportForm,
    choices: ExportOptions,
    style: PromptStyle | None,
) -> _Exported:
    found = _Exported()
    for item in items:
        found.read += 1
        if isinstance(item, Dropped):
            found.left_out.append(item)
            continue
        for row in export_rows(item.trajectory, form, style or item.style, choices):
            if isinstance(row, Dropped):
                found.left_out.append(row)
            else:
                found.rows.setdefault(item.split, []).append(row)
    return found


def _table(form: ExportForm, found: _Exported, name: str) -> str:
    counts: Mapping[str, int] = {f"rows in {name}": found.read} | (
        {f"{form} rows, {split}": len(rows) for split, rows in found.rows.items()} or {f"{form} rows": 0}
    )
    width = max(24, *map(len, counts))
    lines = [f"{label:<{width}}{count:>9,}" for label, count in counts.items()]
    reasons = Counter(each.reason for each in found.left_out)
    if reasons:
        lines.append(f"{'left out':<{width}}{reasons.total():>9,}")
    for reason, count in reasons.most_common():
        first = next(each for each in found.left_out if each.reason is reason)
        lines.append(f"  {reason:<{width - 2}}{count:>9,}")
        lines.append(f"    first {one_line(f'{first.id}: {first.detail}', _LONGEST_DETAIL)}")
    return "\n".join(lines)
