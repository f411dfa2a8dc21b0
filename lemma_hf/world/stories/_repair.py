"""Corrections of a flawed solution of a story, by repairing the step or by starting over."""

import random
from collections.abc import Collection, Sequence

from lemma_hf.records import Flawed, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.stories import _reflections as reflections
from lemma_hf.world.stories._mistakes import reason
from lemma_hf.world.stories._oracle import StoryDiagnosis, diagnose_story, found_in
from lemma_hf.world.stories._story import Story
from lemma_hf.world.stories._template import TemplateStep


def write_solution(story: Story, choice: random.Random) -> str:
    """Write the usual route to the right answer, one step a line."""
    return _solution(story, story.template.routes[0], choice, ())


def fix(story: Story, flawed: Flawed) -> Trajectory:
    """Correct by Fix & Continue: the right step instead of the wrong one, then the steps that are still needed."""
    choice = _choice(flawed, Strategy.FIX_AND_CONTINUE)
    diagnosis = diagnose_story(story, flawed.attempt.steps)
    found = found_in(story, flawed.right_steps)
    why = _why(story, flawed, diagnosis, choice)
    turn = reflections.notice(choice, flawed.error.type, why) + reflections.redo(choice)
    route = min(story.template.routes, key=lambda steps: sum(step.name not in found for step in steps))
    correction = _solution(story, route, choice, flawed.attempt.steps, skip=found)
    return _trajectory(flawed, Strategy.FIX_AND_CONTINUE, turn, correction)


def restart(story: Story, flawed: Flawed) -> Trajectory:
    """Correct by Fresh & Restart: a whole new solution in other words, by another route where the story has one."""
    choice = _choice(flawed, Strategy.FRESH_AND_RESTART)
    why = _why(story, flawed, diagnose_story(story, flawed.attempt.steps), choice)
    route = choice.choice(story.template.routes)
    other_way = route is not story.template.routes[0]
    vague = choice.random() < 0.3
    turn = reflections.notice_vaguely(choice) if vague else reflections.notice(choice, flawed.error.type, why)
    turn += reflections.start_over(choice, other_way=other_way)
    return _trajectory(flawed, Strategy.FRESH_AND_RESTART, turn, _solution(story, route, choice, flawed.attempt.steps))


def _choice(flawed: Flawed, strategy: Strategy) -> random.Random:
    return random.Random(f"{strategy}|{flawed.attempt.id}|{flawed.problem.id}|{flawed.attempt.text}")


def _why(story: Story, flawed: Flawed, diagnosis: object, choice: random.Random) -> str | None:
    """The reason why the step is wrong, where the oracle finds the same error as `flawed.error`."""
    if not isinstance(diagnosis, StoryDiagnosis) or diagnosis.step != flawed.error.step:
        return None
    if diagnosis.type is not flawed.error.type:
        return None
    if diagnosis.mistake is not None:
        return reason(story, diagnosis.mistake)
    if diagnosis.equation is not None and diagnosis.type is ErrorType.CALCULATION:
        return reflections.wrong_sum(choice, diagnosis.equation)
    return None


def _solution(
    story: Story, route: Sequence[TemplateStep], choice: random.Random, avoid: Sequence[str], skip: Collection[str] = ()
) -> str:
    lines = [line for line in story.work(route) or () if line.step.name not in skip]
    return "".join(story.write(line, choice, avoid) for line in lines) + story.answer_line(story.answer)


def _trajectory(flawed: Flawed, strategy: Strategy, turn: str, correction: str) -> Trajectory:
    """Put the spans together; a wrong step without its line break gets one."""
    wrong = flawed.wrong_step if flawed.wrong_step.endswith("\n") else flawed.wrong_step.rstrip() + "\n"
    # A dash, not a slash: the ids of the shipped rows are written so.
    return Trajectory.corrected(flawed, strategy, turn, correction, wrong=wrong, id=f"{flawed.attempt.name}-{strategy}")
