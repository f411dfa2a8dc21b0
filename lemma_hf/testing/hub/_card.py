"""Validation of a card's head by as many of the Hub's rules as are known; with errors nothing is committed."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

_LARGEST_HEAD = 2**20  # bytes: many times the longest head, and a bound on the work for a hostile one
_LONGEST_LINE = 60  # characters of a Space's short description
# "---\nlicense: mit\n---\n# A model\n" → "license: mit\n"
_HEAD = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_LICENSES = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0
cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0
cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0
cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl
gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr
mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr
deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4
grok2-community gemma unknown other
"""
_LANGUAGE = re.compile("[a-z]{2,3}|code|multilingual")  # en, deu
# gpt2, openai/gsm8k: each part has 1 to 96 characters, and none of `-` and `.` at its ends
_REPO_ID = re.compile(r"(?:[A-Za-z0-9_](?:[\w.-]{0,94}\w)?/)?[A-Za-z0-9_](?:[\w.-]{0,94}\w)?", re.ASCII)
_COLORS = ("blue", "gray", "green", "indigo", "pink", "purple", "red", "yellow")
_SDKS = ("docker", "gradio", "static", "streamlit")
_TEXTS = ("pretty_name", "library_name", "pipeline_tag", "thumbnail", "license_name", "title", "app_file")
_LISTS = """
tags metrics datasets language base_model task_categories task_ids size_categories annotations_creators
language_creators source_datasets multilinguality
"""


def problems(text: str, kind: str) -> tuple[list[str], list[str]]:
    """The errors and the warnings of a card.

    Args:
        text: the whole card, which is hostile input.
        kind: `model`, `dataset` or `space`.

    Example:
        >>> problems("---\\nlicense: mine\\n---\\n# A model\\n", "model")[0]
        ['"license" must be one of the known licenses, or "other" with a "license_name": "mine" is not']
        >>> problems("# A model\\n", "model")[1]
        ['empty or missing yaml metadata in repo card']
    """
    try:
        head = read_head(text)
    except ValueError as error:
        return [str(error)], []
    if not head:
        return [], ["empty or missing yaml metadata in repo card"]
    errors = [*_of_names(head), *_of_license(head), *_of_configs(head), *_of_results(head)]
    return errors + (list(_of_space(head)) if kind == "space" else []), []


def read_head(text: str) -> dict[str, Any]:
    """The YAML above a card; empty if there is none.

    Raises:
        ValueError: if it is no YAML, no mapping, has a key twice, or is larger than 1 MiB.
    """
    found = _HEAD.match(text)
    if found is None:
        return {}
    if len(found[1]) > _LARGEST_HEAD:
        raise ValueError("Invalid YAML: it is too large")
    try:
        head = yaml.load(found[1], Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"Invalid YAML: {' '.join(str(error).split())[:300]}") from None
    if head is not None and not isinstance(head, dict):
        raise ValueError("Invalid YAML: need keys and values")
    return head or {}


