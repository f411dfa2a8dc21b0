"""Description of an endpoint: its model, address, limits and prices; the API key stays in the environment."""

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.chat import ChatRequest
from lemma_hf.utils.redaction import KEY_NAME, url_has_key

_PARAMETERS = ("max_tokens", "temperature", "top_p", "seed")
"""Parameters of every request, by their usual names."""
_NO_KEY = "EMPTY"
"""Sent where no key is needed: left without one, huggingface_hub would send your Hub token to the endpoint."""
_USUAL_KEYS = {"api.openai.com": "OPENAI_API_KEY"}
"""Environment variable of the key, by host."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A chat model behind an OpenAI-compatible address (OpenAI, vLLM, TGI, `transformers serve`), or at a provider of
    Hugging Face's Inference Providers.

    Example:
        >>> local = Endpoint.from_text("Qwen/Qwen2.5-72B-Instruct@http://localhost:8000/v1", concurrency=128)
        >>> local.model, local.base_url
        ('Qwen/Qwen2.5-72B-Instruct', 'http://localhost:8000/v1')
        >>> Endpoint.from_text("meta-llama/Llama-3.3-70B-Instruct@hf:groq").provider
        'groq'
    """

    model: str
    base_url: str = ""
    """Up to and including `/v1`; empty: Hugging Face's Inference Providers."""
    provider: str = "auto"
    """Which of the Inference Providers, where `base_url` is empty."""
    key_env: str = ""
    """The environment variable that holds the key. Empty: `OPENAI_API_KEY` at OpenAI, your Hub token at Inference
    Providers, and no key anywhere else."""
    concurrency: int = 64
    """Calls at a time: enough to keep one GPU of a server busy, which computes them in one batch."""
    timeout: float = 300.0
    """Seconds that a call may take in all, at the least: 2,048 tokens at 7 tokens a second. Where the endpoint has been
    slower so far, waiting in its queue included, a call may take 3 times as long as the tokens that it asks for would
    at that speed; one that is made again after a time-out, twice as long as before; never more than 12 times `timeout`.
    At a time-out the connection is closed, so that the server stops working on the call, before it is made again."""
    tries: int = 8
    """Calls before an item is given up, where they fail (5xx, broken reply, time-out): one to two minutes in all.
    A time-out does not count while the endpoint answers other calls and the item's time can still be stretched."""
    backoff: float = 1.0
    """Seconds before the second try; doubled each time, up to a minute, and drawn between half of that and all."""
    patience: float = 900.0
    """Seconds that one item may wait where the endpoint says "later" (429, Retry-After) or, having answered before,
    refuses connections: time enough to load a large model again. One that never answered is given up within seconds."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    """Prompt and completion together; estimated when a call is made, corrected when its reply has come."""
    parameter_names: Mapping[str, str] = field(default_factory=dict)
    """Other names of parameters, such as `{"max_tokens": "max_completion_tokens"}`; one with an empty name is not
    sent."""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """Sent with every request, such as `{"reasoning_effort": "low"}`."""
    stored_as: str = ""
    """What stands for the address in the reply store, where it is not the address: set it to the old address of a
    server that has moved, and its replies are found again."""
    usd_per_million_in: float = 0.0
    usd_per_million_out: float = 0.0

    def __post_init__(self) -> None:
        if not self.model:
            raise ConfigError("an endpoint needs the name of its model")
        if self.base_url:
            _check_url(self.base_url)
        if self.key_env and not re.fullmatch(r"[A-Za-z_]\w*", self.key_env):  # such as OPENAI_API_KEY
            raise ConfigError("`key_env` is the *name* of an environment variable, such as OPENAI_API_KEY; not the key")
        bounds = {
            "concurrency": self.concurrency >= 1,
            "tries": self.tries >= 1,
            "timeout": self.timeout > 0,
            "backoff": self.backoff >= 0,
            "patience": self.patience >= 0,
            "requests_per_minute": self.requests_per_minute is None or self.requests_per_minute > 0,
            "tokens_per_minute": self.tokens_per_minute is None or self.tokens_per_minute > 0,
            "usd_per_million_in": 0 <= self.usd_per_million_in < math.inf,
            "usd_per_million_out": 0 <= self.usd_per_million_out < math.inf,
        }
        for name, holds in bounds.items():
            if not holds:
                raise ConfigError(f"`{name}` of endpoint {self.model}: {getattr(self, name)} is out of range")
        for name in self.extra_body:
            if KEY_NAME.search(name):
                raise ConfigError(
                    f"`body.{name}`: looks like a key, and what is sent with every request is written down. Put the "
                    "key into an environment variable, and its name into `key_env`"
                )
        for name in self.parameter_names:
            if name not in _PARAMETERS:
                raise ConfigError(f"`parameter_names`: no parameter is called {name!r}; known are {_PARAMETERS}")

    @classmethod
    def from_text(cls, text: str, **options: Any) -> "Endpoint":
        """`MODEL@URL`, `MODEL@hf` or `MODEL@hf:PROVIDER`, with the other fields by name.

        Raises:
            ConfigError: if the text has another form, or an option is out of range.
        """
        model, sign, where = text.partition("@")
        if not sign or not model or not re.match(r"https?://|hf(:|$)", where):  # such as http://…, hf or hf:groq
            raise ConfigError(
                f"need MODEL@URL with a URL that ends in /v1, or MODEL@hf for Hugging Face's Inference Providers "
                f"(MODEL@hf:groq for a certain one), found {_without_userinfo(text)!r}"
            )
        if where.startswith("hf"):
            return cls(model, provider=where.partition(":")[2] or "auto", **options)
        return cls(model, where.rstrip("/"), **options)

    @property
    def where(self) -> str:
        """The address, for messages."""
        return self.base_url or f"Inference Providers ({self.provider})"

    def key(self) -> str | None:
        """The API key, from the environment; None where huggingface_hub finds the Hub token itself.

        Raises:
            ConfigError: if the variable that should hold it is not set. The message names the variable.
        """
        name = self.key_env or (_USUAL_KEYS.get(urlsplit(self.base_url).hostname or "") if self.base_url else None)
        if name:
            key = os.environ.get(name, "").strip()
            if not key:
                raise ConfigError(f"{self.where} needs a key: set the environment variable {name}")
            return key
        return _NO_KEY if self.base_url else None

    def parameters_of(self, request: ChatRequest) -> tuple[dict[str, Any], dict[str, Any]]:
        """The parameters of a request under their usual names, and those that this endpoint calls something else."""
        known: dict[str, Any] = {}
        renamed: dict[str, Any] = {}
        for usual, value in request.parameters().items():
            name = self.parameter_names.get(usual, usual)
            if name == usual:
                known[usual] = value
            elif name:
                renamed[name] = value
        return known, renamed

    def key_of(self, request: ChatRequest) -> bytes:
        """The key of a request's reply in the store."""
        known, renamed = self.parameters_of(request)
        return request.key(self.model, {**known, **self.extra_body, **renamed}, self.stored_as or self.where)

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of a call."""
        return (prompt_tokens * self.usd_per_million_in + completion_tokens * self.usd_per_million_out) / 1e6

    def share(self, parts: int) -> "Endpoint":
        """The endpoint with its limits and concurrency divided, for one of so many clients that share it."""
        return replace(
            self,
            concurrency=max(1, self.concurrency // parts),
            requests_per_minute=self.requests_per_minute and self.requests_per_minute / parts,
            tokens_per_minute=self.tokens_per_minute and self.tokens_per_minute / parts,
        )


def _check_url(url: str) -> None:
    """Refuse a URL with a user name or password in it, or of another kind than HTTP."""
    found = urlsplit(url)
    if url_has_key(url):
        raise ConfigError("a URL must not hold a key: it is written down. Put the key into `key_env`")
    if found.username or found.password:
        raise ConfigError("a URL must not hold a name or a password: it is written down. Put the key into `key_env`")
    if found.scheme not in ("http", "https") or not found.hostname:
        raise ConfigError(f"need a URL such as http://localhost:8000/v1, found {url!r}")


def _without_userinfo(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//…@", text)  # such as //ann:secret@


def read_options(pairs: Sequence[str]) -> dict[str, Any]:
    """Read `name=value` pairs as the fields of an `Endpoint`.

    `names.USUAL=OTHER` renames a parameter and `names.USUAL=` leaves it out; `body.NAME=VALUE` sends a further one,
    with a value in JSON or else as text.

    Raises:
        ConfigError: if a pair is malformed, names no field, or has a value of another kind.

    Example:
        >>> read_options(["concurrency=8", "names.max_tokens=max_completion_tokens", "body.top_k=20"])
        {'concurrency': 8, 'parameter_names': {'max_tokens': 'max_completion_tokens'}, 'extra_body': {'top_k': 20}}
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        group, dot, inner = name.partition(".")
        if sign and dot and group in _GROUPS and inner:
            found.setdefault(_GROUPS[group], {})[inner] = _json_or_text(value) if group == "body" else value
        elif sign and name in _OPTIONS:
            found[name] = _read_option(name, value)
        else:
            raise ConfigError(
                f"need name=value with a name of {', '.join(_OPTIONS)}, or names.PARAMETER=NAME, or body.NAME=VALUE; "
                f"found {pair.partition('=')[0]!r}"
            )
    return found


_OPTIONS: dict[str, type] = {
    "key_env": str,
    "concurrency": int,
    "timeout": float,
    "tries": int,
    "backoff": float,
    "patience": float,
    "stored_as": str,
    "requests_per_minute": float,
    "tokens_per_minute": float,
    "usd_per_million_in": float,
    "usd_per_million_out": float,
}
"""Options that have one value, and its type."""
_GROUPS = {"names": "parameter_names", "body": "extra_body"}
"""Options that are mappings, by the first part of their names."""


def _read_option(name: str, value: str) -> object:
    try:
        return _OPTIONS[name](value)
    except ValueError:
        raise ConfigError(f"option `{name}`: need {_OPTIONS[name].__name__}, found {value!r}") from None


def _json_or_text(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value
