"""Provenance of a dataset: `settings.json`, the settings, prompts and packages that made the rows.

It holds no path of a machine, no address inside a network and no key; and neither time nor cost, so that a run that was
stopped and resumed writes the same bytes as one that was not.
"""

import ipaddress
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.utils.files import write_text
from lemma_hf.utils.redaction import KEY_NAME, KEYS, url_has_key, without_userinfo
from lemma_hf.utils.versions import installed_versions

_SETTINGS_FILE = "settings.json"
_PACKAGES = ("lemma-hf", "datasets", "huggingface-hub", "latex2sympy2_extended", "pyarrow", "transformers")
"""Packages that decide which rows are made, and their bytes."""
_LOCAL_ENDPOINT = "local endpoint"
"""In the place of an address that means nothing elsewhere, such as http://localhost:8000/v1."""

_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")  # such as OPENAI_API_KEY
_URL = re.compile(r"https?://[^\s'\"<>]+")  # such as https://api.openai.com/v1
# such as file:///data, ~/data, ~ann/data, /data, ./data, ../data, C:\data, \\server\data
_PATH = re.compile(r"(?:file://|~[\w.-]*/|/[^\s/]|\.\.?[/\\]|[A-Za-z]:[/\\]|\\\\)[^\n]*")


def travelling_settings(
    settings: Any, *, local: Collection[str] = (), files: Collection[str] = (), about: str = "setting"
) -> dict[str, Any]:
    """A recipe's settings as they may be published.

    Args:
        settings: a dataclass or a mapping.
        local: names of settings that are paths or addresses of this machine; they are left out.
        files: names of settings that are files or folders; only their last names are kept. Of other settings, a value
            that is an absolute path, or begins with `./`, `../` or `~`, is cut in the same way.
        about: what the settings belong to, for messages.

    Returns:
        Values that JSON can hold, in the order of `settings`.

    Raises:
        ConfigError: naming the setting, if its value looks like a key. The value is not repeated.

    Example:
        >>> travelling_settings(
        ...     {"output_dir": "/home/ann/out", "outputs": ["runs/a.jsonl"], "teacher": "gpt-4o@http://localhost:80/v1"},
        ...     local=["output_dir"],
        ...     files=["outputs"],
        ... )
        {'outputs': ['a.jsonl'], 'teacher': 'gpt-4o@local endpoint'}
    """
    found = _mapping(settings)
    kept = {name: _clean(value, name in files) for name, value in found.items() if name not in local}
    _refuse_keys(kept, about)
    return kept


def settings_text(
    settings: Mapping[str, Any], prompts: Mapping[str, str] | None = None, packages: Collection[str] = _PACKAGES
) -> str:
    """The text of `settings.json`.

    Args:
        settings: as `travelling_settings` returns them.
        prompts: the version of each prompt that was used, by its name.
        packages: packages whose versions are named, as far as they are installed.

    Raises:
        ConfigError: as `travelling_settings`.
    """
    content = {"settings": dict(settings), "prompts": dict(prompts or {}), "packages": package_versions(packages)}
    _refuse_keys(content, "settings.json:")
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_settings(folder: str | Path, text: str) -> Path:
    """Write `settings.json` into a dataset's folder.

    Raises:
        DataError: if it cannot be written.
    """
    path = Path(folder) / _SETTINGS_FILE
    try:
        write_text(path, text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None
    return path


def package_versions(packages: Collection[str] = _PACKAGES) -> dict[str, str]:
    """The versions of the installed ones among `packages`."""
    return installed_versions(packages)


def _mapping(settings: Any) -> dict[str, Any]:
    if is_dataclass(settings) and not isinstance(settings, type):
        return {item.name: getattr(settings, item.name) for item in fields(settings)}
    return {str(name): value for name, value in settings.items()}


def _clean(value: Any, is_file: bool) -> Any:
    """A value that JSON can hold, with paths and addresses cut."""
    if (is_dataclass(value) and not isinstance(value, type)) or isinstance(value, Mapping):
        return {name: _clean(item, is_file) for name, item in _mapping(value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_clean(item, is_file) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    if isinstance(value, Path):
        return _last_name(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean_text(str(value), is_file)


def _clean_text(text: str, is_file: bool) -> str:
    if "://" in text and not text.startswith("file://"):
        return _URL.sub(lambda found: _public_url(found[0]), text)
    return _last_name(text) if is_file or _PATH.fullmatch(text) else text


def _last_name(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def _public_url(url: str) -> str:
    """A URL without user name and password; in the place of an address inside a network, `_LOCAL_ENDPOINT`."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return _LOCAL_ENDPOINT
    return _LOCAL_ENDPOINT if _is_local(host) else without_userinfo(url)


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".localhost", ".home.arpa"))


def _refuse_keys(value: Any, about: str, place: str = "") -> None:
    """Refuse settings in which a name or a value looks like a key.

    Args:
        place: path of `value`, such as `extra_body.headers.0`.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            if KEYS.search(str(name)):
                raise _is_key(place or "a name", about)
            _refuse_keys(item, about, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _refuse_keys(item, about, f"{place}.{number}")
    elif isinstance(value, str) and value:
        _refuse_key(place, value, about)


def _refuse_key(place: str, value: str, about: str) -> None:
    name = place.rpartition(".")[2]
    if name.endswith("key_env"):
        if not _ENV_NAME.fullmatch(value):
            raise ConfigError(
                f"{about} `{place}`: need the name of an environment variable such as OPENAI_API_KEY, found something "
                "else, maybe the key itself; it is not shown, and nothing was written"
            )
    elif KEYS.search(value) or KEY_NAME.search(name) or url_has_key(value):
        raise _is_key(place, about)


def _is_key(place: str, about: str) -> ConfigError:
    return ConfigError(
        f"{about} `{place}` looks like a key or password, and settings are published with the data. Put it into "
        "an environment variable, and the name of that into `key_env`"
    )
