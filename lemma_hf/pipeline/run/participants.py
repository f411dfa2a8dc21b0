"""Participants of a run: the student, who makes mistakes, and the teacher, who finds and corrects them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lemma_hf.errors import ConfigError
from lemma_hf.inference import CachedStudent, LLMStudent, Sampling, Student
from lemma_hf.inference.endpoint import ChatClient, ReplyLookup, Usage
from lemma_hf.inference.loading import endpoint_client, is_endpoint, load_student, public_name
from lemma_hf.pipeline.run.settings import InputSettings, ParticipantSettings, RunSettings, TrajectorySettings
from lemma_hf.pipeline.sample import Split
from lemma_hf.prompts import PromptStyle, prompt_style
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import CheckedTeacher, LLMTeacher, Teacher
from lemma_hf.teachers.loading import load_teacher

VERIFY, GO_ON = "verify", "go on"
"""Where the student writes roll-outs, and where it writes on behind a corrected step, as its calls are named."""


@dataclass(frozen=True, slots=True)
class Participants:
    """The teacher, and the student where one writes."""

    teacher: Teacher
    types: Sequence[ErrorType]
    """Error types that the teacher can inject."""
    split: Split
    """Text to steps, as the teacher counts them."""
    student: Student | None = None
    writes: bool = False
    """Whether attempts are written by a student (which a dry run does not load)."""
    clients: Sequence[ChatClient] = field(default=())
    """Clients of the endpoints among them."""
    needs_solutions: bool = True
    """Whether the teacher needs a reference solution of each problem."""
    names: tuple[str, str] = ("", "")
    """Student and teacher, as the card names them."""

    def named(self) -> dict[str, str]:
        """Names of those that made the rows, for the card."""
        student, teacher = self.names
        found = {"student": student or "none in this run", "teacher": teacher}
        return found | {f"prompt `{name}`": version for name, version in self.prompt_versions.items()}

    @property
    def prompt_versions(self) -> dict[str, str]:
        """Versions of the prompts, for a teacher that is a model; else there are none."""
        return self.teacher.prompt_versions if isinstance(self.teacher, LLMTeacher | CheckedTeacher) else {}

    @property
    def verifier(self) -> Student | None:
        """The student under the name of the stage that verifies, so that its calls are counted there."""
        return self.student.titled(VERIFY) if isinstance(self.student, LLMStudent) else self.student

    @property
    def writer_on(self) -> Student | None:
        """The student under the name of the calls in which it writes on behind a corrected step.

        Its own bar is shown where the teacher shows one: in the many items of one call, the funnel's would stand still.
        """
        if isinstance(self.student, LLMStudent):
            return self.student.titled(GO_ON)
        if isinstance(self.student, CachedStudent) and getattr(self.teacher, "shows_progress", False):
            return CachedStudent(self.student.student, self.student.store, self.student.name, GO_ON)
        return self.student

    @property
    def usage(self) -> list[Usage]:
        """Usage of the endpoints in this run, stage by stage."""
        return [spent for client in self.clients for spent in client.usage]


def _samples_student(inputs: InputSettings, actors: ParticipantSettings) -> bool:
    """Whether attempts are to be written by a student, and not only read from files.

    Raises:
        ConfigError: if `sample` says one thing and the other settings say another.
    """
    if inputs.sample not in ("", "from_file", "student"):
        raise ConfigError(f"`sample`: need `from_file` or `student`, found {inputs.sample!r}")
    if inputs.sample == "student" and not actors.student:
        raise ConfigError("`sample: student` needs a `student`: a folder, a Hub name, or MODEL@URL")
    if inputs.sample == "from_file" and not (inputs.outputs or inputs.attempts):
        raise ConfigError("`sample: from_file` needs `outputs` or `attempts`: files of what models wrote")
    return bool(actors.student) and inputs.sample != "from_file"


def teacher_name(inputs: InputSettings, actors: ParticipantSettings) -> str:
    """The teacher that the settings name, or the one of the inputs."""
    return actors.teacher or ("world" if inputs.world else "reference")


def student_style(actors: ParticipantSettings, made: TrajectorySettings) -> PromptStyle:
    """How the question is put to the student."""
    return prompt_style(actors.student_prompt_style or made.prompt_style)


def sampling_of(actors: ParticipantSettings, seed: int) -> Sampling:
    """The student's parameters of decoding."""
    return Sampling(actors.samples, actors.temperature, actors.top_p, actors.max_new_tokens, seed)


def needs_store(inputs: InputSettings, actors: ParticipantSettings, goes_on: bool = False) -> bool:
    """Whether a run needs a store of replies, so that nothing is paid for or computed twice.

    Args:
        goes_on: whether the student, where there is one, writes on behind corrected steps (`turns: each`).
    """
    student = _samples_student(inputs, actors) or actors.verify_prefix > 0 or (goes_on and bool(actors.student))
    return is_endpoint(actors.teacher) or student


def find_participants(
    inputs: InputSettings,
    actors: ParticipantSettings,
    run: RunSettings,
    store: ReplyLookup | None,
    style: PromptStyle,
    *,
    goes_on: bool = False,
) -> Participants:
    """Make the student and the teacher that the settings name.

    Args:
        style: prompt style of the student.
        store: keeps the replies; needed where `needs_store` says so.
        goes_on: as for `needs_store`.

    Raises:
        ConfigError: if there is no such teacher or student, or an option of an endpoint makes no sense.
    """
    if actors.verify_prefix < 0 or (actors.verify_prefix and not actors.student):
        raise ConfigError(
            f"`verify_prefix: {actors.verify_prefix}` needs to be 0 or more, and a `student` to write roll-outs; with "
            "`sample: from_file` it writes nothing else"
        )
    found = _find_teacher(inputs, actors, run, store)
    writes = _samples_student(inputs, actors)
    if not (writes or actors.verify_prefix or (goes_on and actors.student)):
        return found
    found = replace(found, writes=writes, names=(public_name(actors.student), found.names[1]))
    if run.dry_run:
        return found
    assert store is not None, "`needs_store` says so"
    client = _client(actors.student, actors.student_options, run, store)
    student = load_student(
        actors.student,
        store,
        client=client,
        batch_size=actors.batch_size,
        gpus=actors.gpus,
        chat=style.chat,
        watch=run.engine == "local",
    )
    return replace(found, student=student, clients=(*found.clients, *([client] if client else [])))


def _find_teacher(
    inputs: InputSettings, actors: ParticipantSettings, run: RunSettings, store: ReplyLookup | None
) -> Participants:
    name = teacher_name(inputs, actors)
    client = _client(name, actors.teacher_options, run, store)
    found = load_teacher(
        name,
        client=client,
        world=inputs.world,
        trust_annotations=actors.trust_annotations,
        min_sureness=actors.min_sureness,
        prompts_dir=actors.prompts_dir,
        max_tokens=actors.teacher_max_tokens,
        votes=actors.votes,
        hold_against_reference=actors.hold_against_reference,
    )
    return Participants(
        found.teacher,
        found.types,
        found.split,
        clients=(client,) if client else (),
        needs_solutions=found.needs_solutions,
        names=("", found.name),
    )


def _client(name: str, options: Sequence[str], run: RunSettings, store: ReplyLookup | None) -> ChatClient | None:
    """Asks the endpoint that a setting names; None where it names no endpoint."""
    if not is_endpoint(name):
        return None
    assert store is not None, "`needs_store` says so wherever there is an endpoint"
    parts = run.ray_clients if run.engine == "ray" else 1
    return endpoint_client(name, options, store, run.budget_usd, retry_failed=run.retry_failed, parts=parts)
