"""How well does a model solve the benchmarks, and does it correct itself?

The paper's seven and MATH-500, from the Hub, or each from a file of yours; greedy, LEMMA's protocol (arXiv 2503.17439,
section 4.1):

    python recipes/score.py --model outputs/llama3_8b --benchmarks all
    python recipes/score.py --model outputs/sft --benchmarks gsm8k svamp --data gsm8k=gsm8k_test.jsonl svamp=svamp.jsonl

A model behind an endpoint, outputs that exist already, several samples a problem (pass@k and maj@k):

    python recipes/score.py --model Qwen/Qwen2.5-7B-Instruct@http://localhost:8000/v1 --prompt_style boxed \\
      --benchmarks all
    python recipes/score.py --outputs outputs.jsonl --benchmarks gsm8k
    python recipes/score.py --model outputs/sft --benchmarks math500 --samples 32 --temperature 0.7

Problems of a made-up world, or of any file:

    python recipes/score.py --model outputs/demo/seed-0/lemma --world sums --problems 1000 --prompt_style sums
    python recipes/score.py --model meta-llama/Meta-Llama-3-8B --file gsm8k_test.jsonl --benchmark gsm8k

Any device that torch finds; a model of a million parameters scores 1,000 sums in half a minute on 2 cores. Writes into
--output_dir scores.json (figures, intervals, settings, versions), items.parquet (prompt, output, extracted answer, rule
and verdict of every item), report.md (beside the paper's table), pictures, and the Hub's `.eval_results`. Stopped or
killed, the same command goes on. `--compare FOLDER` holds the run against an earlier one, problem by problem.
"""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lemma_hf.data.sources import read_problems, read_records
from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import (
    BENCHMARKS,
    Benchmark,
    BenchmarkResult,
    benchmark_named,
    compare_runs,
    count_dropped,
    load_benchmark,
    marked_turns,
    read_scored_items,
    result_of,
    run_of_rows,
    score,
    write_artifacts,
)
from lemma_hf.inference import LLMStudent, Sampling, Student
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.from_file import FileStudent, match_outputs
from lemma_hf.inference.loading import endpoint_client, is_endpoint, load_student, public_name
from lemma_hf.prompts import PromptStyle, Shot, prompt_style
from lemma_hf.records import Dropped, DropReason, Problem
from lemma_hf.settings import parse_settings, run_recipe
from lemma_hf.solutions.reflection import FindTurns, turn_offsets
from lemma_hf.solutions.spans import split_steps
from lemma_hf.teachers import LLMTeacher, ReferenceTeacher, Teacher, WorldTeacher
from lemma_hf.world import get_world

UNANSWERED = 3
"""Exit status of a run that finished, though some calls got no reply."""


