"""State of a repository on the Hub: names, sizes and digests of the files; texts only where they are to be compared."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemma_hf.errors import HubError
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind
from lemma_hf.hub.failures import hub_errors

LARGEST_TEXT = 2**20
"""Bytes of a file that is read to be merged or compared (1 MiB): larger text is data, and no diff a person reads."""


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    """A file of the repository, as the Hub lists it."""

    size: int
    git_oid: str
    sha256: str | None
    """Only of files that are stored as large ones (LFS)."""

    def is_same(self, file: File) -> bool:
        """Whether a local file has the same bytes."""
        if file.size != self.size:
            return False
        return file.sha256 == self.sha256 if self.sha256 else file.git_oid == self.git_oid


@dataclass(frozen=True, slots=True)
class Remote:
    """State of a repository at the tip of a branch."""

    exists: bool = False
    head: str | None = None
    """The commit whose state this is."""
    files: Mapping[str, _RemoteFile] = field(default_factory=dict)
    card: str | None = None
    """None where there is none, or where it is the one that the Hub wrote when the repository was made."""
    is_private: bool = False
    has_branch: bool = False
    """Whether the requested branch exists; if not, this is the state of `main`, from which it will be made."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Commit of each tag, by the tag's name."""
    unknown: str = ""
    """Why the state could not be read; empty where it was."""


def fetch_state(api: Any, artifact: Artifact, revision: str = "main") -> Remote:
    """Read the state of a repository.

    Args:
        api: a `huggingface_hub.HfApi`.

    Raises:
        HubError: if the Hub cannot be reached or refuses. A repository that cannot be seen is taken for one that is not
            there yet: the Hub does not tell them apart.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    where: dict[str, Any] = {"repo_id": artifact.repo_id, "repo_type": str(artifact.kind)}
    with hub_errors("looking at", artifact.repo_id):
        try:
            info = api.repo_info(**where, revision=revision)
        except RevisionNotFoundError:
            info = api.repo_info(**where, revision="main")
            if revision.startswith("refs/"):
                raise HubError(f"{artifact.repo_id}: {revision} is no branch or pull request there") from None
        except GatedRepoError:
            raise
        except RepositoryNotFoundError as error:
            if api.token is None or not _token_is_refused(api, error):
                return Remote()
            raise
        listed = api.list_repo_tree(**where, revision=info.sha, recursive=True)
        files = {item.path: _file(item) for item in listed if hasattr(item, "blob_id")}
        refs = api.list_repo_refs(**where, include_pull_requests=True)
        branches = {ref.name for ref in refs.branches} | {ref.ref for ref in refs.pull_requests or ()}
        card = read_text(api, artifact, CARD, info.sha, files)
        if card is None and CARD in files:
            raise HubError(
                f"{artifact.repo_id}: its {CARD} is no UTF-8 text of at most {LARGEST_TEXT:,} bytes, so it cannot be "
                "merged, and it is not overwritten; correct it on the Hub first"
            )
        if artifact.kind is RepoKind.SPACE and _is_template(files) and _has_one_commit(api, where, info.sha):
            card = None
    if revision not in branches and revision in {tag.name for tag in refs.tags}:
        raise HubError(f"{artifact.repo_id}: {revision} is a tag, and no branch; commits go to branches")
    return Remote(
        exists=True,
        head=info.sha,
        files=files,
        card=card,
        is_private=bool(info.private),
        has_branch=revision in branches,
        tags={tag.name: tag.target_commit for tag in refs.tags},
    )


def look_if_possible(api: Any, artifact: Artifact, revision: str = "main") -> Remote:
    """Read the state as `fetch_state` does, or return the reason why not: a dry run needs no network and no token."""
    try:
        return fetch_state(api, artifact, revision)
    except HubError as error:
        return Remote(unknown=str(error))


def read_text(api: Any, artifact: Artifact, path: str, commit: str, files: Mapping[str, _RemoteFile]) -> str | None:
    """Read a text file of the repository; None where there is no such file, or it is too large or no UTF-8.

    It is downloaded into a temporary folder, so that no file stays in the cache.
    """
    if path not in files or files[path].size > LARGEST_TEXT:
        return None
    with tempfile.TemporaryDirectory(prefix="lemma-hf-") as folder:
        found = api.hf_hub_download(
            repo_id=artifact.repo_id, repo_type=str(artifact.kind), filename=path, revision=commit, local_dir=folder
        )
        try:
            return Path(found).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return None


def _file(item: Any) -> _RemoteFile:
    return _RemoteFile(item.size, item.blob_id, item.lfs.sha256 if item.lfs else None)


def _is_template(files: Mapping[str, _RemoteFile]) -> bool:
    """Whether these are only the files that the Hub itself puts into a new Space."""
    return files.keys() <= {CARD, ".gitattributes"}


def _has_one_commit(api: Any, where: Mapping[str, Any], head: str) -> bool:
    return len(api.list_repo_commits(**where, revision=head)) == 1


def _token_is_refused(api: Any, error: Exception) -> bool:
    """Whether a repository is not found because the token is invalid, so that nothing could be pushed either."""
    from huggingface_hub.errors import HfHubHTTPError

    if getattr(getattr(error, "response", None), "status_code", None) != 401:
        return False
    try:
        api.whoami()
    except HfHubHTTPError:
        return True
    return False
