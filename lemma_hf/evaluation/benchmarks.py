"""The benchmarks that a model is scored on: the paper's seven and MATH-500, each a declaration.

From the Hub, from its cache (`HF_HUB_OFFLINE=1`), or from a file of your own:

    problems = load_benchmark("gsm8k")
    problems = load_benchmark("gsm8k", path="downloads/gsm8k_test.jsonl", limit=200)

Sizes and notes say where a copy on the Hub is not what papers report on. Shots are the paper's (section 4.1): four for
ASDiv, MAWPS and SVAMP, none for the others; our own are in `lemma_hf/prompts/shots`.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lemma_hf.data.benchmark_rows import AnswerRule, BenchmarkColumns, Reading, rows_to_problems
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation.benchmark_files import hub_records, local_records
from lemma_hf.prompts import Shot, load_shots
from lemma_hf.records import Dropped, Problem

_MAIN = "main"
"""The revision of a copy for which we know no commit: it may change under you."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark: its place on the Hub, how it is asked and graded, its size and license."""

    name: str
    hub_id: str
    """Its dataset on the Hub; empty where there is none that `datasets` can load."""
    hub_config: str
    revision: str
    """A commit on the Hub, or `main` where we know none."""
    split: str
    columns: BenchmarkColumns
    answer_rule: AnswerRule
    shots: int
    """Worked examples before the question, as in the paper."""
    license: str
    size: int
    """Problems that the paper's line of work reports on."""
    hub_size: int
    """Problems that the Hub's copy has; where not as many, `note` says why."""
    paper: str
    style: str = "instruction"
    """The prompt style, unless another is asked for."""
    several: str = ""
    """The mark between the answers of a row that has several; such rows are left out."""
    note: str = ""

    @property
    def policy(self) -> str:
        """The name by which the grader knows how to read its answers, see `lemma_hf.grade`."""
        return self.name

    @property
    def reading(self) -> Reading:
        """The rules by which its rows are read."""
        return Reading(self.name, self.columns, self.answer_rule, self.several)

    @property
    def dataset(self) -> tuple[str, str, str]:
        """Id on the Hub, config and revision."""
        return self.hub_id, self.hub_config, self.revision

    def few_shots(self, count: int | None = None) -> tuple[Shot, ...]:
        """Its worked examples: as many as in the paper, or `count`.

        Raises:
            ConfigError: if there are not so many.
        """
        return load_shots(self.name, self.shots if count is None else count)


BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            name="gsm8k",
            hub_id="openai/gsm8k",
            hub_config="main",
            revision="740312add88f781978c0658806c59bc2815b9866",
            split="test",
            columns=BenchmarkColumns(),
            answer_rule=AnswerRule.HASHES,
            shots=0,
            license="MIT",
            size=1319,
            hub_size=1319,
            paper="https://arxiv.org/abs/2110.14168",
        ),
        Benchmark(
            name="math",
            hub_id="DigitalLearningGmbH/MATH-lighteval",
            hub_config="default",
            revision="0530c78699ea5e8eb5530600900e1f328b48acad",
            split="test",
            columns=BenchmarkColumns(("problem",), "answer", "solution", "type", "level"),
            answer_rule=AnswerRule.BOXED,
            shots=0,
            license="MIT",
            size=5000,
            hub_size=5000,
            paper="https://arxiv.org/abs/2103.03874",
            note="The authors' own dataset, hendrycks/competition_math, is disabled on the Hub; this is a copy of it.",
        ),
        Benchmark(
            name="math500",
            hub_id="HuggingFaceH4/MATH-500",
            hub_config="",
            revision="6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be",
            split="test",
            columns=BenchmarkColumns(("problem",), "answer", "solution", "subject", "level", "unique_id"),
            answer_rule=AnswerRule.BOXED,
            shots=0,
            license="MIT",
            size=500,
            hub_size=500,
            paper="https://arxiv.org/abs/2305.20050",
            note="500 of MATH's test problems, drawn by Lightman et al. 2023; the paper does not report on it.",
        ),
        Benchmark(
            name="asdiv",
            hub_id="EleutherAI/asdiv",
            hub_config="asdiv",
            revision="8f95807222d87b4c688c3c22a6ba2801e1fa03e2",
            split="validation",
            columns=BenchmarkColumns(("body", "question"), "answer", "", "solution_type"),
            answer_rule=AnswerRule.UNIT,
            shots=4,
            license="CC BY-NC 4.0 (not for commercial use)",
            size=2215,
            hub_size=2305,
            paper="https://arxiv.org/abs/2106.15772",
            several=";",
            note="The Hub has 2,305 problems; those with several answers (`5; 7`) are left out, as is usual: they are "
            "counted as dropped.",
        ),
        Benchmark(
            name="mawps",
            hub_id="MU-NLPC/Calc-mawps",
            hub_config="default",
            revision="38c10053efeafd20ab6ff4e08c3ec17de26c19b7",
            split="test",
            columns=BenchmarkColumns(("question",), "result", "", "", "", "id"),
            answer_rule=AnswerRule.PLAIN,
            shots=4,
            license="none stated by its authors; the copy on the Hub says MIT",
            size=2065,
            hub_size=520,
            paper="https://aclanthology.org/N16-1136/",
            note="Not the same problems: papers report on 2,065 (addsub, multiarith, singleeq, singleop; in "
            "github.com/microsoft/ToRA, src/data/mawps/test.jsonl), the Hub's test split has 520. Give that file as "
            "`path` to compare with the paper.",
        ),
        Benchmark(
            name="svamp",
            hub_id="ChilleD/SVAMP",
            hub_config="",
            revision="5e0bf1e5e7c0e9c4bc39180d224f41f3f801b7ef",
            split="train+test",
            columns=BenchmarkColumns(("Body", "Question"), "Answer", "", "Type", "", "ID"),
            answer_rule=AnswerRule.PLAIN,
            shots=4,
            license="MIT",
            size=1000,
            hub_size=1000,
            paper="https://arxiv.org/abs/2103.07191",
            note="Papers report on all 1,000 problems; the Hub's copy has 700 of them as `train` and 300 as `test`, so "
            "both are taken. A copy with the 300 alone gives another score.",
        ),
        Benchmark(
            name="college_math",
            hub_id="di-zhang-fdu/College_Math_Test",
            hub_config="",
            revision=_MAIN,
            split="test",
            columns=BenchmarkColumns(("question",), "answer", "", "data_topic"),
            answer_rule=AnswerRule.PLAIN,
            shots=0,
            license="by row (column `license`): GNU FDL and several of Creative Commons, some not for commercial use",
            size=2818,
            hub_size=2818,
            paper="https://arxiv.org/abs/2403.02884",
            note="Answers are as the textbooks have them: some are sentences or proofs, which no grader reads.",
        ),
        Benchmark(
            name="deepmind_math",
            hub_id="",
            hub_config="",
            revision="",
            split="test",
            columns=BenchmarkColumns(),
            answer_rule=AnswerRule.PLAIN,
            shots=0,
            license="Apache-2.0",
            size=1000,
            hub_size=0,
            paper="https://arxiv.org/abs/1904.01557",
            note="Papers report on 1,000 problems that MAmmoTH drew (in github.com/ytyz1307zzh/RefAug, "
            "data/MathInstruct/deepmind/deepmind.json: give that file as `path`). The Hub's deepmind/math_dataset is "
            "another set, and a script, which `datasets` no longer runs.",
        ),
    )
}
"""The benchmarks by name; the paper's `Mathematics` is `deepmind_math`."""