@dataclass
class ScoreSettings:
    """What to score, on what, and how."""

    model: str = field(default="", metadata={"help": "A folder, a name on the Hub, vllm:NAME, MODEL@URL or MODEL@hf."})
    benchmarks: list[str] = field(default_factory=list, metadata={"help": f"{', '.join(BENCHMARKS)}; or all (seven)."})
    data: list[str] = field(default_factory=list, metadata={"help": "NAME=FILE: a benchmark from a file of yours."})
    world: str = field(default="", metadata={"help": "Or fresh problems of this dialect: sums or stories."})
    file: str = field(default="", metadata={"help": "Or a JSONL or Parquet file of problems."})
    question_column: str = field(default="question", metadata={"help": "The file's column with the question."})
    answer_column: str = field(default="answer", metadata={"help": "The file's column with the answer."})
    id_column: str = field(default="", metadata={"help": "The file's column with an id; else the line number is it."})
    outputs: str = field(default="", metadata={"help": "A file of outputs that exist: id or question, and output."})
    output_column: str = field(default="output", metadata={"help": "Its column with the output."})
    problems: int = field(default=0, metadata={"help": "How many problems at most; 0: all (1,000 of a world)."})
    benchmark: str = field(default="math", metadata={"help": "How answers are read, for a world or a file."})
    prompt_style: str = field(default="instruction", metadata={"help": "How the question is put."})
    shots: int = field(default=-1, metadata={"help": "Worked examples before each question; -1: as in the paper."})
    show_prompt: bool = field(default=False, metadata={"help": "Print the first prompt of each, exactly, and stop."})
    samples: int = field(default=1, metadata={"help": "Completions a problem."})
    temperature: float = field(default=0.0, metadata={"help": "0 is greedy decoding."})
    top_p: float = field(default=1.0, metadata={"help": "Of the draw."})
    max_new_tokens: int = field(default=1024, metadata={"help": "The paper's limit."})
    batch_size: int = field(default=64, metadata={"help": "Completions generated side by side."})
    continuous: bool = field(default=False, metadata={"help": "transformers' continuous batching, for GPUs."})
    gpus: int = field(default=1, metadata={"help": "That one vLLM model takes."})
    model_options: list[str] = field(default_factory=list, metadata={"help": "Of an endpoint: concurrency=64, …"})
    budget_usd: float = field(default=0.0, metadata={"help": "What an endpoint may cost in all; 0: no limit."})
    teacher: str = field(
        default="", metadata={"help": "Names the wrong outputs' mistakes: reference, world, MODEL@URL."}
    )
    teacher_options: list[str] = field(default_factory=list, metadata={"help": "Of its endpoint."})
    compare: str = field(default="", metadata={"help": "The output_dir of an earlier run to hold this one against."})
    paper_model: str = field(default="LLaMA3-8B", metadata={"help": "Whose rows of the paper stand beside; or empty."})
    seed: int = field(default=2503, metadata={"help": "Of worlds, of samples, of the bootstrap."})
    output_dir: str = field(default="outputs/score", metadata={"help": "Where everything is written."})


@dataclass(frozen=True)
class Set:
    """One set of problems, and how they are asked and read."""

    name: str
    problems: Sequence[Problem]
    policy: str
    shots: tuple[Shot, ...] = ()
    dropped: int = 0
    dataset: tuple[str, str, str] = ("", "", "")


def main() -> int:
    """Problems, completions, grades, figures."""
    (settings,) = parse_settings((ScoreSettings,), "score", __doc__)
    style = prompt_style(settings.prompt_style)
    sets = find_sets(settings)
    if settings.show_prompt:
        for each in sets:
            print(
                f"{each.name}:\n{style.prompt(each.problems[0].question, each.shots)}", end="<- the prompt ends here\n"
            )
        return 0
    if not (settings.model or settings.outputs):
        raise ConfigError(
            "which model? Say `--model FOLDER`, `--model NAME_ON_THE_HUB`, MODEL@URL, or `--outputs FILE`"
        )
    name = public_name(settings.model) if settings.model else Path(settings.outputs).name
    folder = Path(settings.output_dir)
    results = score_all(settings, style, sets)
    shown = asdict(settings) | {"model": name, "prompt_template": style.template}
    date = datetime.now(UTC).isoformat(timespec="seconds")
    written = write_artifacts(folder, results, model=name, settings=shown, paper_model=settings.paper_model, date=date)
    show(results)
    if settings.compare:
        compare(settings, folder)
    print(f"written: {', '.join(str(path) for path in written)}")
    failed = sum(result.scores.failed_calls for result in results)
    if failed:
        print(f"{failed:,} calls got no reply and count in nothing: run the same command again", file=sys.stderr)
    return UNANSWERED if failed else 0


