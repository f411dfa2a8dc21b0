"""Merge of the YAML front matter of two cards, key by key: facts are renewed, a person's choices are kept.

Blocks of keys that do not change are left as they were written, with their comments.
"""

import re
from collections.abc import Mapping
from typing import Any

from yaml import YAMLError

from lemma_hf.errors import DataError

# "---\nlicense: mit\n---\n# Title"
_HEAD = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^(?=[^\s#\-\[\]{}][^:\n]*:)", re.MULTILINE)  # "license: mit"
_MOST = 2**18
"""Characters (256 Ki): no person or library writes longer front matter, and YAML is slow to parse."""
_DEEPEST = 30
"""Levels of nesting: `model-index`, the deepest key of the Hub, has about 8; deeper YAML is slow to read."""
_WIDTH = 120
"""Columns after which YAML wraps: long descriptions stay readable in the diff of a dry run."""
_UNREADABLE = (YAMLError, ValueError, AttributeError, TypeError, OverflowError)
"""What PyYAML raises for what it cannot read: for dates and numbers that are none, errors that are not its own."""


def split_head(card: str) -> tuple[str, str]:
    """Split a card into the YAML between its first two `---` and the text after it; no front matter: an empty text.

    Example:
        >>> split_head("---\\nlicense: mit\\n---\\n# Title\\n")
        ('license: mit\\n', '# Title\\n')
    """
    found = _HEAD.match(card)
    return (found[1], card[found.end() :]) if found else ("", card)


def read_head(head: str, whose: str) -> dict[str, Any]:
    """Parse front matter into a mapping.

    Args:
        whose: the card's name in messages, such as "the card on the Hub".

    Raises:
        DataError: if it is no YAML, no mapping, or far too long.
    """
    import yaml

    if len(head) > _MOST:
        raise DataError(f"{whose}: its front matter has {len(head):,} characters, at most {_MOST:,} are read")
    try:
        _refuse_bombs(head, whose)
        found = yaml.safe_load(head)
    except DataError:
        raise
    except _UNREADABLE as error:
        where = str(error).replace("\n", " ")
        raise DataError(f"{whose}: its front matter is no YAML ({where}); correct it first") from None
    if found is not None and not isinstance(found, dict):
        raise DataError(
            f"{whose}: its front matter is a {type(found).__name__}, need keys and values; correct it first"
        )
    return {str(key): value for key, value in (found or {}).items()}


def _refuse_bombs(head: str, whose: str) -> None:
    """Refuse aliases, by which a few lines stand for gigabytes, and deep nesting, which is slow to parse."""
    import yaml

    depth = 0
    for event in yaml.parse(head, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise DataError(f"{whose}: its front matter uses YAML aliases (`*name`): write them out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise DataError(f"{whose}: its front matter is nested more than {_DEEPEST} levels deep; correct it first")


def write_head(values: Mapping[str, Any], before: str = "") -> str:
    """Write the values as YAML; blocks of `before` whose values are the same are copied unchanged."""
    import yaml

    blocks = _blocks(before)
    parts = []
    for key, value in values.items():
        block = blocks.get(key)
        if block is None or _value(block) != value:
            block = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=_WIDTH)
        parts.append(block if block.endswith("\n") else f"{block}\n")
    text = "".join([blocks.get("", ""), *parts])
    if _parsed(text) != dict(values):  # blocks were cut wrongly: rather lose a comment than a value
        return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def join_value(key: str, ours: Any, theirs: Any, *, is_new: bool = True) -> tuple[Any, bool]:
    """Join the values of a key that both cards have and that a person changed.

    Args:
        is_new: whether our value differs from the one we wrote last; if not, what a person removed stays removed.

    Returns:
        The value, and whether a part of ours was left out of it.
    """
    if key == "dataset_info":  # loading fails where it is wrong
        return _join_named(theirs, ours), False
    if key == "model-index":
        return _join_results(ours, theirs), False
    if key == "configs":
        joined = _join_named(ours, theirs) if is_new else theirs
    elif key in _COLLECTED:
        joined = _union(theirs, ours) if is_new else theirs
    else:
        joined = theirs
    return joined, any(item not in _list(joined) for item in _list(ours))


_COLLECTED = {"tags", "datasets", "language", "metrics", "task_categories", "task_ids"}
"""Keys whose values are sets of names: the names of both cards are kept."""


def _join_named(first: Any, then: Any) -> list[Any]:
    """Join the entries of both by `config_name`; where both have one, the one of `then` is taken."""
    entries = {str(item.get("config_name", "default")): item for item in (*_entries(first), *_entries(then))}
    return list(entries.values())


def _entries(value: Any) -> list[dict[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _join_results(ours: Any, theirs: Any) -> Any:
    """Join the results of both cards; where both have one of the same dataset, split and metric, ours is taken."""
    from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results

    try:
        name, mine = model_index_to_eval_results(ours)
        _, other = model_index_to_eval_results(theirs)
    except (KeyError, TypeError, AttributeError, ValueError):
        return ours  # theirs is no valid model-index
    kept = [result for result in other if not any(result.is_equal_except_value(each) for each in mine)]
    return eval_results_to_model_index(name, [*kept, *mine])


def _union(first: Any, then: Any) -> list[Any]:
    found: list[Any] = []
    for value in (first, then):
        found += [item for item in _list(value) if item not in found]
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _blocks(head: str) -> dict[str, str]:
    """Map each top-level key to its text; the text before the first key is under ""."""
    starts = [found.start() for found in _KEY.finditer(head)]
    pieces = [head[start:end] for start, end in zip([0, *starts], [*starts, len(head)], strict=True)]
    blocks = {"": pieces[0]}
    for piece in pieces[1:]:
        found = _parsed(piece)
        if isinstance(found, dict) and len(found) == 1:
            blocks[str(next(iter(found)))] = piece
    return blocks


def _value(block: str) -> Any:
    return next(iter(_parsed(block).values()))


def _parsed(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except _UNREADABLE:
        return None
