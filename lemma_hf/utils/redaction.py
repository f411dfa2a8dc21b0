"""What must not leave this machine? Keys, passwords in addresses, and places that exist only here."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit, urlunsplit

KEYS = re.compile(
    r"\b(?:sk|csk)-[\w-]{16,}|\bhf_[A-Za-z0-9]{12,}|\bhf_oauth_[\w.-]{12,}"
    r"|\b(?:gsk|xai|nvapi|r8|pplx|tgp_v1)[-_][\w-]{16,}|\bfw_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{30,}"
    r"|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abp]-[\w-]{10,}"
    r"|\bAIza[\w-]{20,}|\bya29\.[\w-]{16,}|\bA[KS]IA[A-Z0-9]{12,}|\beyJ[\w-]{10,300}\.[\w-]{10}"
    r"|(?i:\bbearer\s{1,9}[\w.~+/=-]{8,})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----",
)
"""What the keys of the usual providers look like. Repetitions are bounded or end the match, so it runs in one pass."""
KEY_NAME = re.compile(r"(?i)(?:^|[_-])(?:api[_-]?key|key|secret|password|passwd|token|authorization|sig|signature)$")
"""What a setting is called whose value is a key."""
_URL = re.compile(r"https?://[^\s'\"<>]+")
_ROOTS = (
    "home|root|[Uu]sers|Volumes|mnt|media|scratch|lustre|gpfs|nfs|net|fsx|work|workspace|projects?|data|tmp|var|private|srv"
    "|opt|kaggle|content/drive"
)
_PLACE = re.compile(
    rf"(?<![\w/.~])(?:file://)?/(?:{_ROOTS})/[\w.@~+-]+"
    r"|(?<![\w\\])[A-Za-z]:(?:\\{1,2}[\w.]+\\{1,2}|/(?:Users|home)/)[\w.]|(?<![\w/])~/[\w.-]+"
)
"""An absolute path as it stands in prose, JSON or YAML, and not the path of a URL."""
_SECRET_ENV = re.compile(r"(?i)(?:key|token|secret|password|passwd)$")
_ESCAPED = re.compile(r"\\[nrt]")
_SHORTEST_SECRET = 12


def hide_keys(text: str) -> str:
    """Text for people, such as a command line, without anything that looks like a key or a password in a URL.

    Example:
        >>> hide_keys("--teacher gpt-4o@https://me:pw@host.org/v1 --header 'Bearer abcdefghi'")
        "--teacher gpt-4o@https://host.org/v1 --header '…'"
    """
    return KEYS.sub("…", _URL.sub(lambda found: without_userinfo(found[0]), text))


def without_userinfo(url: str) -> str:
    """A URL without name and password; "…" if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "…"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def url_has_key(text: str) -> bool:
    """Whether a URL in the text has a query or a fragment such as `?api_key=…`."""
    for found in _URL.finditer(text):
        try:
            parts = urlsplit(found[0])
            pairs = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
        except ValueError:
            continue
        if any(KEY_NAME.search(name) for name, _ in pairs):
            return True
    return False


def _url_has_password(text: str) -> bool:
    """Whether a URL in the text is one such as `https://name:password@host`."""
    return any(
        ":" in found[0].partition("://")[2].partition("/")[0].rpartition("@")[0] for found in _URL.finditer(text)
    )


def leaks_of(text: str) -> Iterator[str]:
    """What in a text for the world looks like a key or like a place of this machine, in words that may be shown.

    Example:
        >>> list(leaks_of("see https://huggingface.co/home/x, /home/ann/rows.jsonl and hf_abcdefghijklmnop"))
        ['a key (hf_…)', 'a path of a machine (/home/ann)']
    """
    yield from keys_of(text)
    # In JSON, a line break before a path is a backslash and a letter.
    for found in _PLACE.finditer(_ESCAPED.sub(" ", text).replace("\\/", "/")):
        yield f"a path of a machine ({found[0]})"


def keys_of(text: str) -> Iterator[str]:
    """The keys among them, for texts in which a path is no place: vocabularies, templates, metadata."""
    flat = _ESCAPED.sub(" ", text).replace("\\/", "/")
    for found in KEYS.finditer(flat):
        yield f"a key ({found[0][:3]}…)"
    if url_has_key(flat):
        yield "a URL with a key in it"
    if _url_has_password(flat):
        yield "a URL with a password in it"


def known_secrets(environment: Mapping[str, str] | None = None) -> list[bytes]:
    """The keys of this machine, word for word, to look for in what is about to leave: never to be shown.

    Those in environment variables whose names end in KEY, TOKEN, SECRET or PASSWORD, if they are long enough not to be
    found by chance.

    Args:
        environment: by default this process's.
    """
    found = os.environ if environment is None else environment
    values = {value.strip() for name, value in found.items() if _SECRET_ENV.search(name)}
    return [os.fsencode(value) for value in sorted(values) if len(value) >= _SHORTEST_SECRET]


def known_places() -> list[bytes]:
    """The home of whoever runs this, and the folder they are in, unless that says nothing (`/`, `/root`, `/tmp`)."""
    found = set()
    for place in (Path.home, Path.cwd):
        with suppress(RuntimeError, OSError):  # a user without a home, a folder that is gone
            found.add(str(place()))
    return [os.fsencode(place) for place in sorted(found) if place.count("/") > 1 or place.count("\\") > 1]
