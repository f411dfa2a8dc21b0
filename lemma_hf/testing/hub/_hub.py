"""A Hub on this machine for tests of code that publishes, with faults on demand.

    with LoopbackHub() as hub:
        subprocess.run([sys.executable, "publish.py"], env=hub.environment(tmp_path), check=True)
        assert hub.repo("me/lemma", "dataset").files()["README.md"].startswith(b"---")

It speaks the Hub's protocol on 127.0.0.1, as far as its clients use it, and keeps everything in memory. Large files go
by LFS: it does not speak the protocol of Xet, which `environment` therefore turns off.
"""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from lemma_hf.errors import ConfigError
from lemma_hf.testing.http import AfterResponse, Conversation, HttpRequest, HttpResponse, Limits, response
from lemma_hf.testing.hub._blob import Blob, is_large
from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._faults import Break, HubFault, HubFaults, refusal
from lemma_hf.testing.hub._lfs import Uploads
from lemma_hf.testing.hub._people import REFUSED_TOKEN, ROLES
from lemma_hf.testing.hub._reply import RefusedError, Reply
from lemma_hf.testing.hub._repository import KINDS, Changes, Commit, Repo
from lemma_hf.testing.hub._routes import route, routes
from lemma_hf.testing.hub._store import Store
from lemma_hf.testing.server import ServerDouble, ThreadServer

_LARGEST_BODY = 4 * 2**30
"""Bytes: more than the largest file of weights that a test uploads."""

