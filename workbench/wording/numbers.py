"""One way to write shares, coefficients and intervals, for pages, report and command line.

A zero stands before the point everywhere. The digits go by use: two in a sentence (`short`), three in a table, a hover
or a list (`number`).
"""

from __future__ import annotations

from workbench.estimates import Interval, with_sign


def number(value: float | None, digits: int = 3) -> str:
    """A figure as it is shown everywhere: three decimals, a true minus sign, a dash where there is none.

    >>> number(-0.25), number(-0.0001), number(None)
    ('−0.250', '0.000', '–')
    """
    return "–" if value is None else f"{value:z.{digits}f}".replace("-", "−")


def bounds(interval: Interval | None, digits: int = 3) -> str:
    """An interval as text: `0.330 to 0.410`, or a dash.

    >>> bounds(Interval(0.33, 0.41, "same crew", "item bootstrap"))
    '0.330 to 0.410'
    """
    return "–" if interval is None else f"{number(interval.low, digits)} to {number(interval.high, digits)}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share as it is shown everywhere: per cent with a true minus sign, a dash where there is none.

    >>> percent(0.274), percent(-0.012, 1), percent(None)
    ('27%', '−1.2%', '–')
    """
    return "–" if value is None or value != value else f"{100 * value:z.{digits}f}%".replace("-", "−")


def percent_bounds(interval: Interval | None, digits: int = 0) -> str:
    """An interval of shares as text: `20 to 26%`, or a dash.

    >>> percent_bounds(Interval(-0.001, 0.26, "same crew", ""))
    '0 to 26%'
    """
    return (
        "–"
        if interval is None
        else f"{100 * interval.low:z.{digits}f} to {percent(interval.high, digits)}".replace("-", "−")
    )


def short(value: float) -> str:
    """A coefficient as a sentence says it, in two decimals.

    >>> short(-0.05), short(0.999)
    ('−0.05', '1.00')
    """
    return number(value, 2)


def points(value: float, signed: bool = False) -> str:
    """A difference of shares in points.

    >>> points(-0.021), points(0.0004, signed=True), points(0.05, signed=True)
    ('−2.1 points', '0.0 points', '+5.0 points')
    """
    return (with_sign(100 * value) if signed else number(100 * value, 1)) + " points"


def signed(value: float) -> str:
    """A difference of coefficients with its sign, `0` where it rounds to nothing.

    >>> signed(0.05), signed(-0.001)
    ('+0.05', '0')
    """
    text = short(value)
    if text == "0.00":
        return "0"
    return text if text.startswith("−") else f"+{text}"


def p_value(p: float) -> str:
    """A p-value beside what it belongs to: three decimals, and nothing below a thousandth.

    >>> p_value(0.03142), p_value(0.00002)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {number(p)}"
