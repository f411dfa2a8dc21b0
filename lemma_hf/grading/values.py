"""Values that are given to the grader in place of a text: numbers, None, and lists of one."""

from decimal import Decimal
from numbers import Real

from lemma_hf.errors import ConfigError

Value = str | Real | Decimal | None
"""What an output or a reference may be; a list or an array of one of them is read as that one."""


def text_of(value: object, what: str) -> str:
    """The text of a value: numbers as Python writes them, None as nothing.

    Args:
        what: the word for it in an error, such as `reference`.

    Raises:
        ConfigError: if it is neither text nor a number nor None.

    Example:
        >>> text_of(5, "reference"), text_of(["16"], "reference"), text_of(None, "output")
        ('5', '16', '')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Real | Decimal):
        return str(value)
    if hasattr(value, "tolist"):  # an array, or a number of a library whose numbers are none of Python's
        return text_of(value.tolist(), what)
    if isinstance(value, list | tuple) and len(value) == 1:
        return text_of(value[0], what)
    raise ConfigError(f"need a text, a number or None as {what}, but got {type(value).__name__}: {value!r:.80}")
