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
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Teacher
from lemma_hf.teachers.reference import ReferenceTeacher
from lemma_hf.teachers.world import WorldTeacher
from lemma_hf.world import get_world

__all__ = ["LoadedTeacher", "load_teacher"]


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
    prompts_dir: str | Path = "",
    max_tokens: int = 2048,
) -> LoadedTeacher:
    """The teacher of that name.

    Args:
        name: `reference`, `world`, or `MODEL@URL` for which `is_endpoint` holds.
        client: asks the endpoint, where the name is one; see `endpoint_client`.
        world: the made-up world that the problems are of; empty where they come from elsewhere.
        trust_annotations: for `reference`, see `ReferenceTeacher`.
        prompts_dir: for an endpoint: a folder of prompts to use in place of those of the package.
        max_tokens: for an endpoint: the longest reply.

    Raises:
        ConfigError: if there is no such teacher, or it is `world` and the problems are not of one.

    Example:
        >>> load_teacher("world", world="sums").split("1+2=3;3+4=7")
        ('1+2=3;', '3+4=7')
    """
    if client is not None:
        teacher = LLMTeacher(client, prompts_dir or None, max_tokens=max_tokens)
        return LoadedTeacher(teacher, public_name(name), INJECTABLE, split_steps, needs_solutions=False)
    if name == "world":
        if not world:
            raise ConfigError("`teacher: world` knows the world's own problems only: set `world`, or another teacher")
        made = get_world(world)
        types = [type_ for type_ in INJECTABLE if type_ in made.error_types]
        return LoadedTeacher(WorldTeacher(made), name, types, made.split)
    if name == "reference":
        reference = ReferenceTeacher(trust_annotations)
        return LoadedTeacher(reference, name, reference.error_types, split_prose_steps)
    raise ConfigError(f"`teacher`: need `world`, `reference`, MODEL@URL or MODEL@hf, found {name!r}")
