"""Old names of the training script's settings: what was `dataset` is `dataset_name` in TRL, and so here."""

from collections.abc import Mapping
from typing import TypeVar

RENAMED: Mapping[str, str] = {
    "dataset": "dataset_name",
    "train_split": "dataset_train_split",
    "eval_split": "dataset_test_split",
    "model": "model_name_or_path",
}
"""Names of earlier versions of the script, and TRL's for the same settings."""

Value = TypeVar("Value")


def with_new_names(settings: Mapping[str, Value]) -> dict[str, Value]:
    """The settings under their new names, so that those of a run begun under the old ones can be compared.

    Example:
        >>> with_new_names({"model": "a-model", "learning_rate": "1e-05"})
        {'model_name_or_path': 'a-model', 'learning_rate': '1e-05'}
    """
    return {RENAMED.get(name, name): value for name, value in settings.items()}
