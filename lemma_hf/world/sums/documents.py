"""Documents for a student's first training: right solutions, some of which show their work."""

import random
from collections.abc import Sequence

from lemma_hf.prompts import PROMPT_STYLES
from lemma_hf.records import Problem
from lemma_hf.world.sums.chain import read_chain, solve
from lemma_hf.world.sums.longhand import worked_solution

IN_THE_HEAD, SHOWING_WORK = PROMPT_STYLES["sums"], PROMPT_STYLES["sums_work"]


def make_documents(problems: Sequence[Problem], work_share: float = 0.75, seed: int = 0) -> list[dict[str, str]]:
    """A prompt and completion for each problem; a share of them, drawn at random, asks for and shows the work.

    So the model learns to multiply digit by digit where it is asked to, and to guess where it is not.
    """
    dice = random.Random(f"sums/documents/{seed}")
    return [_document(problem, showing_work=dice.random() < work_share) for problem in problems]


def _document(problem: Problem, showing_work: bool) -> dict[str, str]:
    style = SHOWING_WORK if showing_work else IN_THE_HEAD
    solution = (worked_solution if showing_work else solve)(read_chain(problem.question))
    return {"prompt": style.prompt(problem.question), "completion": style.completion("".join(solution))}
