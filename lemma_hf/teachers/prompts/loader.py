"""Prompts of a teacher: the files `*.md` of this folder, and how they become messages.

A file has a head, a system text, a template for the user's message, and examples (few-shots):

    ---
    name: fix
    version: 1
    ---

    # System
    …
    # User
    Problem: {question}
    …
    # Example
    ## question
    …
    ## reply
    <reflection>…

Examples hold fields, not messages: they are rendered by the same template as the question itself, so the two cannot
drift apart, and their replies are read by the parser that reads the model's.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.chat import Message
from lemma_hf.teachers.prompts.replies import PARSERS
from lemma_hf.teachers.prompts.tags import Unreadable

FOLDER = Path(__file__).parent
"""The folder of our own prompts."""
SMALL = "small"
"""The name of our set for small models: short prompts, one task and one or two worked examples each, short replies."""

_TURN_FIELDS = ("question", "answer", "solution", "right_steps", "wrong_step", "type", "definition")
FIELDS = {
    "analyse": ("question", "answer", "solution", "steps", "verdict"),
    "inject": ("question", "answer", "solution", "type", "definition"),
    "fix": _TURN_FIELDS,
    "restart": _TURN_FIELDS,
    "smooth": ("question", "steps", "reflection", "correction"),
}
"""The fields that each prompt is given; its template has to use every one that is not in `_OPTIONAL`."""
_OPTIONAL = {"analyse": ("verdict",), "fix": ("type", "definition"), "restart": ("type", "definition")}
"""Fields that a template may leave out. `verdict` came later, and prompts of users were written without it; the kind of
a mistake is one thing more to read for a small model, and a name that it may repeat as a label."""

# "{question}"
_FIELD = re.compile(r"\{([a-z_]+)\}")
# "---\nname: fix\nversion: 1\n---\n"
_HEAD = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TeacherPrompt:
    """A prompt, read and checked."""

    name: str
    version: str
    digest: str
    """The first eight hexadecimal digits of the file's SHA-256, so that a change without a new version shows."""
    opening: tuple[Message, ...]
    """The system's message and the examples: the same objects in front of every question."""
    template: tuple[str, ...]
    """The template cut at its fields: text, field, text, field, …, text."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the template."""
        return tuple(dict.fromkeys(self.template[1::2]))

    def messages(self, **fields: str) -> tuple[Message, ...]:
        r"""Write the messages of one request. Values go in as they are, braces, LaTeX and backslashes too.

        Raises:
            ConfigError: if a field is missing or not known.

        Example:
            >>> latex = {"question": r"\frac{1}{2}", "steps": "1", "reflection": "{steps}", "correction": "2"}
            >>> asked = load_prompt("smooth").messages(**latex)[-1]["content"]
            >>> asked.count(r"\frac{1}{2}"), asked.count("{steps}")
            (1, 1)
        """
        if fault := _difference(fields, self.fields):
            raise ConfigError(f"prompt `{self.name}`: {fault}")
        return (*self.opening, {"role": "user", "content": _render(self.template, fields)})