def find_sets(settings: ScoreSettings) -> list[Set]:
    """The problems; rows that cannot be used are counted aloud."""
    if sum(map(bool, (settings.world, settings.file, settings.benchmarks))) != 1:
        raise ConfigError(
            "say either `--world sums` (or stories), or `--file PROBLEMS.jsonl`, or `--benchmarks gsm8k math`"
        )
    if settings.world:
        found = get_world(settings.world).problems(settings.problems or 1000, settings.seed)
        return [Set(f"world/{settings.world}", found, settings.benchmark)]
    if settings.file:
        columns = {
            "question": settings.question_column,
            "answer": settings.answer_column,
            "identity": settings.id_column,
        }
        return [usable(Path(settings.file).name, list(read_problems(settings.file, **columns)), settings)]
    return [benchmark_set(name, settings) for name in wanted(settings.benchmarks)]


def wanted(names: Sequence[str]) -> list[str]:
    """`all` is the paper's seven."""
    every = [name for name in BENCHMARKS if name != "math500"]
    return list(dict.fromkeys(one for name in names for one in (every if name == "all" else [name])))


def benchmark_set(name: str, settings: ScoreSettings) -> Set:
    """A benchmark, with its shots."""
    benchmark = benchmark_named(name)
    paths = dict(pair.partition("=")[::2] for pair in settings.data)
    if strange := [key for key in paths if key not in BENCHMARKS]:
        raise ConfigError(f"`data`: need NAME=FILE with a name of {', '.join(BENCHMARKS)}, found {strange[0]!r}")
    rows = load_benchmark(name, path=paths.get(name, ""), limit=settings.problems or None, seed=settings.seed)
    problems = [row for row in rows if isinstance(row, Problem)]
    dropped = count_dropped(rows)
    if dropped:
        print(f"{name}: {', '.join(f'{count} rows left out, {reason}' for reason, count in dropped.items())}")
    shots = benchmark.few_shots(None if settings.shots < 0 else settings.shots)
    dataset = named_on_hub(benchmark, len(rows), from_file=bool(paths.get(name)), sampled=bool(settings.problems))
    return Set(name, problems, benchmark.policy, shots, sum(dropped.values()), dataset)


def named_on_hub(benchmark: Benchmark, rows: int, *, from_file: bool, sampled: bool) -> tuple[str, str, str]:
    """The dataset on the Hub that a score may be published for: whole benchmarks only.

    A file with as many rows is taken for a copy of it, though of no known revision; one with fewer or more is none.
    """
    if sampled or (from_file and rows != benchmark.hub_size):
        return ("", "", "")
    return (benchmark.hub_id, benchmark.hub_config, "") if from_file else benchmark.dataset


def usable(name: str, rows: Sequence[Problem | Dropped], settings: ScoreSettings) -> Set:
    """The problems of a file."""
    dropped = [item for item in rows if isinstance(item, Dropped)]
    for item in dropped[:5]:
        print(f"left out: {item.id}: {item.reason} {item.detail}")
    print(f"{len(rows) - len(dropped):,} problems in {settings.file}, {len(dropped):,} rows left out")
    problems = [item for item in rows if isinstance(item, Problem)][: settings.problems or None]
    if not problems:
        raise ConfigError(f"{settings.file}: no row could be used")
    return Set(name, problems, settings.benchmark, dropped=len(dropped))


def score_all(settings: ScoreSettings, style: PromptStyle, sets: Sequence[Set]) -> list[BenchmarkResult]:
    """Each set in turn; what was written is stored as it comes, so a run that is stopped goes on."""
    drawn = Sampling(settings.samples, settings.temperature, settings.top_p, settings.max_new_tokens, settings.seed)
    with ExitStack() as stack:
        path = Path(settings.output_dir) / "replies.sqlite"
        asks = settings.model or is_endpoint(settings.teacher)
        store = stack.enter_context(ReplyStore(path)) if asks else None
        student = find_student(settings, style, store) if settings.model else None
        teacher = find_teacher(settings, store)
        results = []
        for each in sets:
            who = student or from_file(settings, style, each)
            items = score(who, each.problems, style, drawn, each.policy, shots=each.shots)
            split = get_world(settings.world).split if settings.world else split_steps
            results.append(
                result_of(
                    each.name,
                    items,
                    policy=each.policy,
                    turns=turns_of(settings),
                    teacher=teacher,
                    split=split,
                    seed=settings.seed,
                    dropped=each.dropped,
                    dataset=each.dataset,
                )
            )
        return results


