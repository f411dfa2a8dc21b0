"""Values that are given to the grader in place of a text: numbers, None, and lists of one."""

from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from numbers import Real
from typing import TypeVar

from lemma_hf.errors import ConfigError

Value = str | Real | Decimal | None
"""What an output or a reference may be; a list or an array of one of them is read as that one."""


T = TypeVar("T")


def list_of(values: Iterable[T], what: str) -> list[T]:
    """A list of what stands in a list, an array, a column or an iterator, in their order.

    A single text is refused, for Python would take it for the list of its characters.

    Args:
        what: the word for the values in an error, such as `outputs`.

    Raises:
        ConfigError: if it is one value, a mapping, or a set, which has no order.

    Example:
        >>> list_of(("16", "17"), "outputs")
        ['16', '17']
    """
    if isinstance(values, str | bytes):
        raise ConfigError(f"need a list of {what}, but got one text: {values!r:.80}; write [{values!r:.20}] for one")
    if not isinstance(values, Mapping | Set):
        try:
            return list(values)
        except TypeError:  # a number, None, an array of no dimension
            pass
    raise ConfigError(f"need a list of {what}, but got {type(values).__name__}: {values!r:.80}")


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
