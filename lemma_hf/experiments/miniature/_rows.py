"""Training rows of each arm: trajectories by the stages of `lemma_hf.pipeline`, the world's oracle as the teacher.

references   the reference solution of each problem, done in the head
careful      the solution of each problem that shows all its work
own_right    the student's own right solutions, each once
rounds       as many turns as the student makes mistakes, each where it made it
spot         `rounds` without wrong steps and turns: the steps put right stand in their places, with the work they show
both, fix, restart, uncut, injected
             the paper's way: one attempt at each problem; a wrong one is cut at its first mistake and put right, a
             right one stays as it is
share_N      `rounds` where there is a mistake, for N % of the problems; `references` for the others
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.data.export import clean_solution
from lemma_hf.data.rows import features, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.inference import Sampling, Student
from lemma_hf.pipeline import (
    Draft,
    Funnel,
    StudentGoesOn,
    Turns,
    analyse_stage,
    correct_stage,
    error_distribution,
    finish_drafts,
    grade_stage,
    inject_stage,
    plan_injections,
    sample_stage,
    select_stage,
    smooth_stage,
    wrong_stage,
)
from lemma_hf.pipeline.grade import is_right
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Attempt, Dropped, Flawed, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.teachers import WorldTeacher
from lemma_hf.utils.files import read_json_lines, write_text
from lemma_hf.world.sums import read_chain, worked_solution

IN_THE_HEAD = prompt_style("sums")
SHOWING_WORK = prompt_style("sums_work")
_SHARES = (10, 30, 60)
"""Percent of problems with a mistake, of the arms `share_N`."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Maker of the rows of all arms of one seed."""

    student: Student
    settings: MiniatureSettings
    seed: int
    funnel: Funnel

    @property
    def _teacher(self) -> WorldTeacher:
        return WorldTeacher(self.settings.world)

    def make(self, problems: Sequence[Problem]) -> dict[str, list[Trajectory]]:
        """The trajectories of all kinds of rows, by the name in the field `rows` of an arm."""
        rows = {"references": [_plain(problem, problem.reference_solution) for problem in problems]}
        rows["careful"] = [_plain(p, "".join(worked_solution(read_chain(p.question)))) for p in problems]
        rows["rounds"] = self.rounds(problems)
        rows["spot"] = [_without_turns(trajectory) for trajectory in rows["rounds"]]
        graded = self._attempts(problems)
        rows["own_right"] = _once([_plain(each.problem, each.text) for each in graded if is_right(each)])
        rows |= self._one_turn_each(graded)
        rows |= {f"share_{share}": mixed(rows["rounds"], rows["references"], share / 100) for share in _SHARES}
        return rows

    def rounds(self, problems: Sequence[Problem]) -> list[Trajectory]:
        """Trajectories in which each of the student's own mistakes is corrected where it was made."""
        split = self.settings.world.split
        turns = Turns(
            teacher=self._teacher,
            split=split,
            go_on=StudentGoesOn(self.student, IN_THE_HEAD, split, self._sampling(1)),
            clean=self.settings.world.bare_step,
            most=max(self.settings.steps) + 1,
        )
        drafts = [Draft(f"{problem.id}/turns", problem) for problem in problems]
        return finish_drafts(self.funnel, turns, drafts)

    def _attempts(self, problems: Sequence[Problem]) -> list[Attempt]:
        sample = sample_stage(
            self.student, self._sampling(self.settings.samples), IN_THE_HEAD, self.settings.world.split
        )
        return self.funnel.run(grade_stage(), self.funnel.run(sample, problems))

    def _sampling(self, n: int) -> Sampling:
        # 0.7: attempts at one problem differ, and are still the student's likely ones. Seeds of arms lie far apart.
        return Sampling(n=n, temperature=0.7, max_new_tokens=self.settings.longest, seed=1000 * self.seed)

    def _one_turn_each(self, graded: Sequence[Attempt]) -> dict[str, list[Trajectory]]:
        """Trajectories as in the paper, with one correction, from the first attempt at each problem."""
        first = list({attempt.problem.id: attempt for attempt in reversed(graded)}.values())
        right = [_plain(each.problem, each.text) for each in first if is_right(each)]
        own = self.funnel.run(analyse_stage(self._teacher), self.funnel.run(wrong_stage(), first))
        found = error_distribution(own, graded)
        wanted = plan_injections([item.problem for item in own], len(own), distribution=found, seed=self.seed)
        injected = self.funnel.run(inject_stage(self._teacher), wanted)
        each_way = self._corrected(own, both=True)
        ways = {way: [t for t in each_way if t.errors[0].strategy is way] for way in Strategy}
        corrected = {
            "both": self._corrected(own),
            "uncut": self._corrected(own, cut=False),
            "injected": self._corrected(injected),
            "fix": ways[Strategy.FIX_AND_CONTINUE],
            "restart": ways[Strategy.FRESH_AND_RESTART],
        }
        return {name: [*trajectories, *right] for name, trajectories in corrected.items()}

    def _corrected(self, flawed: Sequence[Flawed], *, both: bool = False, cut: bool = True) -> list[Trajectory]:
        teacher = self._teacher
        made = self.funnel.run(correct_stage(teacher, both=both, seed=self.seed, cut=cut), flawed)
        return self.funnel.run(select_stage(find_spans=False), self.funnel.run(smooth_stage(teacher), made))


