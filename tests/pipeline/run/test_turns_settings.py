"""What the turns of a run are made with, by its settings."""

from collections.abc import Sequence
from typing import Any, cast

from lemma_hf.inference import CachedStudent, Completion, LLMStudent, Sampling
from lemma_hf.pipeline import StudentGoesOn, WorldGoesOn
from lemma_hf.pipeline.run import turns_of
from lemma_hf.pipeline.run.participants import Participants, needs_store
from lemma_hf.pipeline.run.settings import InputSettings, ParticipantSettings, TrajectorySettings
from lemma_hf.records import Origin
from lemma_hf.solutions.spans import split_steps
from lemma_hf.taxonomy import INJECTABLE
from lemma_hf.teachers import LLMTeacher, Teacher, WorldTeacher
from lemma_hf.world.sums import SUMS, read_chain, solve, worked_solution

NOT_ASKED = cast("Any", None)


class Local:
    """A student on this machine that is not asked here."""

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        raise NotImplementedError


def participants(teacher: Teacher, student: Any = None) -> Participants:
    return Participants(teacher, INJECTABLE, split_steps, student=student, writes=student is not None)


EACH = TrajectorySettings(turns="each", max_turns=3, prompt_style="sums", benchmark="gsm8k", seed=7)


def test_without_a_student_the_world_goes_on_and_its_corrected_steps_are_read_without_their_work() -> None:
    made = turns_of(InputSettings(world="sums"), ParticipantSettings(), EACH, participants(WorldTeacher(SUMS)))
    assert isinstance(made.go_on, WorldGoesOn) and made.go_on.origin is Origin.INJECTED
    assert (made.most, made.benchmark) == (3, "gsm8k")
    (problem,) = SUMS.problems(1, seed=0)
    chain = read_chain(problem.question)
    assert tuple(map(made.clean, worked_solution(chain))) == solve(chain)


def test_a_student_goes_on_as_it_is_asked_and_drawn_for_its_attempts() -> None:
    who = ParticipantSettings(student="x", temperature=0.3, max_new_tokens=9, student_prompt_style="question")
    made = turns_of(InputSettings(), who, EACH, participants(WorldTeacher(SUMS), Local()))
    assert isinstance(made.go_on, StudentGoesOn) and made.go_on.origin is Origin.STUDENT
    sampling = made.go_on.sampling
    assert (sampling.temperature, sampling.max_new_tokens, sampling.seed) == (0.3, 9, 7)
    assert (made.go_on.style.name, made.clean("1 + 1")) == ("question", "1 + 1")


def test_calls_behind_a_corrected_step_have_a_name_and_a_slow_student_has_a_bar_where_the_funnel_has_none() -> None:
    asked = participants(WorldTeacher(SUMS), LLMStudent(NOT_ASKED)).writer_on
    assert isinstance(asked, LLMStudent) and asked.title == "go on"
    local = CachedStudent(Local(), NOT_ASKED, "m")
    quiet, shown = participants(WorldTeacher(SUMS), local), participants(LLMTeacher(NOT_ASKED), local)
    assert quiet.writer_on is local
    assert isinstance(shown.writer_on, CachedStudent) and shown.writer_on.progress == "go on"


def test_a_student_that_only_goes_on_needs_a_store_too() -> None:
    files, who = InputSettings(sample="from_file", outputs=["o.jsonl"]), ParticipantSettings(student="m")
    assert (needs_store(files, who), needs_store(files, who, goes_on=True)) == (False, True)
    assert not needs_store(InputSettings(world="sums"), ParticipantSettings(), goes_on=True)
