"""Rows of ours as chats, for a dataset in memory: what `lemma-hf export --to sft --chat` writes into a file."""

from collections.abc import Mapping
from typing import Any

from lemma_hf.data.export.forms import ExportForm, ExportOptions, sft_rows
from lemma_hf.data.export.writing import export_features
from lemma_hf.data.rows import REQUIRED_COLUMNS, row_to_trajectory
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style

_CHAT = ExportOptions(chat=True)
_CHANGED = ("prompt", "completion", "span_ends", "error_starts")
"""The columns that another form of prompt and answer changes."""


def as_chats(rows: Any) -> Any:
    """Put the question and the answer of each row into messages; the spans move with the text.

    Args:
        rows: a `datasets.Dataset` with the columns of `load_dataset("lemma")`, and perhaps others, which stay.

    Returns:
        The dataset with messages in `prompt` (the question alone, without the words of the rows' prompt style) and
        `completion`; rows whose prompts are messages already are returned as they are.

    Raises:
        DataError: if columns are missing, or a row's fields do not fit each other.

    Example:
        >>> from datasets import load_dataset
        >>> import lemma_hf
        >>> rows = load_dataset("lemma", split="train[:1]")
        >>> as_chats(rows)[0]["prompt"] == [{"role": "user", "content": rows[0]["problem"]}]
        True
    """
    kinds = rows.features
    if "prompt" in kinds and getattr(kinds["prompt"], "dtype", "") != "string":
        return rows
    missing = [name for name in ("problem", *REQUIRED_COLUMNS) if name not in kinds]
    if missing:
        raise DataError(
            f"rows are put into a chat by their question and their answer, and these have no `{missing[0]}`: give rows "
            'with the columns of load_dataset("lemma"), or rows of `messages`, which are chats already'
        )
    chats = export_features(ExportForm.SFT, _CHAT)
    changed = {name: chats[name] for name in _CHANGED}
    return rows.map(_messages, features=type(kinds)({**kinds, **changed}), desc="Putting rows into chats")


def _messages(row: Mapping[str, Any]) -> dict[str, Any]:
    (chat,) = sft_rows(row_to_trajectory(row), prompt_style(row["prompt_style"]), _CHAT)
    assert isinstance(chat, Mapping), "a row of ours is never dropped"
    return {name: chat[name] for name in _CHANGED}
