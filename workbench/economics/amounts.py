"""Amounts as people write them: money, times, shares, and the values of inputs and figures."""

from __future__ import annotations

from workbench.economics.units import SHARE, Unit

MONEY = ("total", "cost_per_item", "cost_per_effective")
"""Figures counted in dollars."""
_ONE = {
    "items": "item",
    "labels": "label",
    "tokens": "token",
    "seconds": "second",
    "hours": "hour",
    "weeks": "week",
    "people": "person",
}


def dollars(value: float) -> str:
    """An amount with as many digits as it needs: whole dollars from a thousand on, cents below.

    >>> [dollars(x) for x in (0, 0.000384, 0.0064, 0.488, 7.8824, 1234.56, 15_000, 2_500_000, 0.3)]
    ['$0', '$0.000384', '$0.0064', '$0.488', '$7.88', '$1,235', '$15,000', '$2,500,000', '$0.30']
    """
    size = abs(value)
    sign = "−" if value < 0 else ""
    if size == 0:
        return "$0"
    if round(size, 2) >= 1_000:
        return f"{sign}${size:,.0f}"
    if size >= 1:
        return f"{sign}${size:,.2f}"
    if size < 1e-9:
        return f"{sign}${size:.1e}"
    whole, _, cents = f"{float(f'{size:.3g}'):.12f}".rstrip("0").partition(".")
    return f"{sign}${whole}.{cents:0<2}"


def spans(weeks: float) -> str:
    """A time in the unit people would use; a working day is a fifth of a week.

    >>> [spans(w) for w in (0.05, 0.5, 1, 3.26, 61)]
    ['a quarter of a working day', '2.5 working days', '1 week', '3.3 weeks', '61 weeks']
    """
    days = 5 * weeks
    if days <= 0.3:
        return "a quarter of a working day"
    if weeks < 1:
        return f"{days:.1f} working days"
    if round(weeks, 1) == 1:
        return "1 week"
    return f"{float(f'{weeks:.1f}'):g} weeks" if weeks < 10 else f"{weeks:,.0f} weeks"


def amount(number: float, unit: Unit) -> str:
    """A value of an input as people write it.

    >>> from workbench.economics.units import DOLLARS_PER_LABEL, LABELS_PER_ITEM
    >>> amount(0.1, SHARE), amount(1.5, DOLLARS_PER_LABEL), amount(3, LABELS_PER_ITEM), amount(1, LABELS_PER_ITEM)
    ('10%', '$1.50 per label', '3 labels per item', '1 label per item')
    """
    if unit.name == SHARE.name:
        return percent(number)
    if unit.name.startswith("$"):
        return f"{dollars(number)}{unit.name[1:]}"
    shown = f"{float(f'{number:.4g}'):,.10g}"
    first, _, rest = unit.name.partition(" ")
    name = " ".join([_ONE[first], rest]).strip() if shown == "1" and first in _ONE else unit.name
    return shown if unit.name == "number" else f"{shown} {name}"


def value(measure: str, number: float) -> str:
    """A figure as people write it."""
    if number == float("inf"):
        return "endless"
    if measure in MONEY:
        return dollars(number)
    if measure == "accuracy":
        return f"{100 * number:.1f}%"
    return f"{number:,.1f} weeks" if measure == "weeks" else f"{number:,.0f}"


def percent(share: float) -> str:
    """A share in per cent, three digits.

    >>> percent(0.0155)
    '1.55%'
    """
    return f"{float(f'{100 * share:.3g}'):g}%"
