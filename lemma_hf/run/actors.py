"""Who makes mistakes, and who finds and mends them? The student and the teacher that a run's settings name."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.generate import LLMStudent, LocalStudent, Sampling, Student
from lemma_hf.generate.remembered import RememberedStudent, fingerprint
from lemma_hf.generate.vllm import VLLMStudent
from lemma_hf.llm import ChatClient, Endpoint, Spending, Store
from lemma_hf.llm.endpoint import read_options
from lemma_hf.pipeline.sample import Split
from lemma_hf.run.config import ActorSettings, InputSettings, RunSettings
from lemma_hf.segment import split_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teacher import LLMTeacher, ReferenceTeacher, Teacher, WorldTeacher
from lemma_hf.teacher.steps import natural_steps
from lemma_hf.world import dialect_named

VLLM = "vllm:"
"""In front of a student's name: run here by vLLM, in place of transformers."""


@dataclass(frozen=True, slots=True)
class Actors:
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
        found = {"student": student or "-", "teacher": teacher}
        return found | {f"prompt `{name}`": version for name, version in self.prompt_versions.items()}

    @property
    def prompt_versions(self) -> dict[str, str]:
        """Of the prompts for a teacher that is a model; else there are none."""
        return self.teacher.prompt_versions if isinstance(self.teacher, LLMTeacher) else {}

    @property
    def spending(self) -> list[Spending]:
        """What was asked of endpoints in this run, stage by stage."""
        return [spent for client in self.clients for spent in client.spending]


def is_endpoint(name: str) -> bool:
    """Whether a setting names a model behind an endpoint, not a folder or a model to run here.

    Example:
        >>> is_endpoint("gpt-4o-mini@https://api.openai.com/v1"), is_endpoint("outputs/sft")
        (True, False)
    """
    return "@http" in name or "@hf" in name


def samples_student(inputs: InputSettings, actors: ActorSettings) -> bool:
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
    return is_endpoint(actors.teacher) or samples_student(inputs, actors)


def find_actors(inputs: InputSettings, actors: ActorSettings, run: RunSettings, store: Store | None) -> Actors:
    """Whoever the settings name.

    Args:
        store: where replies are kept; needed where `needs_store` says so.

    Raises:
        ConfigError: if there is no such teacher or student, or an option of an endpoint makes no sense.
    """
    found = _find_teacher(inputs, actors, run, store)
    if not samples_student(inputs, actors):
        return found
    found = replace(found, writes=True, names=(_public(actors.student), found.names[1]))
    if run.dry_run:
        return found
    if is_endpoint(actors.student):
        client = _client(actors.student, actors.student_options, run, store)
        return replace(found, student=LLMStudent(client), clients=(*found.clients, client))
    return replace(found, student=_student_here(actors, store))


def _find_teacher(inputs: InputSettings, actors: ActorSettings, run: RunSettings, store: Store | None) -> Actors:
    name = actors.teacher or ("world" if inputs.world else "reference")
    if is_endpoint(name):
        client = _client(name, actors.teacher_options, run, store)
        prompts = actors.prompts_dir or None
        teacher = LLMTeacher(client, prompts, max_tokens=actors.teacher_max_tokens)
        return Actors(
            teacher, INJECTABLE, split_steps, clients=(client,), needs_solutions=False, names=("", _public(name))
        )
    if name == "world":
        if not inputs.world:
            raise ConfigError("`teacher: world` knows the world's own problems only: set `world`, or another teacher")
        dialect = dialect_named(inputs.world)
        types = [type_ for type_ in INJECTABLE if type_ in dialect.error_types]
        return Actors(WorldTeacher(dialect), types, dialect.split, names=("", name))
    if name == "reference":
        reference = ReferenceTeacher(actors.trust_annotations)
        return Actors(reference, reference.error_types, natural_steps, names=("", name))
    raise ConfigError(f"`teacher`: need `world`, `reference`, MODEL@URL or MODEL@hf, found {name!r}")


def _public(name: str) -> str:
    """The model without the place where it runs: no address, no folder of this machine; a Hub name stays whole."""
    if is_endpoint(name):
        return name.partition("@")[0]
    bare = name.removeprefix(VLLM)
    return Path(bare).name if Path(bare).exists() else bare


def _client(name: str, options: Sequence[str], run: RunSettings, store: Store | None) -> ChatClient:
    assert store is not None, "`needs_store` says so wherever there is an endpoint"
    endpoint = Endpoint.read(name, **read_options(options))
    if run.engine == "ray":
        endpoint = endpoint.share(run.ray_clients)
    return ChatClient(endpoint, store, run.budget_usd or None, retry_failed=run.retry_failed)


def _student_here(actors: ActorSettings, store: Store | None) -> Student:
    """A model on this machine."""
    assert store is not None
    if actors.student.startswith(VLLM):
        name = actors.student.removeprefix(VLLM)
        return RememberedStudent(VLLMStudent(name, tensor_parallel=actors.gpus), store, fingerprint(name))
    student = LocalStudent.load(actors.student, actors.batch_size, progress=None)
    return RememberedStudent(student, store, fingerprint(actors.student))