class _Loader(yaml.SafeLoader):
    """A YAML loader that refuses repeated keys, as YAML demands and PyYAML does not check, and aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases, by which a few lines become more than fits into memory."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Read a mapping, and refuse one with a repeated key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := {str(key) for key in keys if keys.count(key) > 1}:
            raise yaml.YAMLError(f"duplicated mapping key: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)


def _of_names(head: dict[str, Any]) -> Iterator[str]:
    for name in _TEXTS:
        if name in head and not isinstance(head[name], str):
            yield f'"{name}" must be a string'
    for name in _LISTS.split():
        if name in head and not _is_texts(head[name], alone=name != "tags"):
            yield f'"{name}" must be {"an array of strings" if name == "tags" else "a string or an array of strings"}'
    for one in _texts(head, "language"):
        if not _LANGUAGE.fullmatch(one):
            yield (
                f'"language" must be ISO 639-1, 639-2 or 639-3 codes in lower case, or a special value like "code" or '
                f'"multilingual": "{one[:60]}" is not'
            )
    for name, place in (("base_model", "models"), ("datasets", "datasets")):
        for one in _texts(head, name):
            if not is_repo_id(one):
                yield f'"{name}" with value "{one[:60]}" is not valid. Use an id from https://hf.co/{place}'


def is_repo_id(value: object) -> bool:
    """Whether a value can be the id of a repository: NAME or OWNER/NAME.

    Example:
        >>> [is_repo_id(value) for value in ("gpt2", "openai/gsm8k", "not a name", "../base", "a/b/c", 3)]
        [True, True, False, False, False, False]
    """
    return isinstance(value, str) and bool(_REPO_ID.fullmatch(value)) and "--" not in value and ".." not in value


def _texts(head: dict[str, Any], name: str) -> list[str]:
    given = head.get(name, [])
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)]


def _of_license(head: dict[str, Any]) -> Iterator[str]:
    given = head.get("license", [])
    for one in given if isinstance(given, list) else [given]:
        if not isinstance(one, str):
            yield '"license" must be a string or an array of strings'
        elif one not in _LICENSES.split():
            yield (
                f'"license" must be one of the known licenses, or "other" with a "license_name": "{one[:60]}" is not'
            )


def _of_configs(head: dict[str, Any]) -> Iterator[str]:
    configs = head.get("configs", [])
    if not isinstance(configs, list) or not all(isinstance(one, dict) for one in configs):
        yield '"configs" must be an array of objects'
        return
    names = [one.get("config_name") for one in configs]
    if not all(isinstance(name, str) for name in names):
        yield '"configs[].config_name" must be a string'
    elif len(set(names)) < len(names):
        yield '"configs[].config_name" must be unique'


def _of_results(head: dict[str, Any]) -> Iterator[str]:
    models = head.get("model-index", [])
    if not isinstance(models, list) or not all(isinstance(one, dict) for one in models):
        yield '"model-index" must be an array of objects'
        return
    for at, model in enumerate(models):
        where = f"model-index[{at}]"
        if not isinstance(model.get("name"), str):
            yield f'"{where}.name" is required'
        results = model.get("results")
        if not isinstance(results, list):
            yield f'"{where}.results" must be an array'
            continue
        for number, result in enumerate(results):
            yield from _of_result(f"{where}.results[{number}]", result)


def _of_result(where: str, result: Any) -> Iterator[str]:
    if not isinstance(result, dict):
        yield f'"{where}" must be an object'
        return
    for part, names in (("task", ("type",)), ("dataset", ("type", "name"))):
        given = result.get(part)
        for name in names:
            if not isinstance(given, dict) or not isinstance(given.get(name), str):
                yield f'"{where}.{part}.{name}" is required'
    metrics = result.get("metrics")
    if not isinstance(metrics, list) or not metrics:
        yield f'"{where}.metrics" must be an array with at least one item'
        return
    for metric in metrics:
        if not isinstance(metric, dict) or not isinstance(metric.get("type"), str) or metric.get("value") is None:
            yield f'"{where}.metrics[]" needs "type" and "value"'


def _of_space(head: dict[str, Any]) -> Iterator[str]:
    if head.get("sdk") not in _SDKS:
        yield f'"sdk" must be one of [{", ".join(_SDKS)}]'
    for name in ("colorFrom", "colorTo"):
        if name in head and head[name] not in _COLORS:
            yield f'"{name}" must be one of [{", ".join(_COLORS)}]'
    if "sdk_version" in head and not isinstance(head["sdk_version"], str | int | float):
        yield '"sdk_version" must be a string'
    if "emoji" in head and (not isinstance(head["emoji"], str) or head["emoji"].isascii()):
        yield '"emoji" must be an emoji'
    if len(str(head.get("short_description", ""))) > _LONGEST_LINE:
        yield f'"short_description" length must be less than or equal to {_LONGEST_LINE} characters long'
    if not isinstance(head.get("pinned", False), bool):
        yield '"pinned" must be a boolean'


def _is_texts(value: Any, *, alone: bool) -> bool:
    if isinstance(value, str):
        return alone
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
