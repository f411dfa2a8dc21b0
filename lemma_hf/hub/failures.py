"""Errors of the Hub's client, turned into messages that say what to do and hold no token."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from lemma_hf.errors import HubError
from lemma_hf.utils.redaction import escape_invisible, hide_secrets

_LONGEST = 300
"""Characters of a server's message that are quoted: enough for a sentence or two, and not for a page of HTML."""

LOG_IN = "log in with `hf auth login`, or put a token with the right to write into HF_TOKEN"


@contextmanager
def hub_errors(doing: str, repo_id: str) -> Iterator[None]:
    """Turn what the Hub's client raises into a `HubError`.

    Args:
        doing: what was tried, such as "looking at".

    Raises:
        HubError: with what was tried, what the Hub said, and what to do.
    """
    try:
        yield
    except Exception as error:
        # A large file that fails comes wrapped into a RuntimeError.
        cause = error.__cause__ if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception) else error
        words = _words(cause)
        if words is None:
            raise
        raise HubError(f"{doing} {repo_id}: {words}{_said(cause)}") from None


def _words(error: Exception) -> str | None:
    """Cause and remedy of an error; None for one that does not come from the Hub, the network or this machine."""
    from huggingface_hub import errors

    from lemma_hf.utils.http_library import httpx

    if isinstance(error, errors.OfflineModeIsEnabled):
        return "the Hub is switched off here (HF_HUB_OFFLINE); unset it to publish"
    if isinstance(error, errors.LocalTokenNotFoundError):
        return f"there is no token; {LOG_IN}"
    if isinstance(error, errors.GatedRepoError):
        return "its owner has to let you in; ask on its page, then run this again"
    if isinstance(error, errors.RepositoryNotFoundError):
        return _unseen(error)
    if isinstance(error, errors.RevisionNotFoundError):
        return "there is no such branch, tag or commit; check --revision"
    if isinstance(error, errors.HfHubHTTPError | httpx.HTTPStatusError):  # the Hub, or its storage
        return _by_status(_status(error))
    if isinstance(error, httpx.HTTPError):
        said = hide_secrets(str(error))[:_LONGEST] or type(error).__name__
        return (
            f"the Hub cannot be reached, or the connection broke ({said}). Check the network and HF_ENDPOINT, then run "
            "the same command again: it finishes what was begun"
        )
    if isinstance(error, ValueError) and isinstance(error.__cause__, errors.BadRequestError):  # a card that it refuses
        return f"the Hub refuses the card: {escape_invisible(hide_secrets(' '.join(str(error).split()))[:_LONGEST])}"
    return _local(error) if isinstance(error, OSError) else None


def _status(error: Exception) -> int:
    return getattr(getattr(error, "response", None), "status_code", 0) or 0


def _said(error: Exception) -> str:
    """Quote the server's message, cut and without keys."""
    message = getattr(error, "server_message", None) or ""
    return f". The Hub says: {escape_invisible(hide_secrets(' '.join(message.split()))[:_LONGEST])}" if message else ""


def _unseen(error: Exception) -> str:
    if _status(error) == 401:
        return f"not found, or your token is not (or no longer) valid: check the name, and {LOG_IN}"
    return "not found, or not visible to you: check the name and your rights"


def _by_status(status: int) -> str:
    if status == 401:
        return f"your token is not, or no longer, valid; {LOG_IN}"
    if status == 403:
        return "your token may not write here: use one with the right to write, or --create-pr to propose the change"
    if status in (409, 412):
        return (
            "another commit was made in the meantime, so nothing was committed; run the same command again to see the "
            "difference from what is there now"
        )
    if status == 429:
        return "too many requests, also after waiting; nothing was committed. Run the same command again later"
    if status in (413, 507):
        return "the storage limit is reached: check the storage of your account, or publish less"
    if status >= 500:
        return f"the Hub fails (HTTP {status}), also after retries; run the same command again later"
    if status:
        return f"the Hub refuses (HTTP {status})"
    return "the Hub's answer has no HTTP status; run the same command again later"


def _local(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"a disk of this machine is full ({error.strerror}); free some space, also in TMPDIR, and run this again"
    return f"a file of this machine cannot be read or written ({error.strerror or error})"
