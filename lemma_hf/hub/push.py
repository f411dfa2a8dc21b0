"""Push of an artifact to the Hub: the repository is read, compared, and changed by one commit on the state read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lemma_hf.errors import ConfigError, HubError
from lemma_hf.hub.artifact import Artifact
from lemma_hf.hub.failures import LOG_IN, hub_errors
from lemma_hf.hub.plan import PushPlan, changed_texts, plan_push, plan_text
from lemma_hf.hub.remote import Remote, fetch_state, look_if_possible, read_text
from lemma_hf.utils.redaction import find_leaks


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a push, which a dry run takes too."""

    private: bool = False
    """Whether a new repository is private; False leaves it to the owner's default. An existing one is not changed."""
    revision: str = "main"
    """The branch; it is made from `main` where it is missing."""
    tag: str = ""
    """Put on the commit afterwards."""
    create_pr: bool = False
    """Propose the commit as a pull request instead."""
    message: str = ""
    """Of the commit; by default one that says what it is."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """Result of a push."""

    url: str
    """Of the commit, of the pull request, or (where nothing differed) of the repository."""
    commit: str
    """Its id; the one that was there where nothing differed."""
    changed: bool


def hub_api() -> Any:
    """Make a client of the Hub with the token from HF_TOKEN or from `hf auth login`."""
    from huggingface_hub import HfApi, get_token

    from lemma_hf import __version__

    return HfApi(token=get_token(), library_name="lemma-hf", library_version=__version__)


def dry_run(artifact: Artifact, options: Options, api: Any = None) -> str:
    """Describe what a push would do; nothing is written anywhere.

    Raises:
        DataError: if the artifact must not be published as it is.
    """
    api = api or hub_api()
    plan = plan_push(artifact, look_if_possible(api, artifact, options.revision))
    return plan_text(plan, _texts(api, plan), private=options.private)


def push(artifact: Artifact, options: Options, api: Any = None, tell: Callable[[str], None] = print) -> Pushed:
    """Make the repository's content that of the artifact, in one commit; nothing is sent where nothing differs.

    Interrupted anywhere, the repository is as it was (a new one may exist, empty), and the same call finishes the work.

    Raises:
        DataError: if the artifact must not be published as it is; then nothing was sent.
        ConfigError: if there is such a tag already, or the options hold a key or a path of this machine.
        HubError: if the Hub refuses, or another commit was made since the repository was read.
    """
    api = api or hub_api()
    if any(find_leaks(f"{options.message} {options.tag} {options.revision}")):
        raise ConfigError(
            "message, tag or revision holds a key or a path of this machine: change it, since everyone can read it"
        )
    if options.create_pr and options.tag:
        raise ConfigError("a pull request has no commit to tag: merge it, then push with the tag alone")
    if api.token is None:
        raise HubError(f"pushing {artifact.repo_id}: there is no token; {LOG_IN}")
    remote = fetch_state(api, artifact, options.revision)
    plan = plan_push(artifact, remote)
    tell(plan_text(plan, _texts(api, plan), private=options.private, with_new_card=False))
    if options.tag in remote.tags and not plan.is_empty:
        raise ConfigError(
            f"{artifact.repo_id}: there is a tag {options.tag!r} already, on an earlier state; choose another"
        )
    if not remote.exists:
        _create(api, artifact, options)
        remote = fetch_state(api, artifact, options.revision)
        plan = plan_push(artifact, remote, is_checked=True)
    pushed = _commit(api, plan, options)
    if options.tag and not options.create_pr:
        _tag(api, artifact, remote, options.tag, pushed.commit)
    return pushed


def _texts(api: Any, plan: PushPlan) -> dict[str, str]:
    if plan.remote.head is None:
        return {}
    with hub_errors("reading", plan.artifact.repo_id):
        found = {
            path: read_text(api, plan.artifact, path, plan.remote.head, plan.remote.files)
            for path in changed_texts(plan)
        }
    return {path: text for path, text in found.items() if text is not None}


def _create(api: Any, artifact: Artifact, options: Options) -> None:
    with hub_errors("making", artifact.repo_id):
        api.create_repo(
            artifact.repo_id,
            repo_type=str(artifact.kind),
            private=options.private or None,  # None is the owner's default, which may be private as well
            space_sdk=artifact.space_sdk,
            exist_ok=True,
        )


def _commit(api: Any, plan: PushPlan, options: Options) -> Pushed:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    artifact, remote = plan.artifact, plan.remote
    where: dict[str, Any] = {"repo_id": artifact.repo_id, "repo_type": str(artifact.kind)}
    with hub_errors("pushing to", artifact.repo_id):
        if not remote.has_branch and not options.create_pr:
            api.create_branch(**where, branch=options.revision, revision=remote.head, exist_ok=True)
        if plan.is_empty:
            return Pushed(_url(api, artifact), remote.head or "", changed=False)
        done = api.create_commit(
            **where,
            operations=[
                *(CommitOperationDelete(path_in_repo=path) for path in plan.deleted),
                *(CommitOperationAdd(path_in_repo=file.path, path_or_fileobj=file.source) for file in plan.uploads),
            ],
            commit_message=options.message or _message(plan),
            revision=options.revision if remote.has_branch or not options.create_pr else "main",
            create_pr=options.create_pr,
            parent_commit=remote.head,
        )
    return Pushed(done.pr_url or done.commit_url, done.oid, changed=True)


def _message(plan: PushPlan) -> str:
    from lemma_hf import __version__

    verb = "Update" if plan.changed or plan.deleted else "Add"
    return f"{verb} {plan.artifact.kind} with lemma-hf {__version__}"


def _tag(api: Any, artifact: Artifact, remote: Remote, tag: str, commit: str) -> None:
    if remote.tags.get(tag) == commit:
        return
    if tag in remote.tags:
        raise ConfigError(f"{artifact.repo_id}: there is a tag {tag!r} already, on another commit; choose another")
    with hub_errors(f"tagging {commit[:8]} of", artifact.repo_id):
        api.create_tag(artifact.repo_id, tag=tag, revision=commit, repo_type=str(artifact.kind))


def _url(api: Any, artifact: Artifact) -> str:
    folder = {"dataset": "datasets/", "space": "spaces/", "model": ""}[artifact.kind]
    return f"{api.endpoint}/{folder}{artifact.repo_id}"


def whoami(api: Any = None) -> str:
    """Name of the account that the token belongs to.

    Raises:
        HubError: if there is no token, or the Hub does not know it.
    """
    api = api or hub_api()
    if api.token is None:
        raise HubError(f"there is neither an owner nor a token: give --owner NAME, or {LOG_IN}")
    with hub_errors("asking who the token belongs to, at", api.endpoint):
        return str(api.whoami()["name"])
