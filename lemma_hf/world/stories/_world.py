"""The world of word problems: ids of stories, their mistakes, the oracle and the corrections."""

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from lemma_hf.errors import DataError
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, Origin, Problem, Trajectory
from lemma_hf.solutions.spans import corrects_itself
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.world.stories import _repair as repair
from lemma_hf.world.stories._mistakes import StorySlip, carry_out, known_slips, miscalculations
from lemma_hf.world.stories._oracle import StoryDiagnosis, diagnose_story
from lemma_hf.world.stories._story import Story, draw_story
from lemma_hf.world.stories._templates import TEMPLATES

_ID = re.compile(r"stories-(-?\d{1,18})-(\d{6,12})")  # stories-7-000123
_STEP = re.compile(r"[^\n]*(?:\n\s*)+|[^\n]+$")  # "9 * 2 = 18\n\n", and the last line without its break


class Stories:
    """Multi-step word problems; see `lemma_hf.world.protocol.World`.

    Example:
        >>> problem = Stories().problems(1, seed=7)[0]
        >>> problem.id, problem.source
        ('stories-7-000000', 'world/stories')
    """

    name = "stories"
    error_types: Sequence[ErrorType] = (
        *INJECTABLE,
        ErrorType.UNIT_CONVERSION,
        ErrorType.CONTEXT_VALUE,
        ErrorType.OPERATOR,
    )

    def problems(self, count: int, seed: int) -> list[Problem]:
        """`count` problems with different questions; a longer list begins with the shorter one."""
        found: dict[str, Problem] = {}
        index = 0
        while len(found) < count:
            problem = _make_problem(f"stories-{seed}-{index:06d}")
            found.setdefault(problem.question, problem)
            index += 1
        return list(found.values())

    def split(self, text: str) -> tuple[str, ...]:
        """The lines, each with its line break and with the blank lines that follow it."""
        return tuple(_STEP.findall(text))

    def bare_step(self, step: str) -> str:
        """The step: a correction is worded like any solution."""
        return step

    def has_turn(self, text: str) -> bool:
        """Whether a solution contains a turn, by the cues of `lemma_hf.solutions.cues`."""
        return corrects_itself(text)

    def analyse(self, attempt: Attempt) -> Error | Dropped:
        """The first wrong step and its type, by reading the equations of each step."""
        item = attempt.name
        story = _story_of(attempt.problem)
        if story is None:
            return _foreign(item, attempt.problem, "analyse")
        diagnosis = diagnose_story(story, attempt.steps)
        if isinstance(diagnosis, StoryDiagnosis):
            return Error(diagnosis.type, diagnosis.step)
        return Dropped(item, "analyse", diagnosis)

    def inject(self, problem: Problem, error_type: ErrorType, item_id: str) -> Flawed | Dropped:
        """A wrong solution; another `item_id` may bring another mistake of the same type."""
        story = _story_of(problem)
        if story is None:
            return _foreign(item_id, problem, "inject")
        choice = random.Random(f"inject|{problem.id}|{error_type}|{item_id}")
        for slip in _slips(story, error_type, choice):
            steps = _write(story, slip, choice)
            seen = diagnose_story(story, steps)
            if isinstance(seen, StoryDiagnosis) and (seen.step, seen.type) == (slip.place + 1, error_type):
                attempt = Attempt(problem, steps, id=item_id)
                return Flawed(attempt, Error(error_type, slip.place + 1, Origin.INJECTED))
        return Dropped(item_id, "inject", _why_not(story, error_type), f"{story.template.name}: {error_type}")

    def fix(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct a flawed solution by Fix & Continue."""
        story = _story_of(flawed.problem)
        return repair.fix(story, flawed) if story else _foreign(flawed.attempt.id, flawed.problem, "fix")

    def restart(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct a flawed solution by Fresh & Restart."""
        story = _story_of(flawed.problem)
        return (
            _foreign(flawed.attempt.id, flawed.problem, "restart") if story is None else repair.restart(story, flawed)
        )


@lru_cache(maxsize=8192)
def story_of_id(problem_id: str) -> Story | None:
    """The story with this id; None where it is no id of this world."""
    match = _ID.fullmatch(problem_id)
    if match is None:
        return None
    choice = random.Random(f"stories|{int(match[1])}|{int(match[2])}")
    return draw_story(choice.choice(TEMPLATES), choice)


@lru_cache(maxsize=8192)
def _make_problem(problem_id: str) -> Problem:
    story = story_of_id(problem_id)
    if story is None:
        raise DataError(f"{problem_id!r} is no id of a story: ids look like stories-7-000123")
    solution = repair.write_solution(story, random.Random(f"solution|{problem_id}"))
    return Problem(problem_id, story.question, story.answer_text(story.answer), solution, "world/stories")


def _story_of(problem: Problem) -> Story | None:
    """The story of a problem; None where the problem is not of this world, or of another version of it."""
    story = story_of_id(problem.id)
    return story if story is not None and story.question == problem.question else None


def _foreign(item: str, problem: Problem, stage: str) -> Dropped:
    detail = f"{problem.id!r} is no problem of this version of world/stories: make it with STORIES.problems"
    return Dropped(item or problem.id, stage, DropReason.BAD_ROW, detail)


def _slips(story: Story, kind: ErrorType, choice: random.Random) -> Sequence[StorySlip]:
    if kind is ErrorType.CALCULATION:
        return [slip for slip, _ in zip(miscalculations(story, choice), range(5), strict=False)]
    slips = [slip for slip in known_slips(story) if slip.mistake.type is kind]
    choice.shuffle(slips)
    return slips


def _write(story: Story, slip: StorySlip, choice: random.Random) -> tuple[str, ...]:
    return (*(story.write(line, choice) for line in slip.lines), story.answer_line(slip.answer))


def _why_not(story: Story, kind: ErrorType) -> DropReason:
    """The reason for no injection: the type's mistakes end in the right answer, or the story has none of them."""
    slips = (carry_out(story, mistake) for mistake in story.template.mistakes if mistake.type is kind)
    harmless = any(slip is not None and slip.answer == story.answer for slip in slips)
    return DropReason.ANSWER_STILL_RIGHT if harmless else DropReason.CANNOT_INJECT