def mixed(wrong: Sequence[Trajectory], right: Sequence[Trajectory], share: float) -> list[Trajectory]:
    """A mixture: for a share of the problems, drawn by id, the trajectory with a mistake; for all others `right`.

    A share that is larger than that of the problems with a mistake takes all of these.
    """
    flawed = sorted((t for t in wrong if t.errors), key=lambda t: random.Random(f"share/{t.problem.id}").random())
    chosen = {t.problem.id: t for t in flawed[: round(share * len(right))]}
    return [chosen.get(t.problem.id, t) for t in right]


def _without_turns(trajectory: Trajectory) -> Trajectory:
    """The solution with each wrong step replaced by the step put right, as if no mistake had been made."""
    text = clean_solution(trajectory)
    if isinstance(text, Dropped):
        raise DataError(f"{text.id}: {text.detail}")
    return _plain(trajectory.problem, text)


def counts_of(trajectories: Sequence[Trajectory]) -> dict[str, int]:
    """The numbers of an arm's rows by kind."""
    return {
        "rows": len(trajectories),
        "problems": len({t.problem.id for t in trajectories}),
        "with_error": sum(bool(t.errors) for t in trajectories),
        "errors": sum(len(t.errors) for t in trajectories),
        # One token a character, and the end token.
        "tokens": sum(len(IN_THE_HEAD.prompt(t.problem.question)) + len(t.text) + 1 for t in trajectories),
    }


def write_training_rows(trajectories: Sequence[Trajectory], path: Path) -> None:
    """Write the rows as JSON Lines."""
    lines = (json.dumps(trajectory_to_row(t, IN_THE_HEAD)) + "\n" for t in trajectories)
    write_text(path, "".join(lines))


def read_training_rows(path: Path) -> Any:
    """Read the rows as a dataset.

    Raises:
        DataError: if there are none.
    """
    from datasets import Dataset

    rows = [row for _, row in read_json_lines(path)]
    if not rows:
        raise DataError(
            f"{path}: no rows to learn from, since the student wrote nothing of this kind: give it more "
            "--reading_updates, or leave the arm out with --arms"
        )
    return Dataset.from_list(rows, features=features())


def _plain(problem: Problem, text: str) -> Trajectory:
    return Trajectory(problem, (Span(SpanKind.REASONING, text),), id=problem.id)


def _once(trajectories: Sequence[Trajectory]) -> list[Trajectory]:
    return list({(t.problem.id, t.text): t for t in trajectories}.values())
