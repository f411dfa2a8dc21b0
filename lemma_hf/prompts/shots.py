"""Few-shots: the worked examples before a question, in `shots/*.md`, four for a benchmark that has some.

A file holds its examples one after the other, each with its last line as LEMMA's rows have it:

    # Shot
    ## question
    Mina has six kites. How many has she after she buys two more?
    ## solution
    Six and two are 6 + 2 = 8.
    The answer is: 8

The texts are our own: none is from a benchmark, and a test holds them against the benchmarks themselves.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lemma_hf.errors import ConfigError

SHOTS_FOLDER = Path(__file__).with_name("shots")
"""The folder of our own few-shots."""

# "## question\nHow many?\n## solution\n1 + 1 = 2.\nThe answer is: 2"
_SHOT = re.compile(r"## question\n(.+?)\n## solution\n(.+)\nThe answer is: ([^\n]+)", re.DOTALL)
# "# Shot"
_HEADING = re.compile(r"^# Shot[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shot:
    """A worked example."""

    question: str
    solution: str
    """Its steps, one a line, without the line that says the answer: how that is said is up to the prompt style."""
    answer: str


def load_shots(name: str, count: int | None = None, folder: str | Path | None = None) -> tuple[Shot, ...]:
    """Load the worked examples of a benchmark, in order.

    Args:
        name: of the benchmark; `<name>.md` is read.
        count: the first so many; by default all. 0 reads nothing, so any name will do.
        folder: where your own files are; by default ours are taken (`SHOTS_FOLDER`).

    Raises:
        ConfigError: if there is no such file, it holds fewer examples, or one of them cannot be read.

    Example:
        >>> [shot.answer for shot in load_shots("svamp", 2)]
        ['25', '18']
    """
    if count == 0:
        return ()
    path = (Path(folder) if folder is not None else SHOTS_FOLDER) / f"{name}.md"
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        there = ", ".join(sorted(each.stem for each in path.parent.glob("*.md"))) or "none"
        raise ConfigError(
            f"{path}: no such file, so there are no few-shots for {name!r}; there are for: {there}. Write such a file "
            f"in a folder of your own (the form is in {Path(__file__).name}), or ask for 0 shots"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    shots = _read(text, path)
    if count is not None and not 0 < count <= len(shots):
        raise ConfigError(f"{path}: holds {len(shots)} examples, but {count} are asked for")
    return shots[:count]


def _read(text: str, path: Path) -> tuple[Shot, ...]:
    before, *blocks = _HEADING.split(text)
    if before.strip() or not blocks:
        raise ConfigError(f"{path}: has to begin with a line `# Shot`, and holds {len(blocks)} of them")
    return tuple(_shot(block.strip(), f"{path}, shot {number}") for number, block in enumerate(blocks, 1))


def _shot(block: str, place: str) -> Shot:
    found = _SHOT.fullmatch(block)
    if found is None:
        raise ConfigError(
            f"{place}: need `## question`, a text, `## solution`, its steps, and a last line `The answer is: …`, found "
            f"{block[:60]!r}"
        )
    return Shot(*(part.strip() for part in found.groups()))
