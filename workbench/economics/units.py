"""Quantities that carry their unit: dollars per item never meet dollars per thousand items unnoticed.

A unit is a size and the powers of a few dimensions (dollars, time, items, labels, tokens, people). Products and
quotients work their unit out; sums, differences and comparisons ask for the very same unit and name both where they
differ. Values may be floats or arrays of any one shape, so that a whole curve costs as much as a point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

Value: TypeAlias = "float | np.ndarray"
_DIMENSIONS = ("$", "s", "item", "label", "token", "judgement", "person")


class UnitError(TypeError):
    """Two quantities met whose units do not fit; the message names both."""


@dataclass(frozen=True)
class Unit:
    """A unit of measurement.

    Attributes
    ----------
    name : as it is written, such as `$ per item`.
    size : how many of the base units it is (dollars, seconds, items, ...).
    powers : of each dimension, in the order dollars, time, items, labels, tokens, judgements, people.

    >>> (DOLLARS_PER_HOUR * SECONDS_PER_LABEL).same_kind(DOLLARS_PER_LABEL)
    True
    """

    name: str
    size: float
    powers: tuple[int, ...]

    def __mul__(self, other: Unit) -> Unit:
        return _times(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _times(self, other, -1)

    def same_kind(self, other: Unit) -> bool:
        """Whether one can be converted to the other."""
        return self.powers == other.powers

    def same(self, other: Unit) -> bool:
        """Whether a value means the same in both."""
        return self.powers == other.powers and self.size == other.size


def _unit(name: str, size: float = 1.0, **powers: int) -> Unit:
    named = {"dollar": "$", "time": "s"}
    by = {named.get(key, key): power for key, power in powers.items()}
    return Unit(name, size, tuple(by.get(d, 0) for d in _DIMENSIONS))


_HOUR, _WEEK = 3600.0, 7 * 24 * 3600.0

NUMBER = _unit("number")
SHARE = _unit("share")
PERCENT = _unit("%", 1e-2)
DOLLARS = _unit("$", dollar=1)
DOLLARS_PER_ITEM = _unit("$ per item", dollar=1, item=-1)
DOLLARS_PER_THOUSAND = _unit("$ per 1,000 items", 1e-3, dollar=1, item=-1)
DOLLARS_PER_LABEL = _unit("$ per label", dollar=1, label=-1)
DOLLARS_PER_THOUSAND_LABELS = _unit("$ per 1,000 labels", 1e-3, dollar=1, label=-1)
DOLLARS_PER_JUDGEMENT = _unit("$ per AI judgement", dollar=1, judgement=-1)
DOLLARS_PER_THOUSAND_JUDGEMENTS = _unit("$ per 1,000 AI judgements", 1e-3, dollar=1, judgement=-1)
DOLLARS_PER_HOUR = _unit("$ per hour", 1 / _HOUR, dollar=1, time=-1)
DOLLARS_PER_MILLION_TOKENS = _unit("$ per 1,000,000 tokens", 1e-6, dollar=1, token=-1)
SECONDS = _unit("seconds", time=1)
SECONDS_PER_LABEL = _unit("seconds per label", time=1, label=-1)
HOURS = _unit("hours", _HOUR, time=1)
WEEKS = _unit("weeks", _WEEK, time=1)
HOURS_PER_WEEK = _unit("hours per person and week", _HOUR / _WEEK, person=-1)
ITEMS = _unit("items", item=1)
LABELS = _unit("labels", label=1)
LABELS_PER_ITEM = _unit("labels per item", label=1, item=-1)
JUDGEMENTS_PER_ITEM = _unit("AI judgements per item", judgement=1, item=-1)
TOKENS_PER_JUDGEMENT = _unit("tokens per AI judgement", token=1, judgement=-1)
PEOPLE = _unit("people", person=1)

_BY_NAME = {unit.name: unit for unit in list(globals().values()) if isinstance(unit, Unit)}
UNITS: dict[str, Unit] = {
    **_BY_NAME,
    "dollars": DOLLARS,
    "$/item": DOLLARS_PER_ITEM,
    "$/label": DOLLARS_PER_LABEL,
    "$/hour": DOLLARS_PER_HOUR,
}
"""Units by the name a scenario file may write."""


def fitting(unit: Unit) -> dict[str, Unit]:
    """Units a value counted in this one may be given in, by name. A share is no other number: 3 judges are not 300%.

    >>> list(fitting(SHARE)), list(fitting(DOLLARS_PER_LABEL))
    (['share', '%'], ['$ per label', '$ per 1,000 labels', '$/label'])
    """
    shares = (SHARE, PERCENT)
    return {
        name: other for name, other in UNITS.items() if other.same_kind(unit) and (other in shares) == (unit in shares)
    }


@lru_cache(maxsize=1024)
def _times(one: Unit, other: Unit, sign: int) -> Unit:
    powers = tuple(a + sign * b for a, b in zip(one.powers, other.powers, strict=True))
    size = one.size * other.size**sign
    for unit in _BY_NAME.values():
        if unit.powers == powers and unit.size == size:
            return unit
    over = " ".join(f"{d}^{p}" if p != 1 else d for d, p in zip(_DIMENSIONS, powers, strict=True) if p)
    return Unit(f"{size:g} {over or 'number'}", size, powers)


@dataclass(frozen=True, eq=False)
class Quantity:
    """A value with its unit.

    >>> wage = Quantity(21.0, DOLLARS_PER_HOUR)
    >>> str((wage * Quantity(36.8, SECONDS_PER_LABEL)).to(DOLLARS_PER_LABEL))
    '0.214667 $ per label'
    >>> Quantity(1.5, DOLLARS_PER_ITEM) + Quantity(50.0, DOLLARS_PER_THOUSAND)
    Traceback (most recent call last):
    ...
    workbench.economics.units.UnitError: $ per item cannot be added to $ per 1,000 items: convert one with .to() first
    """

    value: Value
    unit: Unit

    def to(self, unit: Unit) -> Quantity:
        """The same amount in another unit of its kind."""
        if not self.unit.same_kind(unit):
            raise UnitError(f"{self.unit.name} cannot be turned into {unit.name}: they measure different things")
        return Quantity(self.value * (self.unit.size / unit.size), unit)

    def plain(self, unit: Unit) -> Value:
        """The bare value in this unit."""
        return self.to(unit).value

    def __add__(self, other: Quantity | float) -> Quantity:
        return Quantity(self.value + self._alike(other, "added to"), self.unit)

    def __sub__(self, other: Quantity | float) -> Quantity:
        return Quantity(self.value - self._alike(other, "taken from"), self.unit)

    def __rsub__(self, other: float) -> Quantity:
        return Quantity(self._alike(other, "taken from") - self.value, self.unit)

    def __mul__(self, other: Quantity | Value) -> Quantity:
        o = _quantity(other)
        return Quantity(self.value * o.value, self.unit * o.unit)

    def __truediv__(self, other: Quantity | Value) -> Quantity:
        o = _quantity(other)
        return Quantity(self.value / o.value, self.unit / o.unit)

    __radd__, __rmul__ = __add__, __mul__
    # A product with an array must come here first, instead of being taken apart by numpy.
    __array_ufunc__ = None

    def __lt__(self, other: Quantity | float) -> Value:
        return self.value < self._alike(other, "compared with")

    def __gt__(self, other: Quantity | float) -> Value:
        return self.value > self._alike(other, "compared with")

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit.name}" if np.ndim(self.value) == 0 else f"{self.value} {self.unit.name}"

    def _alike(self, other: Quantity | Value, verb: str) -> Value:
        o = _quantity(other)
        if not self.unit.same(o.unit):
            hint = "convert one with .to() first" if self.unit.same_kind(o.unit) else "they measure different things"
            raise UnitError(f"{self.unit.name} cannot be {verb} {o.unit.name}: {hint}")
        return o.value


def larger(one: Quantity, other: Quantity) -> Quantity:
    """The larger of two quantities of one unit, element by element.

    >>> str(larger(Quantity(2.0, WEEKS), Quantity(3.0, WEEKS)))
    '3 weeks'
    """
    pick: Callable[[Value, Value], Value] = np.maximum
    return Quantity(pick(one.value, one._alike(other, "compared with")), one.unit)


def _quantity(value: Quantity | Value) -> Quantity:
    return value if isinstance(value, Quantity) else Quantity(value, NUMBER)