_OURS = {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "HF_HUB_OFFLINE": "0",
    "HF_DATASETS_OFFLINE": "0",
    "HF_EVALUATE_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
_THEIRS = ("HF_", "HUGGING_FACE_", "HUGGINGFACE_", "TRANSFORMERS_CACHE", "EVALUATE_")


@dataclass(slots=True)
class HubRequest:
    """A request to the Hub, and its result; it holds no secrets."""

    number: int
    """In the order of arrival, from 0."""
    method: str
    path: str
    query: str
    """Without the keys of uploads."""
    user: str | None
    """None without a token, or with one that is not known."""
    received: int
    """Bytes of the body."""
    status: int | None = None
    """None while it is at work, and if the connection broke before an answer."""
    sent: int = 0
    """Bytes of the answer's body."""
    fault: str | None = None
    """What went wrong because it was ordered."""

    @property
    def line(self) -> str:
        """The request as `METHOD /path`, the form that faults are matched against."""
        return f"{self.method} {self.path}"


class LoopbackHub(ServerDouble):
    """A Hub for tests: a context manager that serves from a thread of its own while it is open.

    Args:
        user: the user whose token is `token`; the others come by `new_token`.
        port: 0 for any that is free.
        page: most entries of a listing in one answer; the rest is behind a link.
        multipart: bytes from which a large file comes up in several parts of so many each; None: never.

    Raises:
        OSError: from `with`, if the port is taken.

    Example:
        >>> import urllib.request
        >>> with LoopbackHub() as hub:
        ...     _ = hub.commit("me/lemma", "dataset", {"hello.txt": b"hello"})
        ...     url = f"{hub.url}/datasets/me/lemma/resolve/main/hello.txt"
        ...     urllib.request.urlopen(url).read(), [one.line for one in hub.requests]
        (b'hello', ['GET /datasets/me/lemma/resolve/main/hello.txt'])
    """

    def __init__(self, user: str = "me", *, port: int = 0, page: int = 1000, multipart: int | None = None) -> None:
        self.user = user
        super().__init__(ThreadServer(self._take, "loopback-hub", port, Limits(_LARGEST_BODY, chunks=True)))
        self._store = Store(page=page, multipart=multipart)
        self.token = self.new_token(user)
        """A made-up token with which `user` may write."""
        self._routes = routes(Uploads())
        self._faults = HubFaults()
        self._requests: list[HubRequest] = []
        self._watchers: list[Callable[[HubRequest], None]] = []
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        """The address, such as `http://127.0.0.1:40123`; it is known once the Hub is open."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def requests(self) -> list[HubRequest]:
        """All requests so far, in the order in which they arrived."""
        with self._lock:
            return list(self._requests)

    @property
    def repos(self) -> list[Repo]:
        """All repositories."""
        with self._lock:
            return list(self._store.repos.values())

    def environment(self, home: str | Path, token: str | None = None) -> dict[str, str]:
        """The environment of a process that is to use this Hub and no other.

        Args:
            home: a folder for the caches of the Hub's clients.
            token: another than `token`; an empty one: none.
        """
        own = {"HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_TOKEN": self.token if token is None else token}
        return {name: value for name, value in os.environ.items() if not name.startswith(_THEIRS)} | _OURS | own

    def new_token(self, user: str, role: str = "write") -> str:
        """Make a token for a user, who may be a new one.

        Args:
            role: `read` or `write`.
        """
        if role not in ROLES:
            raise ConfigError(f"role {role!r}: need one of {', '.join(ROLES)}")
        return self._store.people.new_token(user, role)

    def revoke(self, token: str | None = None, message: str = REFUSED_TOKEN) -> None:
        """Refuse a token with 401 from now on; by default the `token` of this Hub."""
        self._store.people.revoke(token or self.token, message)

    def join(self, user: str, organization: str) -> None:
        """Make a user a member of an organization, who may write there."""
        self._store.people.organizations.setdefault(organization, set()).add(user)

    def create(
        self, repo_id: str, kind: str, *, private: bool = False, gated: str | None = None, sdk: str | None = None
    ) -> Repo:
        """Make a repository directly, without HTTP and without a check of rights.

        Raises:
            ConfigError: if there is one, or if it is of no kind that there is.
        """
        if kind not in KINDS or repo_id.count("/") != 1:
            raise ConfigError(f"{kind} {repo_id!r}: need OWNER/NAME and one of {', '.join(KINDS)}")
        with self._lock:
            if (kind, repo_id) in self._store.repos:
                raise ConfigError(f"{kind} {repo_id} is there already")
            return self._store.repos.setdefault((kind, repo_id), Repo(kind, repo_id, private, gated, sdk))

    def repo(self, repo_id: str, kind: str) -> Repo:
        """A repository as it is now.

        Raises:
            ConfigError: if there is none; it says which there are.
        """
        with self._lock:
            if (kind, repo_id) in self._store.repos:
                return self._store.repos[kind, repo_id]
            there = ", ".join(f"{kind} {name}" for kind, name in self._store.repos) or "nothing at all"
        raise ConfigError(f"no {kind} {repo_id} on this Hub; there is {there}")

    def has(self, repo_id: str, kind: str) -> bool:
        """Whether there is such a repository."""
        with self._lock:
            return (kind, repo_id) in self._store.repos

    def commit(
        self,
        repo_id: str,
        kind: str,
        files: Mapping[str, bytes | None],
        message: str = "Changed by the test",
        *,
        branch: str = "main",
        author: str | None = None,
    ) -> Commit:
        """Put files into a repository directly, without HTTP and rights: a commit by another user, at any time.

        Args:
            files: by path; None takes one away. A repository that is not there is made.
        """
        with self._lock:
            repo = self.repo(repo_id, kind) if self.has(repo_id, kind) else self.create(repo_id, kind)
            blobs = {path: self._blob(repo, path, data) for path, data in files.items() if data is not None}
            gone = tuple(path for path, data in files.items() if data is None)
            return repo.commit(Changes(message, files=blobs, deleted=gone), author or repo.owner, branch)

    def fail(
        self,
        status: int = 500,
        match: str = "",
        *,
        after: int = 0,
        times: int | None = 1,
        retry_after: int | None = None,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        """Refuse requests from now on; a refused request has no effect.

        Args:
            status: of HTTP; the words are the Hub's unless `message` says others.
            match: part of `METHOD /path` of those requests, with `*` for anything, such as `POST */commit/`.
            after: how many of them go well first.
            times: how many are refused then; None: all.
            retry_after: seconds, for the header of that name.
            message: what the Hub says.
            code: `X-Error-Code`, such as `GatedRepo`.
        """
        self._order(HubFault(match, after, times, refusal(status, message, code, retry_after)))

    def break_connection(
        self, match: str = "", *, after: int = 0, times: int | None = 1, when: Break = Break.BEFORE
    ) -> None:
        """Break connections from now on: before or after the work, or within the answer."""
        self._order(HubFault(match, after, times, breaks=Break(when)))

    def fill_disk(self) -> None:
        """Refuse large files with 507 from now on, as if the storage was full."""
        self.fail(507, "PUT /lfs/", times=None)

    def heal(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults.ordered.clear()

    def on_request(self, watcher: Callable[[HubRequest], None]) -> None:
        """Call a function before each request is done: to end its client, for example, or to commit before it.

        It is called in the thread of the Hub, which does nothing else meanwhile; then the request is done, also where
        its client is no more, as it had arrived. What it raises is answered with 500, and raised again when the Hub
        closes.
        """
        with self._lock:
            self._watchers.append(watcher)

    def _record(self, request: HttpRequest) -> HubRequest:
        hide = self._store.people.without_tokens
        query = urlencode([pair for pair in parse_qsl(request.query) if pair[0] != "key"])
        try:
            user = self._store.people.visitor(request.headers).user
        except RefusedError:
            user = None
        with self._lock:
            number, size = len(self._requests), len(request.content)
            record = HubRequest(number, request.method, hide(request.path), hide(query), user, size)
            self._requests.append(record)
        return record

    def _take(self, request: HttpRequest, conversation: Conversation) -> None:
        conversation.send(self._answer(request))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, unless a fault hits it, and record the result."""
        record, fault = self._record(request), None
        try:
            for watcher in list(self._watchers):
                watcher(record)
            with self._lock:
                fault = self._faults.draw(request.method, request.path)
                record.fault = fault.name if fault else None
                reply = None if fault and fault.breaks is Break.BEFORE else self._reply(request, fault)
        except Exception as failure:
            self._failure = self._failure or failure
            reply = RefusedError(500, f"the loopback Hub failed: {failure!r}").reply
        breaks = fault.breaks if fault else None
        if reply is None or breaks is Break.AFTER:
            return HttpResponse(None, b"", AfterResponse.RESET)
        kept = len(reply.content) // 2 if breaks is Break.WITHIN else len(reply.content)
        size = len(reply.content) if reply.size is None else reply.size
        record.status, record.sent = reply.status, kept
        data = response(reply.status, reply.content[:kept], reply.kind, size, headers=reply.headers)
        return HttpResponse(reply.status, data, AfterResponse.CLOSE if breaks is Break.WITHIN else AfterResponse.KEEP)

    def _reply(self, request: HttpRequest, fault: HubFault | None) -> Reply:
        try:
            if fault and fault.refusal:
                raise fault.refusal
            visitor = self._store.people.visitor(request.headers)
            handler, parts = route(self._routes, request.method, request.path, visitor)
            call = Call(
                self.url, request.method, request.path, request.query, request.headers, request.content, visitor, parts
            )
            return handler(call, self._store)
        except RefusedError as refused:
            head = request.method == "HEAD"
            reply = refused.reply
            return Reply(reply.status, b"", reply.headers, reply.kind, len(reply.content)) if head else reply

    def _order(self, fault: HubFault) -> None:
        with self._lock:
            self._faults.ordered.append(fault)

    def _blob(self, repo: Repo, path: str, data: bytes) -> Blob:
        there = repo.find("main").files.get(".gitattributes")
        blob = Blob(data, is_large(path, len(data), data[:512], there.data if there else b""))
        if blob.is_lfs:
            repo.lfs[blob.sha256] = blob
        return blob
