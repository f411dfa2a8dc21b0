"""Measurement of an arm: its answers to held-out problems, graded and analysed step by step."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lemma_hf.evaluation import Scored, Scores, Share, score, summarize
from lemma_hf.experiments.miniature._problems import Problems
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.inference import LocalStudent, Sampling
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Problem
from lemma_hf.world.sums import SUMS, Fates, Turns, count_fates, count_turns, left_out, read_chain


def measure(
    student: LocalStudent, problems: Problems, style: PromptStyle, settings: MiniatureSettings
) -> tuple[dict[str, Any], list[Scored]]:
    """Greedy answers to the three sets of problems.

    Returns:
        The figures of each set by its name, and all the answers.
    """
    sets = {"held_out": problems.held_out, "longer": problems.longer, "larger": problems.larger}
    answers = {name: _answer(student, list(found), style, settings) for name, found in sets.items()}
    figures: dict[str, Any] = {name: figures_of(items) for name, items in answers.items()}
    figures["example"] = example_of(answers["held_out"])
    return figures, [item for items in answers.values() for item in items]


def vote(
    student: LocalStudent, problems: Sequence[Problem], style: PromptStyle, settings: MiniatureSettings, samples: int
) -> dict[str, Any]:
    """Majority vote over several samples: the other use for the tokens that self-correction costs."""
    sampling = Sampling(n=samples, temperature=0.7, max_new_tokens=settings.longest, seed=0)
    items = score(student, problems, style, sampling)
    scores = Scores.from_items(items, maj_at=[samples])
    return {"samples": samples, "accuracy": scores.maj_at[samples].as_dict(), "tokens": samples * scores.tokens}


def figures_of(items: Sequence[Scored]) -> dict[str, Any]:
    """The figures of the answers to a set of problems, as plain values."""
    report = summarize(items, SUMS.has_turn)
    by_steps: dict[int, list[bool]] = {}
    for item in items:
        by_steps.setdefault(len(read_chain(item.problem.question).operations), []).append(item.right)
    return {
        "accuracy": report.accuracy.as_dict(),
        "reflected": report.reflected.as_dict(),
        "tokens": report.tokens,
        "cut_off": report.unfinished,
        "by_steps": {str(n): Share(sum(right), len(right)).as_dict() for n, right in sorted(by_steps.items())},
        "turns": asdict(sum(map(_turns, items), Turns())),
        "fates": asdict(sum(map(_fates, items), Fates())),
        "left_out": Share(sum(map(_leaves_out, items)), len(items)).as_dict(),
        "right": "".join("01"[item.right] for item in items),
    }


def example_of(items: Sequence[Scored]) -> dict[str, str] | None:
    """The first right answer in which a mistake was corrected; None where there is none."""
    for item in items:
        if item.right and _turns(item).wrong_to_right:
            question, answer = item.problem.question, item.problem.reference_answer
            return {"question": question, "answer": answer, "output": item.completion.text}
    return None


def _turns(item: Scored) -> Turns:
    return count_turns(read_chain(item.problem.question), item.completion.text)


def _fates(item: Scored) -> Fates:
    return count_fates(read_chain(item.problem.question), item.completion.text)


def _leaves_out(item: Scored) -> bool:
    """Whether the solution leaves out an operation of the question."""
    return bool(left_out(read_chain(item.problem.question), item.completion.text))


def _answer(
    student: LocalStudent, problems: list[Problem], style: PromptStyle, settings: MiniatureSettings
) -> list[Scored]:
    return score(student, problems, style, Sampling(max_new_tokens=settings.longest))
