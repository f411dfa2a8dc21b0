"""How well does a model solve a benchmark, and does it correct itself?

    python recipes/score.py --model outputs/demo/LEMMA --world sums --problems 1000 --prompt_style sums
    python recipes/score.py --model meta-llama/Meta-Llama-3-8B --file gsm8k_test.jsonl --benchmark gsm8k

Greedy decoding, LEMMA's protocol (arXiv 2503.17439, section 4.1). Any device that torch finds; a model of a million
parameters scores 1,000 sums in half a minute on 2 cores. Writes items.jsonl (prompt, output, extracted answer, rule and
verdict of every item) and report.json (figures, intervals, settings, versions) into --output_dir.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lemma_hf.data.sources import read_problems
from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import Report, Scored, score, summarise
from lemma_hf.generate import LocalStudent, Sampling
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Dropped, Problem
from lemma_hf.segment import has_reflection
from lemma_hf.settings import parse_settings, run_recipe
from lemma_hf.world import dialect_named


@dataclass
class ScoreSettings:
    """What to score, on what, and how."""

    model: str = field(default="", metadata={"help": "A folder with a model, or its name on the Hub."})
    world: str = field(default="", metadata={"help": "Score on fresh problems of this dialect: sums or stories."})
    file: str = field(default="", metadata={"help": "Or on a JSONL or Parquet file of problems."})
    question_column: str = field(default="question", metadata={"help": "The file's column with the question."})
    answer_column: str = field(default="answer", metadata={"help": "The file's column with the answer."})
    id_column: str = field(default="", metadata={"help": "The file's column with an id; else the line number is it."})
    problems: int = field(default=1000, metadata={"help": "How many problems at most."})
    benchmark: str = field(default="math", metadata={"help": "Whose answer policy the grader follows."})
    prompt_style: str = field(default="instruction", metadata={"help": "How the question is put."})
    show_prompt: bool = field(default=False, metadata={"help": "Print the first prompt, exactly, and stop."})
    max_new_tokens: int = field(default=1024, metadata={"help": "The paper's limit."})
    batch_size: int = field(default=64, metadata={"help": "Completions generated side by side."})
    seed: int = field(default=2503, metadata={"help": "Which problems a world makes: not the seed you trained on."})
    output_dir: str = field(default="outputs/score", metadata={"help": "Where items and report are written."})


def main() -> None:
    """Problems, completions, grades, report."""
    (settings,) = parse_settings((ScoreSettings,), "score", __doc__)
    problems = find_problems(settings)
    style = prompt_style(settings.prompt_style)
    if settings.show_prompt:
        print(style.prompt(problems[0].question), end="<- the prompt ends here\n")
        return
    if not settings.model:
        raise ConfigError("which model? Say `--model FOLDER` or `--model NAME_ON_THE_HUB`")
    student = LocalStudent.load(settings.model, settings.batch_size)
    sampling = Sampling(max_new_tokens=settings.max_new_tokens)
    items = score(student, problems, style, sampling, settings.benchmark)
    reflects = dialect_named(settings.world).reflects if settings.world else has_reflection
    report = summarise(items, reflects)
    write(Path(settings.output_dir), items, report, settings)
    show(report)


def find_problems(settings: ScoreSettings) -> list[Problem]:
    """From a world or from a file; rows of a file that cannot be used are counted aloud."""
    if bool(settings.world) == bool(settings.file):
        raise ConfigError("say either `--world sums` (or stories), or `--file PROBLEMS.jsonl`")
    if settings.world:
        return dialect_named(settings.world).problems(settings.problems, settings.seed)
    columns = {"question": settings.question_column, "answer": settings.answer_column, "identity": settings.id_column}
    found = list(read_problems(settings.file, **columns))
    dropped = [item for item in found if isinstance(item, Dropped)]
    for item in dropped[:5]:
        print(f"left out: {item.id}: {item.reason} {item.detail}")
    print(f"{len(found) - len(dropped):,} problems in {settings.file}, {len(dropped):,} rows left out")
    problems = [item for item in found if isinstance(item, Problem)][: settings.problems]
    if not problems:
        raise ConfigError(f"{settings.file}: no row could be used")
    return problems


def write(folder: Path, items: Sequence[Scored], report: Report, settings: ScoreSettings) -> None:
    """Everything needed to check the figures, or to grade the outputs again."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(item.as_row(), ensure_ascii=False) for item in items)
    (folder / "items.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    facts: dict[str, Any] = report.as_dict() | {"settings": asdict(settings), "versions": versions()}
    (folder / "report.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"written: {folder / 'items.jsonl'} and {folder / 'report.json'}")


def versions() -> dict[str, str]:
    """Of everything that a score can depend on."""
    return {name: version(name) for name in ("lemma-hf", "transformers", "torch", "latex2sympy2_extended")}


def show(report: Report) -> None:
    """The figures, a line each."""
    print(f"accuracy              {report.accuracy}")
    print(f"outcomes              {', '.join(f'{name} {count:,}' for name, count in report.outcomes.items())}")
    print(f"reflected             {report.reflected}")
    print(f"right when reflected  {report.right_when_reflected}")
    print(f"tokens an answer      {report.tokens:.0f}; cut off: {report.unfinished}")


if __name__ == "__main__":
    run_recipe(main)
