"""Plan of a push: every file with its size, the card, and the difference from what is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import PurePosixPath

from lemma_hf.errors import ConfigError
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind, path_matches
from lemma_hf.hub.card import Merged, merge_cards
from lemma_hf.hub.checks import check, check_configs
from lemma_hf.hub.remote import LARGEST_TEXT, Remote
from lemma_hf.utils.redaction import escape_invisible

_MOST_LINES = 60
"""Lines of a file's difference that are shown: about one screen; the card is shown whole."""
_MOST_COMPARED = 5_000
"""Lines; the time that a comparison takes grows with the square of their number."""
_LARGEST_COMPARED = LARGEST_TEXT // 10
"""Bytes of a file whose difference is shown; several of them are downloaded for one dry run."""
_TEXT = {".json", ".yaml", ".yml", ".txt", ".py", ".md", ".jinja"}


@dataclass(frozen=True, slots=True)
class PushPlan:
    """An artifact compared with its repository on the Hub: which files are added, changed, deleted or the same."""

    artifact: Artifact
    remote: Remote
    card: Merged
    added: tuple[File, ...]
    changed: tuple[File, ...]
    deleted: tuple[str, ...]
    same: tuple[str, ...]

    @property
    def uploads(self) -> tuple[File, ...]:
        """Files whose bytes are uploaded."""
        return (*self.added, *self.changed)

    @property
    def is_empty(self) -> bool:
        """Whether the repository has the right content already."""
        return not self.uploads and not self.deleted


def plan_push(artifact: Artifact, remote: Remote, *, is_checked: bool = False) -> PushPlan:
    """Check the artifact (unless it is), merge its card with the one that is there, and compare file by file.

    Raises:
        DataError: if something must not be published as it is; every reason is in the message.
        ConfigError: if it adds to a repository that does not exist.
    """
    if not is_checked:
        check(artifact)
    if artifact.renews == () and not remote.exists and not remote.unknown:
        raise ConfigError(
            f"{artifact.kind} {artifact.repo_id}: is not on the Hub (or not visible to you), so there is nothing to "
            "add scores to: check the name, or publish the model first"
        )
    compared = {file.path: _is_there(file, remote) for file in artifact.files}
    whole = _is_whole(artifact, compared)
    merged = merge_cards(artifact.card, remote.card, whole=whole)
    card = File(CARD, merged.text.encode("utf-8"))
    compared[CARD] = _is_there(card, remote)
    files = (card, *sorted(artifact.files, key=lambda file: file.path))
    deleted = tuple(sorted(_stale(artifact, remote, compared))) if whole else ()
    if artifact.kind is RepoKind.DATASET:
        check_configs(merged.text, remote.files, (compared.keys() | remote.files.keys()) - set(deleted))
    return PushPlan(
        artifact=artifact,
        remote=remote,
        card=merged,
        added=tuple(file for file in files if compared[file.path] is None),
        changed=tuple(file for file in files if compared[file.path] is False),
        deleted=deleted,
        same=tuple(file.path for file in files if compared[file.path]),
    )


def _is_there(file: File, remote: Remote) -> bool | None:
    """Whether the repository has the same bytes under this path; None where it has no such file."""
    return remote.files[file.path].is_same(file) if file.path in remote.files else None


def _is_whole(artifact: Artifact, compared: Mapping[str, bool | None]) -> bool:
    """Whether files of an earlier publish are deleted."""
    if artifact.renews is None:
        return True
    differing = (path for path, is_same in compared.items() if not is_same)
    return any(path_matches(path, pattern) for path in differing for pattern in artifact.renews)


def _stale(artifact: Artifact, remote: Remote, compared: Mapping[str, bool | None]) -> Iterator[str]:
    for path in remote.files:
        if path not in compared and any(path_matches(path, pattern) for pattern in artifact.owned):
            yield path


