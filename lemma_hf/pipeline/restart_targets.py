"""Targets of Fresh & Restart: right solutions by the student itself, where there are some.

The paper takes a random right roll-out of the student, and the reference solution where there is none (section 3.3).
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lemma_hf.pipeline.grade import is_right
from lemma_hf.records import Attempt, Flawed, Origin
from lemma_hf.solutions.shown_work import shows_work
from lemma_hf.solutions.step_facts import has_code_or_json
from lemma_hf.teachers.reference import without_claim

_MAX_CHARACTERS = 2000
"""A longer solution is no target: the wrong prefix comes before it, and rows have a limit too."""

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # such as the comma in 1,200


def with_targets(flawed: Sequence[Flawed], graded: Iterable[Attempt], seed: int = 0) -> list[Flawed]:
    """Give each wrong attempt a right solution of the same question as its `target`, where there is one.

    It is taken from the attempts with the same `problem.source`, since each of several models has a style of its own.
    An injected error belongs to no model; where its source has no attempts at the question, those of all sources are
    taken. The draw depends on the item's id and the seed, and not on the order or the other items.

    Args:
        graded: attempts; those that are graded right, are prose and not too long are taken, unless their steps never
            reach the answer that they claim ("= 2.75 days. The answer is 2").
    """
    right = _right_texts(graded)
    return [_with_target(item, right, seed) for item in flawed]


def _right_texts(graded: Iterable[Attempt]) -> dict[tuple[str, str | None], list[str]]:
    """Right solutions by question and source, and by question alone (None), sorted."""
    texts: dict[tuple[str, str | None], set[str]] = {}
    for attempt in graded:
        text = attempt.text.strip()
        if is_right(attempt) and len(text) <= _MAX_CHARACTERS and not has_code_or_json(text) and _arrives(attempt):
            for source in (attempt.problem.source, None):
                texts.setdefault((attempt.problem.key, source), set()).add(text)
    return {key: sorted(found) for key, found in texts.items()}


def _arrives(attempt: Attempt) -> bool:
    """Whether the answer stands in the steps too, and not only in the claim: else it was right by luck, or a guess."""
    answer = re.escape(attempt.problem.reference_answer.strip())
    steps = _THOUSANDS.sub("", "\n".join(without_claim(attempt.text)))
    found = re.search(rf"(?<![\w.]){answer}(?!\d|\.\d*[1-9])", steps)  # 2 in "= 2", "2." and "2.0", not in "2.75"
    return bool(found) and shows_work(attempt.steps)


def _with_target(item: Flawed, right: Mapping[tuple[str, str | None], Sequence[str]], seed: int) -> Flawed:
    question = item.problem.key
    texts = right.get((question, item.problem.source))
    if texts is None and item.error.origin is Origin.INJECTED:
        texts = right.get((question, None))
    if not texts:
        return item
    dice = random.Random(f"target/{seed}/{item.attempt.name}")
    return replace(item, target=dice.choice(texts))
