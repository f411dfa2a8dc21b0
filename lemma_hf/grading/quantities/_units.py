r"""Units of measure: one table of names, and expressions of them: `square feet`, `m/s`, `mol^{-1}`, `miles per hour`.

A unit is a text such as "h^-1 mi": each base unit with its exponent, in alphabetical order, so that two ways to write
one unit give the same text. Units are compared and never converted: 100 cm is not read as 1 m.
"""

import re

PERCENT = "%"
_METRIC = {
    "m": ("meter", "metre"),
    "g": ("gram", "gramme"),
    "s": ("second",),
    "l": ("liter", "litre"),
    "W": ("watt",),
    "J": ("joule",),
    "V": ("volt",),
    "A": ("ampere", "amp"),
    "N": ("newton",),
    "Pa": ("pascal",),
    "Hz": ("hertz",),
    "mol": ("mole",),
    "C": ("coulomb",),
    "K": ("kelvin",),
    "ohm": ("ohm",),
    "cal": ("calorie",),
    "eV": ("electronvolt",),
    "B": ("byte",),
}
_PREFIXES = {"k": "kilo", "c": "centi", "m": "milli", "d": "deci", "M": "mega", "G": "giga", "u": "micro", "n": "nano"}
_OTHERS = {
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yds yard yards",
    "mi": "mi mile miles",
    "s": "sec secs 秒",
    "min": "min mins minute minutes 分钟",
    "h": "h hr hrs hour hours 小时",
    "day": "day days 天",
    "week": "week weeks wk wks",
    "month": "month months",
    "year": "year years yr yrs 年",
    "l": "L",
    "ml": "mL cc",
    "t": "tonne tonnes ton tons",
    "ha": "ha hectare hectares",
    "acre": "acre acres",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "gal": "gal gallon gallons",
    "pint": "pint pints pt",
    "quart": "quart quarts qt qts",
    "cup": "cup cups",
    "dollar": "dollar dollars usd us$ bucks",
    "cent": "cent cents ¢",
    "euro": "euro euros eur",
    "sterling": "gbp sterling",
    "yen": "yen jpy 円 日元",
    "yuan": "yuan rmb cny 元 人民币",
    "rupee": "rupee rupees Rs inr",
    "ruble": "ruble rubles rub руб рублей",
    "won": "won krw 원",
    "franc": "chf franc francs",
    "degree": "degree degrees deg 度",
    "degree C": "°C ℃ celsius degC",
    "degree F": "°F ℉ fahrenheit degF",
    "rad": "rad rads radian radians",
    "sr": "sr",
    "atm": "atm atmosphere atmospheres",
    "bar": "bar bars",
    "bit": "bit bits",
    "rpm": "rpm",
    "dB": "dB decibel decibels",
    "unit": "unit units",
    "am": "am a.m. a.m",
    "pm": "pm p.m. p.m",
    PERCENT: "percent percentage pct %",
    "m": "米",
    "cm": "厘米",
    "mm": "毫米",
    "km": "千米 公里",
    "g": "克",
    "kg": "千克 公斤",
}  # fmt: skip
_WHOLE = {
    "mph": {"mi": 1, "h": -1},
    "kph": {"km": 1, "h": -1},
    "kmh": {"km": 1, "h": -1},
    "kmph": {"km": 1, "h": -1},
    "kwh": {"kW": 1, "h": 1},
    "mwh": {"MW": 1, "h": 1},
    "wh": {"W": 1, "h": 1},
    "平方米": {"m": 2},
    "平方厘米": {"cm": 2},
    "立方米": {"m": 3},
    "立方厘米": {"cm": 3},
}
"""Units that are written as one word and made of others."""
_CLEAR_SYMBOLS = "cm mm km dm kg ft in yd mi lb oz hr am pm ml mL Hz Pa eV Rs °C kW kJ kN wk cc qt qts pt %"
_CLEAR = frozenset(_CLEAR_SYMBOLS.split())
"""Symbols of up to two letters that are units wherever they stand; `mg`, `mV` or `J` may be letters of a formula."""
_POWERS = {"square": 2, "squared": 2, "sq": 2, "sq.": 2, "cubic": 3, "cubed": 3, "cu": 3, "cu.": 3, "²": 2, "³": 3}
_PER = frozenset(("per", "pro", "par", "por"))