def plan_text(plan: PushPlan, texts: Mapping[str, str], *, private: bool = False, with_new_card: bool = True) -> str:
    """Format the plan as text.

    Args:
        texts: the present content on the Hub of the changed files that are text, by path.
        private: whether a new repository is to be private.
        with_new_card: whether the card of a new repository is shown whole.
    """
    parts = [_title(plan, private), *_lines(plan), _total(plan)]
    if private and plan.remote.exists and not plan.remote.is_private:
        parts += ["", "it is public, and stays so: --private is for new repositories"]
    if plan.artifact.left_out:
        parts += ["", "not published:"]
        parts += [f"    {path} ({why})" for path, why in sorted(plan.artifact.left_out.items())]
    if plan.card.kept:
        parts += ["", f"kept as a person wrote it: {', '.join(plan.card.kept)}"]
    parts += ["", *_differences(plan, texts, with_new_card)]
    return escape_invisible("\n".join(parts).rstrip())  # names and cards on the Hub are other people's


def changed_texts(plan: PushPlan) -> list[str]:
    """Paths of the changed files, without the card, whose difference can be shown."""
    return [
        file.path
        for file in plan.changed
        if file.path != CARD
        and PurePosixPath(file.path).suffix in _TEXT
        and max(file.size, plan.remote.files[file.path].size) <= _LARGEST_COMPARED
    ]


def _title(plan: PushPlan, private: bool) -> str:
    remote = plan.remote
    if remote.unknown:
        state = f"what is there is not known: {remote.unknown}"
    elif remote.exists:
        state = f"{'private' if remote.is_private else 'public'}, at commit {(remote.head or '')[:8]}"
    else:
        state = "new, private" if private else "new, as visible as its owner's are by default"
    return f"{plan.artifact.kind} {plan.artifact.repo_id} ({state})"


def _lines(plan: PushPlan) -> Iterator[str]:
    width = max((len(path) for path in (*(f.path for f in plan.uploads), *plan.deleted, *plan.same)), default=0)
    for sign, files in (("+", plan.added), ("~", plan.changed)):
        for file in files:
            yield f"  {sign} {file.path:<{width}}  {_readable(file.size):>9}"
    for path in plan.deleted:
        yield f"  - {path:<{width}}  {_readable(plan.remote.files[path].size):>9}"
    for path in plan.same:
        yield f"  = {path:<{width}}  {_readable(plan.remote.files[path].size):>9}"


def _total(plan: PushPlan) -> str:
    if plan.is_empty:
        return "nothing differs"
    size = _readable(sum(file.size for file in plan.uploads))
    return (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.deleted)} deleted, {len(plan.same)} as they "
        f"are; {size} to upload at most, in one commit"
    )


def _differences(plan: PushPlan, texts: Mapping[str, str], with_new_card: bool) -> Iterator[str]:
    for file in plan.uploads:
        if file.path == CARD and plan.remote.card is None:
            if with_new_card:
                yield f"{CARD}:"
                yield from (f"    {line}" for line in plan.card.text.splitlines())
        elif file.path == CARD:
            yield from _difference(plan.remote.card or "", plan.card.text, CARD)
        elif file.path in texts:
            lines = list(_difference(texts[file.path], file.read().decode("utf-8", "replace"), file.path))
            yield from lines[:_MOST_LINES]
            if len(lines) > _MOST_LINES:
                yield f"    … {len(lines) - _MOST_LINES} more lines differ"


def _difference(old: str, new: str, path: str) -> Iterator[str]:
    """Format the lines that differ, with three lines of context."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > _MOST_COMPARED:
        yield f"    {path} has {len(before):,} lines there and {len(after):,} here: too many to compare"
        return
    lines = unified_diff(before, after, f"{path} (there)", f"{path} (new)", lineterm="")
    yield from (f"    {line}" for line in lines)


def _readable(size: float) -> str:
    """Format a number of bytes, in the unit that leaves one to three digits before the point.

    Example:
        >>> _readable(912), _readable(112_242), _readable(15_000_000_000)
        ('912 B', '112.2 kB', '15.0 GB')
    """
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
