"""Files of a metric for its Space: the metric for `evaluate.load`, the page, and their requirements."""

import shlex
from pathlib import Path

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind
from lemma_hf.metrics import metric_path
from lemma_hf.utils.redaction import find_secrets

_PACKAGE = "lemma-hf"
_REQUIREMENTS = "requirements.txt"
_PARTS = (".py", ".txt")
"""Endings of the files that belong to a metric; an editor's leftovers do not."""
_INDEX = "https://download.pytorch.org/whl/cpu"
_FROM = f"# From: {_PACKAGE}"
_INSTALL = f"Needs `pip install {_PACKAGE}`."


def metric_artifact(name: str, repo_id: str, requirement: str = _PACKAGE) -> Artifact:
    """Make the artifact of a metric's Space.

    Args:
        name: of the metric, such as `lemma_math`.
        repo_id: OWNER/NAME, where NAME is the metric's: `evaluate.load` looks for NAME.py.
        requirement: what pip is to install, as in a requirements file. While the index has no release of lemma-hf, or
            to stay with one version: `lemma-hf @ git+https://github.com/me/lemma-hf@v0.1.0`.

    Raises:
        ConfigError: if there is no such metric, the names differ, or pip could install no lemma-hf from the
            requirement, at least not on another machine.

    Example:
        >>> artifact = metric_artifact("lemma_math", "me/lemma_math")
        >>> [file.path for file in artifact.files]
        ['__init__.py', 'app.py', 'lemma_math.py', 'requirements.txt']
    """
    folder = Path(metric_path(name))
    if repo_id.rpartition("/")[2] != name:
        owner = repo_id.partition("/")[0] or "your-name"
        raise ConfigError(
            f"repository {repo_id!r}: evaluate.load would look for {repo_id.rpartition('/')[2]}.py in it, but the "
            f"metric is {name}.py; call it {owner}/{name}"
        )
    line, target = _read(requirement)
    inside = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != CARD]
    return Artifact(
        kind=RepoKind.SPACE,
        repo_id=repo_id,
        files=tuple(_file(path, line, target) for path in inside if path.suffix in _PARTS),
        card=_card((folder / CARD).read_text(encoding="utf-8"), name, repo_id, target),
        left_out={path.name: "is no part of the metric" for path in inside if path.suffix not in _PARTS},
        space_sdk="gradio",
    )


def _read(requirement: str) -> tuple[str, str]:
    """Parse a requirement into its line for a file and its argument for `pip install`, quoted for a shell."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    example = f"such as {_PACKAGE}, {_PACKAGE}==0.1.0 or {_PACKAGE} @ git+https://github.com/me/lemma-hf"
    if any(find_secrets(requirement)):
        raise ConfigError(
            f"the requirement holds a key or a password, and everyone can read it in the Space; need one {example}"
        )
    try:
        found = Requirement(requirement)
    except InvalidRequirement:
        raise ConfigError(f"requirement {requirement[:80]!r}: pip cannot read it; need one {example}") from None
    if canonicalize_name(found.name) != _PACKAGE:
        raise ConfigError(f"requirement {requirement[:80]!r}: it does not install {_PACKAGE}; need one {example}")
    if found.url is None:
        return str(found), shlex.join([str(found)])
    scheme, _, place = found.url.partition("://")
    if scheme not in ("https", "git+https"):
        raise ConfigError(
            f"requirement on {scheme[:20]}://…: other machines cannot install from there; need one {example}"
        )
    if "@" in place.partition("/")[0]:
        raise ConfigError(f"the address in the requirement holds a name or a password; need one {example}")
    return str(found), shlex.join([found.url])


def _file(path: Path, line: str, target: str) -> File:
    if path.name == _REQUIREMENTS:
        text = (
            "# A free Space has no GPU: of this index pip takes torch without CUDA, which is far smaller.\n"
            f"--extra-index-url {_INDEX}\n{line}\n"
        )
        return File(path.name, text.encode())
    source = path.read_text(encoding="utf-8")
    return File(path.name, source.replace(_FROM, f"# From: {target}").encode() if _FROM in source else path)


def _card(card: str, name: str, repo_id: str, target: str) -> str:
    """Change the card's snippet, so that it loads the metric by its name on the Hub."""
    changes = {
        "import lemma_hf\n": "",
        f'evaluate.load(lemma_hf.metric_path("{name}"))': f'evaluate.load("{repo_id}")',
        _INSTALL: f"Needs `pip install {target}`.",
    }
    for old, new in changes.items():
        if old not in card:
            raise DataError(
                f"the card of {name} has no line {old.strip()!r}, which publishing replaces: put that line back"
            )
        card = card.replace(old, new)
    return card
