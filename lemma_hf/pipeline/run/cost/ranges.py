"""Figures of an estimate: each is a range, and most ranges are 95 % intervals."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lemma_hf.utils.intervals import Share


@dataclass(frozen=True, slots=True)
class Range:
    """A figure from `low` to `high`, neither below zero.

    Example:
        >>> Range(2, 3) * Range(10, 20) + Range(1, 1)
        Range(low=21, high=61)
    """

    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __mul__(self, other: "Range | float") -> "Range":
        by = other if isinstance(other, Range) else Range(other, other)
        return Range(self.low * by.low, self.high * by.high)


NONE = Range(0, 0)


def total(ranges: Iterable[Range]) -> Range:
    """The sum."""
    return sum(ranges, Range(0, 0))


def mean_of(values: Sequence[float], everything: bool) -> Range:
    """The mean of all items from that of a sample, at 95 %: 1.96 standard errors around it."""
    mean = statistics.fmean(values)
    error = 0.0 if everything or len(values) < 2 else 1.96 * statistics.stdev(values) / math.sqrt(len(values))
    return Range(max(0.0, mean - error), mean + error)


def share_of(count: int, of: int, everything: bool = False) -> Range:
    """The share in all, from a sample: its interval at 95 %; where everything was looked at, the share itself."""
    share = Share(count, of)
    return Range(share.value, share.value) if everything and of else Range(*share.interval)


def percent(share: Range) -> str:
    """A share in words, such as 20–80 %."""
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"


def amount(items: Range) -> str:
    """A number of items in words, such as 1,200–1,900."""
    return "–".join(dict.fromkeys(f"{end:,.0f}" for end in (items.low, items.high)))