def get_benchmark(name: str) -> Benchmark:
    """The benchmark called `name`.

    Raises:
        ConfigError: if there is none; the message has the nearest names.

    Example:
        >>> get_benchmark("gsm8k").size
        1319
    """
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    close = get_close_matches(name.lower().replace("-", "_"), BENCHMARKS, n=2)
    hint = f"do you mean {' or '.join(map(repr, close))}? Known" if close else "known"
    raise ConfigError(f"no benchmark is called {name!r}; {hint} are {', '.join(BENCHMARKS)}")


def load_benchmark(name: str, *, path: str = "", limit: int | None = None, seed: int = 0) -> list[Problem | Dropped]:
    """The problems of a benchmark, in its order, and the rows that could not be used.

    Args:
        path: a JSON Lines or Parquet file, or a folder with one or with a copy of the dataset; columns may be the Hub's
            or ours. By default the Hub's copy is loaded, or taken from the cache.
        limit: draw so many problems; of the dropped rows all are kept. A larger limit adds to what a smaller one draws.
        seed: of that draw.

    Raises:
        ConfigError: if there is no such benchmark, or the limit is below 1.
        DataError: if the rows cannot be had, or none of them can be used.
    """
    benchmark = get_benchmark(name)
    if limit is not None and limit < 1:
        raise ConfigError(f"limit has to be at least 1, but is {limit}")
    items = list(rows_to_problems(_rows(benchmark, path), benchmark.reading))
    if not any(isinstance(item, Problem) for item in items):
        raise DataError(
            f"{path or benchmark.hub_id}: none of {len(items):,} rows of {name!r} can be used{_first(items)}"
        )
    return items if limit is None else _drawn(items, limit, seed)


def count_dropped(items: Sequence[Problem | Dropped]) -> dict[str, int]:
    """The number of rows that could not be used, by reason."""
    return dict(Counter(str(item.reason) for item in items if isinstance(item, Dropped)))


def _rows(benchmark: Benchmark, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if path:
        return local_records(path, benchmark.name, benchmark.hub_config, benchmark.split)
    if not benchmark.hub_id:
        raise DataError(f"benchmark {benchmark.name!r} is not on the Hub: give `path`. {benchmark.note}")
    return _from_hub(benchmark)


def _from_hub(benchmark: Benchmark) -> Iterator[tuple[int, dict[str, Any]]]:
    repository, config, revision = benchmark.dataset
    try:
        yield from hub_records(repository, config, revision, benchmark.split)
    except DataError as error:
        raise DataError(
            f"benchmark {benchmark.name!r} cannot be had from the Hub ({error}). There are two ways: load it once with "
            "a network, and the cache has it from then on, also with HF_HUB_OFFLINE=1; or give a copy of it as `path` "
            f"(of score.py: --data {benchmark.name}=PATH; a .jsonl, .json or .parquet file, or a folder)"
        ) from error


def _drawn(items: list[Problem | Dropped], limit: int, seed: int) -> list[Problem | Dropped]:
    places = [place for place, item in enumerate(items) if isinstance(item, Problem)]
    random.Random(seed).shuffle(places)
    kept = set(places[:limit])
    return [item for place, item in enumerate(items) if isinstance(item, Dropped) or place in kept]


def _first(items: Sequence[Problem | Dropped]) -> str:
    return next((f"; the first: {item.detail}" for item in items if isinstance(item, Dropped)), "")
