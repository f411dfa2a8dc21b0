"""What an endpoint says of the model that it serves, so that another model under the same name is noticed.

    GET …/models    {"id": "m", "root": "/checkpoints/300", …} where it was "/checkpoints/200": vLLM, SGLang, llama.cpp
    a reply         {"model": "m-2026-11-20", …} where it was "m-2026-08-06": hosted services behind an alias

What was said is kept in the store. Stored replies of another model still count, since a server that is only started
anew may say something else as well; a warning says how many they are, and how to leave them out.
"""

import json
import logging
import time
from collections.abc import Iterable
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyLookup
from lemma_hf.utils.http_library import httpx
from lemma_hf.utils.redaction import one_line

_FACTS = ("root", "parent", "max_model_len", "meta", "sha", "hash", "digest", "revision")
"""Fields of a model in the list that are the same as long as it is. `created` is not: many servers put the time of the
request there. Nor is the `system_fingerprint` of a reply, which hosted services change within one run."""
_SECONDS = 5.0
"""For the list: an endpoint that does not give it in this time is not asked again."""
_LARGEST = 2**20
"""Bytes of the list: thousands of models."""
_SHOWN = 120

_logger = logging.getLogger(__name__)


class ServedModel:
    """The model behind an endpoint, as far as it says so, compared with what it said in earlier runs."""

    def __init__(self, endpoint: Endpoint, store: ReplyLookup) -> None:
        self._endpoint = endpoint
        self._store = store
        self._name = f"{endpoint.model} at {endpoint.stored_as or endpoint.where}"
        self._listed: str | None = None
        self._heard: set[str] = set()
        self._warned: set[str] = set()

    def look(self, *, asks: bool) -> None:
        """Read the endpoint's list of models, once; one that has none, or is not there, is no error.

        Args:
            asks: whether new replies are asked for, so that what it says is noted, and not only compared.
        """
        if self._listed is None:
            self._listed = listed_facts(self._endpoint)
        self._compare("listed", {self._listed} - {""}, note=asks)

    def hear(self, response: Any) -> None:
        """Take in which model a reply says it is from, where that is not the one that was asked for."""
        said = getattr(response, "model", None)
        if isinstance(said, str) and said not in ("", self._endpoint.model):
            self._heard.add(said.encode("utf-8", "replace").decode("utf-8")[:_SHOWN])

    def compare_heard(self) -> None:
        """Compare and note what the replies said so far."""
        self._compare("heard", self._heard, note=True)

    def _compare(self, how: str, said: set[str], *, note: bool) -> None:
        if not said:
            return
        name = f"{how}: {self._name}"
        before, replies = self._store.served(name, self._endpoint.model, sorted(said), note=note)
        if before and replies and how not in self._warned:
            self._warned.add(how)
            _logger.warning(
                "%s is now %s; up to %s stored replies are of %s, and count. To ask for them anew, set the endpoint's "
                "option stored_as to another name, or name another file for the replies",
                *(self._name, _shown(said), f"{replies:,}", _shown(before)),
            )


def listed_facts(endpoint: Endpoint) -> str:
    """The facts of the model in the endpoint's list, as JSON; empty where there are none."""
    if not endpoint.base_url:
        return ""
    try:
        models = json.loads(_read(f"{endpoint.base_url}/models", endpoint.key()))["data"]
        (model,) = (one for one in models if one["id"] == endpoint.model)
        facts = {name: model[name] for name in _FACTS if model.get(name) is not None}
    except (httpx.HTTPError, OSError, ConfigError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return json.dumps(facts, sort_keys=True)[:2000] if facts else ""


def _read(url: str, key: str | None) -> bytes:
    """The content of a page.

    Raises:
        ValueError: if it takes too long, is too large, or is none.
    """
    end, content = time.monotonic() + _SECONDS, b""
    headers = {"accept-encoding": "identity", "authorization": f"Bearer {key}"}
    with httpx.stream("GET", url, headers=headers, timeout=_SECONDS) as response:
        if response.status_code != 200:
            raise ValueError(f"status {response.status_code}")
        for piece in response.iter_raw():
            content += piece
            if len(content) > _LARGEST or time.monotonic() > end:
                raise ValueError("too large, or too slow")
    return content


def _shown(said: Iterable[str]) -> str:
    return " or ".join(one_line(one, _SHOWN) for one in sorted(said))