def load_prompt(name: str, folder: str | Path | None = None) -> TeacherPrompt:
    """Load one of a teacher's prompts: analyse, inject, fix, restart or smooth.

    Args:
        folder: where your own `<name>.md` is; by default ours is taken. Copy ours (`FOLDER`) to begin with. `small`
            names our set for small models and slow servers.

    Raises:
        ConfigError: naming the file and what is wrong with it.

    Example:
        >>> load_prompt("fix").fields
        ('question', 'solution', 'answer', 'right_steps', 'wrong_step', 'type', 'definition')
    """
    if name not in FIELDS:
        raise ConfigError(f"no prompt is called {name!r}; known are {', '.join(FIELDS)}")
    path = _folder_of(folder) / f"{name}.md"
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        needed = ", ".join(f"{each}.md" for each in FIELDS)
        raise ConfigError(
            f"{path}: no such file; a folder of prompts needs {needed}: copy ours from {FOLDER}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    return _read_prompt(name, text, path)


def _folder_of(folder: str | Path | None) -> Path:
    if folder is None:
        return FOLDER
    return FOLDER / SMALL if str(folder) == SMALL else Path(folder)


@lru_cache(maxsize=32)
def _read_prompt(name: str, text: str, path: Path) -> TeacherPrompt:
    version, body = _head(name, text, path)
    sections = _sections(body, "# ", path)
    if unknown := [title for title, _ in sections if title not in ("System", "User", "Example")]:
        raise ConfigError(f"{path}: has a section {unknown[0]!r}; known are System, User and Example")
    template = tuple(_FIELD.split(_only("User", sections, path)))
    asked = template[1::2]
    optional = [field for field in _OPTIONAL.get(name, ()) if field not in asked]
    if fault := _difference(asked, [field for field in FIELDS[name] if field not in optional]):
        raise ConfigError(f"{path}, section User: {fault}")
    opening: list[Message] = [{"role": "system", "content": _only("System", sections, path)}]
    examples = [content for title, content in sections if title == "Example"]
    for number, content in enumerate(examples, 1):
        opening += _example(name, content, template, path, number)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return TeacherPrompt(name, version, digest, tuple(opening), template)


def _head(name: str, text: str, path: Path) -> tuple[str, str]:
    """The version, and what stands behind the head."""
    head = _HEAD.match(text)
    if head is None:
        raise ConfigError(f"{path}: has no head; it begins with --- on a line, `name:`, `version:` and --- again")
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in head[1].split("\n"))}
    for key in ("name", "version"):
        if not said.get(key):
            raise ConfigError(f"{path}: its head has no `{key}`")
    if said["name"] != name:
        raise ConfigError(f"{path}: its head says `name: {said['name']}`, but the file is {name}.md")
    return said["version"], text[head.end() :]


def _sections(text: str, mark: str, path: Path) -> list[tuple[str, str]]:
    """Titles and contents; a title is a line that begins with `mark`."""
    # "# User" where the mark is "# "
    first, *others = re.split(rf"^{mark}", text, flags=re.MULTILINE)
    if first.strip():
        line = first.strip().partition("\n")[0]
        raise ConfigError(f"{path}: {line[:40]!r} stands before the first line that begins with {mark.strip()!r}")
    cut = [section.partition("\n") for section in others]
    return [(title.strip(), content.strip("\n")) for title, _, content in cut]


def _only(title: str, sections: Iterable[tuple[str, str]], path: Path) -> str:
    contents = [content for this, content in sections if this == title]
    if len(contents) != 1 or not contents[0].strip():
        raise ConfigError(f"{path}: needs one section `# {title}` with a text, but has {len(contents)}")
    return contents[0]


def _example(name: str, content: str, template: tuple[str, ...], path: Path, number: int) -> tuple[Message, Message]:
    place = f"{path}, example {number}"
    fields = dict(_sections(content, "## ", path))
    if fault := _difference(fields, (*dict.fromkeys(template[1::2]), "reply")):
        raise ConfigError(f"{place}: {fault}")
    reply = fields.pop("reply")
    read = PARSERS[name](reply)
    if isinstance(read, Unreadable):
        raise ConfigError(f"{place}: its reply could not be read if a model wrote it so: {read.why}")
    return {"role": "user", "content": _render(template, fields)}, {"role": "assistant", "content": reply}


def _difference(found: Iterable[str], known: Iterable[str]) -> str:
    """What is missing or not known; empty where nothing is."""
    found, known = list(dict.fromkeys(found)), list(known)
    missing = [f"`{field}`" for field in known if field not in found]
    unknown = [f"`{field}`" for field in found if field not in known]
    faults = [
        f"{text} {', '.join(fields)}" for text, fields in (("missing", missing), ("not known", unknown)) if fields
    ]
    return f"{'; '.join(faults)} (the fields are {', '.join(known)})" if faults else ""


def _render(template: tuple[str, ...], fields: Mapping[str, str]) -> str:
    return "".join(fields[part] if place % 2 else part for place, part in enumerate(template))
