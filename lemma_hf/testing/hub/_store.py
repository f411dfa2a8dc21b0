"""Contents of the Hub: repositories, and the rights to see, read and write them."""

from dataclasses import dataclass, field

from lemma_hf.testing.hub._people import REFUSED_TOKEN, People, Visitor
from lemma_hf.testing.hub._reply import RefusedError
from lemma_hf.testing.hub._repository import Repo


@dataclass
class Store:
    """The repositories and users of the Hub."""

    people: People = field(default_factory=People)
    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    """By kind and id."""
    page: int = 1000
    """Most entries of a listing in one answer; the rest is behind a link to the next."""
    multipart: int | None = None
    """Bytes from which a large file comes in several parts, each of so many; None: never."""

    def visible(self, visitor: Visitor, kind: str, repo_id: str) -> Repo:
        """A repository whose name and listing the visitor may see.

        Raises:
            RefusedError: 401 for strangers without a token, 404 with one, whether it is private or not there at all.
        """
        repo = self.repos.get((kind, repo_id))
        if repo is None or (repo.private and not self._belongs(visitor, repo)):
            raise not_found(visitor)
        return repo

    def readable(self, visitor: Visitor, kind: str, repo_id: str) -> Repo:
        """A repository whose files the visitor may read.

        Raises:
            RefusedError: as `visible`, and 401 or 403 if it is gated.
        """
        repo = self.visible(visitor, kind, repo_id)
        if repo.gated is None or self._belongs(visitor, repo):
            return repo
        what = f"Access to {kind} {repo_id} is restricted"
        if visitor.user is None:
            said = f"{what}. You must have access to it and be authenticated to access it. Please log in."
            raise RefusedError(401, said, "GatedRepo")
        raise RefusedError(
            403, f"{what} and you are not in the authorized list. Ask for access on its page.", "GatedRepo"
        )

    def writable(self, visitor: Visitor, kind: str, repo_id: str, *, proposes: bool = False) -> Repo:
        """A repository to which the visitor may write, or propose changes.

        Raises:
            RefusedError: as `readable`, and 403 without the right to write.
        """
        repo = self.readable(visitor, kind, repo_id)
        if visitor.user is None:
            raise RefusedError(401, REFUSED_TOKEN)
        if not visitor.may_write:
            raise RefusedError(403, "Forbidden: you must use a write token to upload to a repository.")
        if not proposes and not self.people.acts_for(visitor, repo.owner):
            raise RefusedError(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
        return repo

    def refuse_namespace(self, visitor: Visitor, kind: str, namespace: str) -> None:
        """Refuse a namespace in which the visitor may not make repositories.

        Raises:
            RefusedError: 401 or 403.
        """
        if visitor.user is None:
            raise RefusedError(401, REFUSED_TOKEN)
        if not visitor.may_write or not self.people.acts_for(visitor, namespace):
            raise RefusedError(403, f'You don\'t have the rights to create a {kind} under the namespace "{namespace}"')

    def _belongs(self, visitor: Visitor, repo: Repo) -> bool:
        return visitor.user in repo.members or self.people.acts_for(visitor, repo.owner)


def not_found(visitor: Visitor) -> RefusedError:
    """The refusal for a repository that does not exist, or that the visitor may not see."""
    if visitor.user is None:
        return RefusedError(401, REFUSED_TOKEN, "RepoNotFound")
    return RefusedError(404, "Repository not found", "RepoNotFound")
