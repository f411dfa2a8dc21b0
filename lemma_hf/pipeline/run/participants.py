"""Who makes mistakes, and who finds and mends them? The student and the teacher that a run's settings name."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lemma_hf.errors import ConfigError
from lemma_hf.inference import LLMStudent, Sampling, Student
from lemma_hf.inference.endpoint import ChatClient, ReplyLookup, Spending
from lemma_hf.inference.loading import endpoint_client, is_endpoint, public_name, student_here
from lemma_hf.pipeline.run.settings import ActorSettings, InputSettings, RunSettings
from lemma_hf.pipeline.sample import Split
from lemma_hf.prompts import PromptStyle
from lemma_hf.solutions.spans import split_steps
from lemma_hf.solutions.step_facts import split_prose_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers import LLMTeacher, ReferenceTeacher, Teacher, WorldTeacher
from lemma_hf.world import get_world


@dataclass(frozen=True, slots=True)
class Participants:
    """The teacher, and the student where one writes."""

    teacher: Teacher
    types: Sequence[ErrorType]
    """Types of mistakes that the teacher can make on purpose."""
    split: Split
    """Text to steps, as the teacher counts them."""
    student: Student | None = None
    writes: bool = False
    """Whether attempts are written by a student (which a dry run does not load)."""
    clients: Sequence[ChatClient] = field(default=())
    """Of the endpoints among them."""
    needs_solutions: bool = True
    """Whether the teacher can do nothing without a reference solution."""
    names: tuple[str, str] = ("", "")
    """Student and teacher, as the card names them."""

    def named(self) -> dict[str, str]:
        """Who made the rows, for the card."""
        student, teacher = self.names
        found = {"student": student or "none in this run", "teacher": teacher}
        return found | {f"prompt `{name}`": version for name, version in self.prompt_versions.items()}

    @property
    def prompt_versions(self) -> dict[str, str]:
        """Of the prompts for a teacher that is a model; else there are none."""
        return self.teacher.prompt_versions if isinstance(self.teacher, LLMTeacher) else {}

    @property
    def spending(self) -> list[Spending]:
        """What was asked of endpoints in this run, stage by stage."""
        return [spent for client in self.clients for spent in client.spending]


def _samples_student(inputs: InputSettings, actors: ActorSettings) -> bool:
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


def sampling_of(actors: ActorSettings, seed: int) -> Sampling:
    """How the student draws."""
    return Sampling(actors.samples, actors.temperature, actors.top_p, actors.max_new_tokens, seed)


def needs_store(inputs: InputSettings, actors: ActorSettings) -> bool:
    """Whether anybody writes what would have to be paid for, or computed, again."""
    return is_endpoint(actors.teacher) or _samples_student(inputs, actors)


def find_participants(
    inputs: InputSettings, actors: ActorSettings, run: RunSettings, store: ReplyLookup | None, style: PromptStyle
) -> Participants:
    """Whoever the settings name.

    Args:
        style: how the student is asked.
        store: where replies are kept; needed where `needs_store` says so.

    Raises:
        ConfigError: if there is no such teacher or student, or an option of an endpoint makes no sense.
    """
    found = _find_teacher(inputs, actors, run, store)
    if not _samples_student(inputs, actors):
        return found
    found = replace(found, writes=True, names=(public_name(actors.student), found.names[1]))
    if run.dry_run:
        return found
    if is_endpoint(actors.student):
        client = _client(actors.student, actors.student_options, run, store)
        return replace(found, student=LLMStudent(client), clients=(*found.clients, client))
    assert store is not None, "`needs_store` says so"
    here = student_here(actors.student, store, batch_size=actors.batch_size, gpus=actors.gpus, chat=style.chat)
    return replace(found, student=here)


def _find_teacher(
    inputs: InputSettings, actors: ActorSettings, run: RunSettings, store: ReplyLookup | None
) -> Participants:
    name = actors.teacher or ("world" if inputs.world else "reference")
    if is_endpoint(name):
        client = _client(name, actors.teacher_options, run, store)
        prompts = actors.prompts_dir or None
        teacher = LLMTeacher(client, prompts, max_tokens=actors.teacher_max_tokens)
        return Participants(
            teacher, INJECTABLE, split_steps, clients=(client,), needs_solutions=False, names=("", public_name(name))
        )
    if name == "world":
        if not inputs.world:
            raise ConfigError("`teacher: world` knows the world's own problems only: set `world`, or another teacher")
        dialect = get_world(inputs.world)
        types = [type_ for type_ in INJECTABLE if type_ in dialect.error_types]
        return Participants(WorldTeacher(dialect), types, dialect.split, names=("", name))
    if name == "reference":
        reference = ReferenceTeacher(actors.trust_annotations)
        return Participants(reference, reference.error_types, split_prose_steps, names=("", name))
    raise ConfigError(f"`teacher`: need `world`, `reference`, MODEL@URL or MODEL@hf, found {name!r}")


def _client(name: str, options: Sequence[str], run: RunSettings, store: ReplyLookup | None) -> ChatClient:
    assert store is not None, "`needs_store` says so wherever there is an endpoint"
    parts = run.ray_clients if run.engine == "ray" else 1
    return endpoint_client(name, options, store, run.budget_usd, retry_failed=run.retry_failed, parts=parts)
