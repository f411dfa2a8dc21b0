"""The teacher that a setting names: the reference solutions, a made-up world, or a model behind an endpoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import ChatClient
from lemma_hf.inference.loading import public_name
from lemma_hf.solutions.spans import split_steps
from lemma_hf.solutions.step_facts import split_prose_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers.checked import CheckedTeacher
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Teacher
from lemma_hf.teachers.reference import DEFAULT_MIN_SURENESS, ReferenceTeacher
from lemma_hf.teachers.world import WorldTeacher
from lemma_hf.world import get_world

__all__ = ["LoadedTeacher", "checked", "load_teacher"]


@dataclass(frozen=True, slots=True)
class LoadedTeacher:
    """A teacher, and what a run has to know of it."""

    teacher: Teacher
    name: str
    """As a dataset's card names it: without an address."""
    types: Sequence[ErrorType]
    """Types of mistakes that it can make on purpose."""
    split: Callable[[str], tuple[str, ...]]
    """Text to steps, as it counts them."""
    needs_solutions: bool = True
    """Whether it can do nothing without a reference solution."""


def load_teacher(
    name: str,
    *,
    client: ChatClient | None = None,
    world: str = "",
    trust_annotations: bool = False,
    min_sureness: float = DEFAULT_MIN_SURENESS,
    prompts_dir: str | Path = "",
    max_tokens: int = 2048,
    votes: int = 1,
    hold_against_reference: bool = False,
) -> LoadedTeacher:
    """The teacher of that name.

    Args:
        name: `reference`, `world`, or `MODEL@URL` for which `is_endpoint` holds.
        client: asks the endpoint, where the name is one; see `endpoint_client`.
        world: the made-up world that the problems are of; empty where they come from elsewhere.
        trust_annotations: for `reference`, see `ReferenceTeacher`.
        min_sureness: for `reference`, and where a model is held against it: below this sureness it abstains.
        prompts_dir: for an endpoint: a folder of prompts to use in place of those of the package, or `small`.
        max_tokens: for an endpoint: the longest reply.
        votes: for an endpoint: how often it is asked about each attempt, see `CheckedTeacher`.
        hold_against_reference: for an endpoint: whether its steps have to agree with those that the reference teacher
            is sure of.

    Raises:
        ConfigError: if there is no such teacher, it is `world` and the problems are not of one, or checks are asked for
            that are made of a model only.

    Example:
        >>> load_teacher("world", world="sums").split("1+2=3;3+4=7")
        ('1+2=3;', '3+4=7')
    """
    if client is not None:
        model = LLMTeacher(client, prompts_dir or None, max_tokens=max_tokens)
        teacher = checked(model, votes, hold_against_reference, min_sureness)
        return LoadedTeacher(teacher, public_name(name), INJECTABLE, split_steps, needs_solutions=False)
    if votes != 1 or hold_against_reference:
        setting = "votes" if votes != 1 else "hold_against_reference"
        raise ConfigError(f"`{setting}` checks a teacher that is a model (MODEL@URL or MODEL@hf), but it is {name!r}")
    if name == "world":
        if not world:
            raise ConfigError("`teacher: world` knows the world's own problems only: set `world`, or another teacher")
        made = get_world(world)
        types = [type_ for type_ in INJECTABLE if type_ in made.error_types]
        return LoadedTeacher(WorldTeacher(made), name, types, made.split)
    if name == "reference":
        reference = ReferenceTeacher(trust_annotations, min_sureness)
        return LoadedTeacher(reference, name, reference.error_types, split_prose_steps)
    raise ConfigError(f"`teacher`: need `world`, `reference`, MODEL@URL or MODEL@hf, found {name!r}")


def checked(
    model: LLMTeacher,
    votes: int = 1,
    hold_against_reference: bool = False,
    min_sureness: float = DEFAULT_MIN_SURENESS,
) -> Teacher:
    """The model as a teacher, with the checks that are asked for; without any, the model itself.

    Args:
        min_sureness: of what the reference teacher says against the model.

    Raises:
        ConfigError: if `votes` is below 1, or `min_sureness` not between 0 and 1.
    """
    if votes == 1 and not hold_against_reference:
        return model
    # What an attempt's own annotation says is no second opinion, so it is not trusted here.
    reference = ReferenceTeacher(trust_annotations=False, min_sureness=min_sureness) if hold_against_reference else None
    return CheckedTeacher(model, votes, reference)