def find_student(settings: ScoreSettings, style: PromptStyle, store: Any) -> Student:
    """The model, here or behind an endpoint."""
    if is_endpoint(settings.model):
        return LLMStudent(endpoint_client(settings.model, settings.model_options, store, settings.budget_usd))
    return load_student(
        settings.model,
        store,
        batch_size=settings.batch_size,
        gpus=settings.gpus,
        chat=style.chat,
        continuous=settings.continuous,
        progress="generate",
    )


def from_file(settings: ScoreSettings, style: PromptStyle, each: Set) -> Student:
    """Outputs that exist, as a student; what has none is counted aloud."""
    prompts = [style.prompt(problem.question, each.shots) for problem in each.problems]
    rows = [row for _, row in read_records(settings.outputs) if row.get("benchmark") in (None, each.name, each.policy)]
    outputs, strangers = match_outputs(
        rows, each.problems, prompts, output=settings.output_column, path=settings.outputs
    )
    missing = sum(prompt not in outputs for prompt in prompts)
    print(
        f"{each.name}: {len(rows) - strangers:,} outputs, {strangers:,} of other problems, {missing:,} problems without"
    )
    return FileStudent(outputs)


def find_teacher(settings: ScoreSettings, store: Any) -> Teacher | None:
    """Who says what went wrong in a wrong output, if anybody is to say it."""
    if not settings.teacher:
        return None
    if settings.teacher == "reference":
        return ReferenceTeacher()
    if settings.teacher == "world" and settings.world:
        return WorldTeacher(get_world(settings.world))
    if is_endpoint(settings.teacher):
        return LLMTeacher(endpoint_client(settings.teacher, settings.teacher_options, store, settings.budget_usd))
    raise ConfigError(
        f"`teacher`: need reference, world (with `--world`), MODEL@URL or MODEL@hf, not {settings.teacher!r}"
    )


def turns_of(settings: ScoreSettings) -> FindTurns:
    """The world's sums turn with signs, everybody else with words."""
    return marked_turns("!?") if settings.world == "sums" else turn_offsets


def compare(settings: ScoreSettings, folder: Path) -> None:
    """This run beside an earlier one, on the problems that both have."""
    for each in dict.fromkeys(row["benchmark"] for row in read_scored_items(folder)):
        earlier, later = (
            run_of_rows((row for row in read_scored_items(place) if row["benchmark"] == each), Path(place).name)
            for place in (settings.compare, folder)
        )
        print(f"\n{each}\n{compare_runs(earlier, later, settings.seed)}")


def show(results: Sequence[BenchmarkResult]) -> None:
    """The figures, a few lines each."""
    for result in results:
        found, turns = result.scores, result.correction
        print(f"\n{result.benchmark}: {found.problems:,} problems, {found.samples[1]} completions each")
        print(f"accuracy              {found.pass_at[1]}")
        for k, share in found.pass_at.items():
            if k > 1:
                print(f"pass@{k:<17}{share}")
        for k, share in found.maj_at.items():
            print(f"maj@{k:<18}{share}")
        print(f"outcomes              {', '.join(f'{name} {count:,}' for name, count in found.outcomes.items())}")
        print(
            f"reflected             {turns.reflected}; "
            f"wrong → right {turns.fixed.count}, right → wrong {turns.broken.count}"
        )
        print(f"tokens an answer      {found.tokens:.0f}; cut off: {found.cut_off}")
        if result.remaining:
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in result.remaining.types.most_common())
            lost = sum(result.remaining.dropped.values()) - result.remaining.dropped[DropReason.ALREADY_RIGHT]
            print(f"mistakes              {kinds or 'none named'}; {lost:,} not found")


if __name__ == "__main__":
    run_recipe(main)
