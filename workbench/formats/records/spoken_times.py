"""Durations and numbers as people write them: `1:05`, `95s`, `1 min 20 s`, `PT95S`, `12,5`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_UNIT = r"(ms|millis\w*|msec\w*|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)"
_PART = re.compile(rf"(\d+(?:[.,]\d+)?)\s*{_UNIT}(?![a-z])", re.I)
_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d+))?$")
_ISO = re.compile(r"^P(?:(\d+)D)?T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?$", re.I)
_COMMA = re.compile(r"^[+-]?\d+(?:,\d+)?$")


def spoken_seconds(text: str) -> float | None:
    """Seconds of a duration written with a unit or as a clock shows it; None where it is neither.

    >>> [spoken_seconds(t) for t in ("1:05", "00:01:05", "95s", "1 min 20 s", "PT1M5S", "12 parsecs")]
    [65.0, 65.0, 95.0, 80.0, 65.0, None]
    >>> spoken_seconds("Time spent: 0d 0h 2m 12s ")
    132.0
    """
    text = text.strip()
    if clock := _CLOCK.match(text):
        hours, minutes, seconds, fraction = clock.groups()
        return 3_600.0 * int(hours or 0) + 60.0 * int(minutes) + float(f"{seconds}.{fraction or 0}")
    if (iso := _ISO.match(text)) and any(iso.groups()):
        return sum(float(n or 0) * unit for n, unit in zip(iso.groups(), (86_400.0, 3_600.0, 60.0, 1.0), strict=True))
    parts = _PART.findall(text)
    rest = _PART.sub("", text)
    if not parts or re.search(r"\d", rest) or len(re.findall(r"[a-z]+", rest, re.I)) > 3:
        return None
    return sum(float(number.replace(",", ".")) * _UNITS[_short(unit)] for number, unit in parts)


def _short(unit: str) -> str:
    unit = unit.casefold()
    return "ms" if unit.startswith(("ms", "mil")) else unit[0]


def has_decimal_commas(values: Iterable[object]) -> bool:
    """Whether these are numbers with a decimal comma: each a number with at most one, as many as not with one, and none
    that could be thousands only.

    >>> has_decimal_commas(["3,5", "4,0", "3"]), has_decimal_commas(["1,200", "3,400"]), has_decimal_commas(["3", "4"])
    (True, False, False)
    """
    texts = [str(v).strip() for v in values]
    commas = [t for t in texts if "," in t]
    if not commas or not all(_COMMA.match(t) for t in texts) or 2 * len(commas) < len(texts):
        return False
    return any(len(t.rpartition(",")[2]) != 3 for t in commas)


def with_points(text: object) -> object:
    """A number with a decimal comma as one with a point."""
    return text.strip().replace(",", ".") if isinstance(text, str) else text
