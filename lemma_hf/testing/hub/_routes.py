"""Routes: the table of all requests that this Hub answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lemma_hf.testing.hub import _commits, _discussions, _files, _listing, _names, _repos
from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._lfs import Uploads
from lemma_hf.testing.hub._people import Visitor
from lemma_hf.testing.hub._reply import RefusedError, Reply
from lemma_hf.testing.hub._store import Store, not_found

_Handler = Callable[[Call, Store], Reply]

_PLACES = {
    "kinds": "(?P<kinds>models|datasets|spaces)",
    "prefix": "(?P<kinds>datasets/|spaces/|)",
    "id": r"(?P<id>[^/]+/[^/]+?)",
    "rev": r"(?P<rev>refs/(?:pr|convert|heads)/[^/]+|[^/]+)",
    "path": "(?P<path>.+)",
    "name": "(?P<name>[^/]+)",
    "number": r"(?P<number>\d{1,9})",
    "oid": "(?P<oid>[0-9a-f]{64})",
}
_OF_SHORT_NAME = re.compile(r"/api/(?:models|datasets|spaces)/[^/]+(?:/(?:revision|tree)/.*)?|/[^/]+/resolve/.*")
"""Repositories without an owner, such as `/api/models/gpt2` or `/gpt2/resolve/main/config.json`: there are none."""


@dataclass(frozen=True, slots=True)
class _Route:
    """The function that answers requests of one form."""

    methods: tuple[str, ...]
    form: re.Pattern[str]
    handler: _Handler


def routes(uploads: Uploads) -> tuple[_Route, ...]:
    """All routes of the Hub."""
    return tuple(_route(asked, handler) for asked, handler in _table(uploads).items())


def route(table: tuple[_Route, ...], method: str, path: str, visitor: Visitor) -> tuple[_Handler, Mapping[str, str]]:
    """The function that answers a request, and the values in its path.

    Raises:
        RefusedError: 404 if nothing does.
    """
    for one in table:
        if method in one.methods and (found := one.form.fullmatch(path)):
            return one.handler, found.groupdict(default="")
    if _OF_SHORT_NAME.fullmatch(path):
        raise not_found(visitor)
    raise RefusedError(404, f"This loopback Hub has no {method} {path[:200]}")


def _table(uploads: Uploads) -> dict[str, _Handler]:
    about = "/api/{kinds}/{id}"
    return {
        "GET /api/whoami-v2": _repos.whoami,
        "POST /api/validate-yaml": _commits.validate,
        "POST /api/repos/create": _repos.create,
        "DELETE /api/repos/delete": _repos.delete,
        "POST /api/repos/move": _repos.move,
        "GET /api/{kinds}": _listing.repos,
        f"GET {about}": _listing.info,
        f"GET {about}/revision/{{rev}}": _listing.info,
        f"GET {about}/tree/{{rev}}": _listing.tree,
        f"GET {about}/tree/{{rev}}/{{path}}": _listing.tree,
        f"POST {about}/paths-info/{{rev}}": _listing.paths_info,
        f"GET {about}/commits/{{rev}}": _listing.commits,
        f"GET {about}/refs": _listing.refs,
        f"PUT {about}/settings": _repos.settings,
        f"GET {about}/auth-check": _repos.may_read,
        f"GET {about}/auth-check/write": _repos.may_write,
        f"POST {about}/branch/{{name}}": _names.new_branch,
        f"DELETE {about}/branch/{{name}}": _names.delete_branch,
        f"POST {about}/tag/{{name}}": _names.new_tag,
        f"DELETE {about}/tag/{{name}}": _names.delete_tag,
        f"POST {about}/preupload/{{rev}}": _commits.preupload,
        f"POST {about}/commit/{{rev}}": _commits.commit,
        f"GET {about}/discussions": _discussions.listed,
        f"POST {about}/discussions": _discussions.opened,
        f"GET {about}/discussions/{{number}}": _discussions.details,
        f"POST {about}/discussions/{{number}}/merge": _discussions.merged,
        f"POST {about}/discussions/{{number}}/status": _discussions.status,
        "POST /{prefix}{id}.git/info/lfs/objects/batch": uploads.batch,
        "POST /{prefix}{id}.git/info/lfs/objects/verify": uploads.verify,
        "PUT /lfs/{oid}": uploads.put,
        "PUT /lfs/{oid}/{number}": uploads.put,
        "POST /lfs/{oid}": uploads.complete,
        "GET HEAD /{prefix}{id}/resolve/{rev}/{path}": _files.resolve,
        "GET HEAD /{prefix}{id}/raw/{rev}/{path}": _files.raw,
    }


def _route(asked: str, handler: _Handler) -> _Route:
    *methods, path = asked.split(" ")
    # "/{prefix}{id}.git" → the two patterns in `_PLACES`, and an escaped dot
    form = re.sub(r"\{(\w+)\}|\.", lambda found: _PLACES[found[1]] if found[1] else r"\.", path)
    return _Route(tuple(methods), re.compile(form), handler)
