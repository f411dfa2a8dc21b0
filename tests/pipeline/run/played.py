"""Who answers at the loopback endpoint when the whole pipeline runs? The world's oracle, in the manner of a real model.

It reads the prompts of `lemma_hf/prompts/teacher` as a model would get them, knows the problems of the world by their
questions, and answers in the form that the prompt asks for. The same body always gets the same answer.
"""

import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lemma_hf.pipeline.continuation import GO_ON
from lemma_hf.prompts import PROMPT_STYLES
from lemma_hf.records import Attempt, Dropped, Error, Flawed, Problem, SpanKind, Trajectory
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.prompts import FIELDS, TeacherPrompt, load_prompt
from lemma_hf.world.stories import STORIES
from lemma_hf.world.stories._repair import write_solution
from lemma_hf.world.stories._world import story_of_id

Fields = Mapping[str, str]

_LEADS = {"Wait, ": "Hold on, ", "Hmm, ": "Wait a moment, ", "No, ": "No, wait, "}


class PlayedTeacher:
    """The `answer` of a `LoopbackEndpoint`: teacher and student in one.

    Args:
        problems: of `STORIES`; whoever asks about another one has made a mistake.
        wrong: share of the student's solutions that are wrong.
        garbled: share of the teacher's replies that are idle talk in no form at all.

    Raises:
        KeyError: where a prompt names a problem that is not known (the endpoint tells it to the test).
    """

    def __init__(self, problems: Sequence[Problem], *, wrong: float = 0.6, garbled: float = 0.0) -> None:
        self.problems = {problem.question.strip(): problem for problem in problems}
        self.wrong = wrong
        self.garbled = garbled
        self._prompts = {prompt.opening[0]["content"]: prompt for prompt in map(load_prompt, FIELDS)}

    def __call__(self, body: dict[str, Any]) -> str:
        choice = random.Random(hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest())
        first, last = body["messages"][0]["content"], body["messages"][-1]["content"]
        prompt = self._prompts.get(first)
        if prompt is None:
            return self._as_student(last, choice)
        fields = fields_of(prompt, last)
        if choice.random() < self.garbled:
            return "I am happy to help! This is an interesting problem about numbers."
        return ROLES[prompt.name](self._problem(fields["question"]), fields, choice)

    def _problem(self, question: str) -> Problem:
        return self.problems[question.strip()]

    def _as_student(self, prompt: str, choice: random.Random) -> str:
        asked, _, given = prompt.partition(GO_ON)
        problem = self._problem(question_in(asked))
        flawed = _inject(problem, choice.choice(STORIES.error_types), choice) if choice.random() < self.wrong else None
        whole = flawed.attempt.text if flawed else _right_solution(problem, choice)
        # Behind steps that stand it writes its next ones; now and then it repeats what it was given.
        new = "".join(whole.splitlines(keepends=True)[given.count("\n") :]) or whole.splitlines()[-1]
        return given + new if choice.random() < 0.2 else new


def fields_of(prompt: TeacherPrompt, message: str) -> dict[str, str]:
    """What was filled into the template of a prompt."""
    first, *parts = prompt.template
    assert message.startswith(first), f"not made of the template of {prompt.name}: {message[:200]!r}"
    rest, found = message[len(first) :], {}
    for name, following in zip(parts[::2], parts[1::2], strict=True):
        # A template may end in a field, with nothing behind it.
        found[name], mark, rest = rest.partition(following) if following else (rest, "", "")
        assert mark == following, f"nothing like {following!r} behind {name} in {message[-400:]!r}"
    return found


def question_in(prompt: str) -> str:
    """The question that a student is asked, whatever the style."""
    # The longest template first: that of `chat` is the bare question, and every prompt looks like it.
    for style in sorted(PROMPT_STYLES.values(), key=lambda style: -len(style.template)):
        before, _, after = style.template.partition("{question}")
        if style.name not in ("sums", "sums_work") and prompt.startswith(before) and prompt.endswith(after):
            return prompt[len(before) : len(prompt) - len(after)]
    return prompt


def _analyse(problem: Problem, fields: Fields, choice: random.Random) -> str:
    found = STORIES.analyse(Attempt(problem, tuple(f"{step}\n" for step in _numbered(fields["steps"]))))
    if isinstance(found, Dropped):
        return "I checked every step.\n<step>none</step>"
    assert found.type is not None
    return f"I checked the steps up to number {found.step}.\n<step>{found.step}</step>\n<type>{found.type}</type>"


def _numbered(steps: str) -> list[str]:
    """`[1] … [2] …` as a list; a number that is not the next one belongs to the text."""
    found: list[str] = []
    for line in steps.split("\n"):
        mark = f"[{len(found) + 1}] "
        if line.startswith(mark):
            found.append(line.removeprefix(mark))
        else:
            found[-1] += f"\n{line}"
    return found


def _inject_reply(problem: Problem, fields: Fields, choice: random.Random) -> str:
    flawed = _inject(problem, ErrorType.from_text(fields["type"]), choice)
    if flawed is None:  # a model writes something all the same
        return f"<solution>\n{_right_solution(problem, choice)}\n</solution>\n<step>1</step>"
    return f"<solution>\n{flawed.attempt.text.strip()}\n</solution>\n<step>{flawed.error.step}</step>"


def _inject(problem: Problem, kind: ErrorType, choice: random.Random) -> Flawed | None:
    flawed = STORIES.inject(problem, kind, f"played-{choice.getrandbits(32)}")
    return None if isinstance(flawed, Dropped) else flawed


def _right_solution(problem: Problem, choice: random.Random) -> str:
    story = story_of_id(problem.id)
    assert story is not None
    return write_solution(story, choice)


def _fix(problem: Problem, fields: Fields, choice: random.Random) -> str:
    return _turn(STORIES.fix(_flawed(problem, fields)))


def _restart(problem: Problem, fields: Fields, choice: random.Random) -> str:
    return _turn(STORIES.restart(_flawed(problem, fields)))


def _flawed(problem: Problem, fields: Fields) -> Flawed:
    right = fields["right_steps"].split("\n") if not fields["right_steps"].startswith("(none") else []
    steps = tuple(f"{step}\n" for step in [*right, fields["wrong_step"]])
    kind = None if fields["type"] == "not known" else ErrorType.from_text(fields["type"])
    return Flawed(Attempt(problem, steps), Error(kind, len(steps)))


def _turn(trajectory: Trajectory | Dropped) -> str:
    assert isinstance(trajectory, Trajectory), trajectory
    reflection, correction = ("".join(s.text for s in trajectory.of_kind(kind)).strip() for kind in _TURN)
    return f"<reflection>\n{reflection}\n</reflection>\n<correction>\n{correction}\n</correction>"


_TURN = (SpanKind.REFLECTION, SpanKind.CORRECTION)


def _smooth(problem: Problem, fields: Fields, choice: random.Random) -> str:
    """Other words where the reflection begins, so that a smoothed one can be told."""
    lead = next((lead for lead in _LEADS if fields["reflection"].startswith(lead)), "")
    reflection = re.sub(f"^{re.escape(lead)}", _LEADS[lead], fields["reflection"]) if lead else fields["reflection"]
    return f"<reflection>\n{reflection}\n</reflection>\n<correction>\n{fields['correction']}\n</correction>"


ROLES: dict[str, Callable[[Problem, Fields, random.Random], str]] = {
    "analyse": _analyse,
    "inject": _inject_reply,
    "fix": _fix,
    "restart": _restart,
    "smooth": _smooth,
}
