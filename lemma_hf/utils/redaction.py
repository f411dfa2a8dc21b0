"""Redaction: find or remove secrets, paths of this machine and invisible characters in a text.

find_secrets, find_local_paths, find_leaks    what must not be published, in words that may be shown
hide_secrets                                  a text for a report without them
known_secrets, known_places                   the keys and folders of this machine, word for word
escape_invisible, escape_html, one_line       an untrusted text, safe to show
"""

import html
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit, urlunsplit

KEYS = re.compile(
    r"\b(?:sk|csk)-[\w-]{16,}|\bhf_[A-Za-z0-9]{12,}|\bhf_oauth_[\w.-]{12,}"
    r"|\b(?:gsk|xai|nvapi|r8|pplx|tgp_v1)[-_][\w-]{16,}|\bfw_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{30,}"
    r"|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abeprs](?:\.xox[abp])?-[\w-]{10,}"
    r"|\b[rs]k_(?:live|test)_\w{16,}|\bGOCSPX-[\w-]{16,}"
    r"|\bAIza[\w-]{20,}|\bya29\.[\w-]{16,}|\bA[KS]IA[A-Z0-9]{12,}|\beyJ[\w-]{10,300}\.[\w-]{10}"
    r"|(?i:\bbearer\s{1,9}[\w.~+/=-]{8,})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----",
)
"""The keys of the usual providers, such as `hf_abcdefghijkl`. Repetitions are bounded or end the match: one pass."""
KEY_NAME = re.compile(r"(?i)(?:^|[_-])(?:api[_-]?key|key|secret|password|passwd|token|authorization|sig|signature)$")
"""The names of settings whose value is a key, such as `api_key` or `X-Auth-Token`."""
_URL = re.compile(r"https?://[^\s'\"<>]+")  # https://me:pw@host.org/v1?api_key=1
_ROOTS = (
    "home|root|[Uu]sers|Volumes|mnt|media|scratch|lustre|gpfs|nfs|net|fsx|work|workspace|projects?|data|tmp|var|private|srv"
    "|opt|kaggle|content/drive"
)
_PLACE = re.compile(
    rf"(?<![\w/.~])(?:file://)?/(?:{_ROOTS})/[\w.@~+-]+"
    r"|(?<![\w\\])[A-Za-z]:(?:\\{1,2}[\w.]+\\{1,2}|/(?:Users|home)/)[\w.]|(?<![\w/])~/[\w.-]+"
)
r"""An absolute path in prose, JSON or YAML such as `/home/ann`, `C:\Users\a` or `~/rows`, and not the path of a URL."""
_SECRET_ENV = re.compile(r"(?i)(?:key|token|secret|password|passwd)$")  # HF_TOKEN, OPENAI_API_KEY
_ESCAPED = re.compile(r"\\[nrt]")  # in JSON, the `\n` of "a\n/home/ann"
_SHORTEST_SECRET = 12
"""Characters. Shorter values of such variables (`TOKEN=test`) would be found in texts by chance."""
_INVISIBLE = re.compile(
    # Controls (a tab and a line break apart), the soft hyphen, and marks that turn the direction of what follows.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u2028-\u202e"
    # Characters without width or ink: fillers of Hangul, vowels of Khmer, joiners, operators, byte order mark.
    "\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u206f\u3164\ufeff\uffa0"
    # Halves of surrogate pairs, private use, unassigned specials, what is no character.
    "\ud800-\uf8ff\ufff0-\ufffb\ufffe\uffff"
    # Format controls of hieroglyphs, shorthand and music; tags; planes of private use.
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Characters that a reader cannot see, such as the two in `7\u202e\u200b`."""


def hide_secrets(text: str) -> str:
    """A text for people, such as a command line, without keys and without passwords in URLs.

    Example:
        >>> hide_secrets("--teacher gpt-4o@https://me:pw@host.org/v1 --header 'Bearer abcdefghi'")
        "--teacher gpt-4o@https://host.org/v1 --header '…'"
    """
    return KEYS.sub("…", _URL.sub(lambda found: without_userinfo(found[0]), text))


def without_userinfo(url: str) -> str:
    """A URL without user name and password; "…" for a text that is no URL."""
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


def find_leaks(text: str) -> Iterator[str]:
    """Find secrets and local paths in a text that is to be published, and describe them in words that may be shown.

    Example:
        >>> list(find_leaks("see https://huggingface.co/home/x, /home/ann/rows.jsonl and hf_abcdefghijklmnop"))
        ['a key (hf_…)', 'a path of a machine (/home/ann)']
    """
    yield from find_secrets(text)
    yield from find_local_paths(text)


def find_secrets(text: str) -> Iterator[str]:
    """Find the secrets in a text: keys, and URLs with a key or a password in them.

    On its own for texts in which a path is no place: vocabularies, templates, metadata.
    """
    flat = _unescaped(text)
    for found in KEYS.finditer(flat):
        yield f"a key ({found[0][:3]}…)"
    if url_has_key(flat):
        yield "a URL with a key in it"
    if _url_has_password(flat):
        yield "a URL with a password in it"


def find_local_paths(text: str) -> Iterator[str]:
    """Find the absolute paths in a text that are places of one machine and not parts of a URL."""
    for found in _PLACE.finditer(_unescaped(text)):
        yield f"a path of a machine ({found[0]})"


def _unescaped(text: str) -> str:
    """JSON without its escapes: in JSON, a line break before a path is a backslash and a letter."""
    return _ESCAPED.sub(" ", text).replace("\\/", "/")


def known_secrets(environment: Mapping[str, str] | None = None) -> list[bytes]:
    """The keys of this machine, to search for in files before they are published; never to be shown.

    Those in environment variables whose names end in KEY, TOKEN, SECRET or PASSWORD, if they are long enough not to be
    found by chance.

    Args:
        environment: by default this process's.
    """
    found = os.environ if environment is None else environment
    values = {value.strip() for name, value in found.items() if _SECRET_ENV.search(name)}
    return [os.fsencode(value) for value in sorted(values) if len(value) >= _SHORTEST_SECRET]


def known_places() -> list[bytes]:
    """The home of the user and the current folder, except folders of no meaning (`/`, `/root`, `/tmp`)."""
    found = set()
    for place in (Path.home, Path.cwd):
        with suppress(RuntimeError, OSError):  # a user without a home, a folder that is gone
            found.add(str(place()))
    return [os.fsencode(place) for place in sorted(found) if place.count("/") > 1 or place.count("\\") > 1]


def escape_invisible(text: str) -> str:
    """The text with invisible characters replaced by their names; line breaks and tabs stay.

    Example:
        >>> escape_invisible("a\\x1b[31m\\u202eb")
        'a⟨U+001B⟩[31m⟨U+202E⟩b'
    """
    return _INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def escape_html(text: object) -> str:
    """A text escaped for an HTML element or a quoted attribute, with invisible characters replaced by their names.

    Example:
        >>> escape_html("<b>4 < 5</b>\\u202e")
        '&lt;b&gt;4 &lt; 5&lt;/b&gt;⟨U+202E⟩'
    """
    return html.escape(escape_invisible(str(text)))


def one_line(text: str, limit: int | None = None) -> str:
    """The text in one line for a terminal, with invisible characters named, and cut after `limit` characters.

    Example:
        >>> one_line("a\\nb\\x1b[31m and more", 8)
        'a ⏎ b⟨U+001B⟩[31m…'
    """
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]}…"
    return escape_invisible(text).replace("\n", " ⏎ ").replace("\t", " ")
