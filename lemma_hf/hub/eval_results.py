"""The Hub's files of scores, `.eval_results/*.yaml`: read and checked before any of them is sent.

The Hub commits a file that it cannot read, and then shows nothing of it.
"""

from math import isfinite
from typing import Any

from lemma_hf.errors import DataError


def read_eval_results(text: str, where: str) -> list[Any]:
    """Read the entries of a file (`huggingface_hub.EvalResultEntry`).

    Args:
        where: the file, for messages.

    Raises:
        DataError: if it has another form, no entries, a dataset that cannot be one, or a value that is no percentage.

    Example:
        >>> (entry,) = read_eval_results("- dataset: {id: openai/gsm8k, task_id: main}\\n  value: 79.2\\n", "a.yaml")
        >>> entry.dataset_id, entry.value
        ('openai/gsm8k', 79.2)
    """
    import yaml
    from huggingface_hub import parse_eval_result_entries
    from huggingface_hub.utils import validate_repo_id

    try:
        found = yaml.safe_load(text)
        if not isinstance(found, list) or any("error" in entry for entry in found):
            raise ValueError("need a list of entries")
        entries = parse_eval_result_entries(found)
        for entry in entries:
            validate_repo_id(entry.dataset_id)
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"{where}: is not in the Hub's format of results ({repr(error)[:200]}); score again") from None
    if not entries:
        raise DataError(f"{where}: holds nothing; score again")
    if not all(_is_percentage(entry.value) and isinstance(entry.task_id, str) for entry in entries):
        raise DataError(f"{where}: holds a value that is no percentage, or a task that is no text; score again")
    return entries


def _is_percentage(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= 100
