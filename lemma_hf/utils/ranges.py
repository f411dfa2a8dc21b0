"""Numbers that a user sets, each within its range."""

from collections.abc import Collection, Mapping
from math import inf, isfinite

from lemma_hf.errors import ConfigError

Range = tuple[float, float]
"""The least and the greatest value of a setting."""

FROM_ONE: Range = (1, inf)
FROM_ZERO: Range = (0, inf)
SHARE: Range = (0, 1)


def refuse_out_of_range(settings: object, ranges: Mapping[str, Range], less_than_one: Collection[str] = ()) -> None:
    """Refuse a number that is out of its range, or none.

    Args:
        settings: anything with numbers as attributes; those that it does not have are not looked at.
        ranges: by the names of the attributes.
        less_than_one: those whose greatest value, 1, is itself too much.

    Raises:
        ConfigError: naming the first such setting, with what it needs and what was found.

    Example:
        >>> from types import SimpleNamespace
        >>> refuse_out_of_range(SimpleNamespace(top_p=0.9), {"top_p": SHARE, "samples": FROM_ONE})
    """
    for name, (least, most) in ranges.items():
        value = getattr(settings, name, None)
        if value is None:
            continue
        if not isfinite(value) or not least <= value <= most or (value == 1 and name in less_than_one):
            ends = "less than 1" if name in less_than_one else f"{most:g} at most"
            raise ConfigError(f"`{name}`: need {least:g} or more{'' if most == inf else f' and {ends}'}, found {value}")