def _table() -> dict[str, str]:
    """Every spelling of a unit with its short name; symbols keep their case, names are in lower case."""
    table = {}
    for symbol, names in _METRIC.items():
        table[symbol] = symbol
        table |= {name + plural: symbol for name in names for plural in ("", "s")}
        for short, long in _PREFIXES.items():
            if short in "cd" and symbol not in "mgl":
                continue
            table[short + symbol] = short + symbol
            table |= {long + name + plural: short + symbol for name in names for plural in ("", "s")}
    return table | {word: unit for unit, words in _OTHERS.items() for word in words.split()}


_UNIT_OF = _table()
_MONEY = "dollar cent euro sterling yen yuan rupee ruble won franc"
_CURRENCIES = frozenset(_MONEY.split())
_COMPATIBLE = {
    frozenset(("degree", "degree C")),
    frozenset(("degree", "degree F")),
    frozenset(("lb", "sterling")),
    frozenset(("yen", "¥")),
    frozenset(("yuan", "¥")),
}
"""Pairs of which one spelling may mean either: "pounds", "¥", and degrees without a scale."""
# "cm"  "a.m."  "°C"  "^{-1}"  "^2"  "/"  "m²"
_TOKEN = re.compile(
    r"\^\s*\{?\s*(-?\d)\s*\}?|([²³])|([^\W\d_][^\W\d_.]*\.?(?:[^\W\d_]\.)?|[°℃℉¢%][CF]?|us\$)|(/)|[\s·()-]|\\cdot"
)
_MAX_LABEL = 60
"""Characters of a unit. `kilograms per cubic centimeter` has 31."""


def unit_word(word: str) -> str | None:
    """The short name of a unit that is written as one word."""
    return _UNIT_OF.get(word) or _UNIT_OF.get(word.lower()) or _UNIT_OF.get(word.rstrip(".").lower())


def may_be_variables(text: str) -> bool:
    """Whether a unit is written in letters that a formula may multiply: `m s`, `mg`."""
    words = [word for word in re.findall(r"[A-Za-z]+", text) if word not in ("per", "sq", "cu")]  # "m"
    return all(len(word) <= 2 and word not in _CLEAR for word in words) and bool(words)


def read_unit(text: str) -> str | None:
    """The unit that the whole of a text writes, as base units with their exponents; None if it writes none.

    Example:
        >>> read_unit("miles per hour"), read_unit("m s^{-1}"), read_unit("square feet"), read_unit("pens")
        ('h^-1 mi', 'm s^-1', 'ft^2', None)
    """
    if not text or len(text) > _MAX_LABEL:
        return None
    reader, at = _Reader(), 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or not reader.take(*found.groups()):
            return None
        at = found.end()
    return _written(reader.exponents) if reader.last else None


class _Reader:
    """Reads a unit token by token; `sign` is -1 after `per`, `power` is 2 after `square`, `last` is the unit before."""

    def __init__(self) -> None:
        self.exponents: dict[str, int] = {}
        self.sign = self.power = 1
        self.last = ""

    def take(self, exponent: str | None, raised: str | None, word: str | None, slash: str | None) -> bool:
        """Read one token; False if it cannot stand there."""
        lowered = (word or "").strip().lower()
        if slash or lowered in _PER:
            self.sign = -1
        elif exponent or raised or (self.last and lowered in ("squared", "cubed")):
            if not self.last:
                return False
            self.exponents[self.last] *= int(exponent) if exponent else _POWERS[raised or lowered]
        elif lowered in _POWERS:
            self.power = _POWERS[lowered]
        elif word:
            return self.multiply(word)
        return True

    def multiply(self, word: str) -> bool:
        parts = _WHOLE.get(word.lower()) or ({unit: 1} if (unit := unit_word(word)) else {})
        for unit, exponent in parts.items():
            if unit.startswith("degree ") and "degree" in self.exponents:
                del self.exponents["degree"]  # "degrees Celsius" is one unit
            self.exponents[unit] = self.exponents.get(unit, 0) + exponent * self.sign * self.power
            self.last = unit
        self.power = 1
        return bool(parts)


def _written(exponents: dict[str, int]) -> str | None:
    parts = [unit if power == 1 else f"{unit}^{power}" for unit, power in sorted(exponents.items()) if power]
    return " ".join(parts) if parts != ["unit"] else None


def units_clash(one: str | None, other: str | None) -> bool:
    """Whether both units are known and differ; a unit may always be left out, and the "per what" of a price."""
    if one is None or other is None or one == other or frozenset((one, other)) in _COMPATIBLE:
        return False
    shorter, longer = sorted((one, other), key=len)
    return not (shorter in _CURRENCIES and shorter in longer.split() and "^-1" in longer)
