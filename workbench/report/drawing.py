"""Figures as static SVG: they print, need no script, and take the page's colours, light or dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from workbench.estimates import Estimate
from workbench.figures.palette import BLUE
from workbench.figures.palette import plain as safe_name
from workbench.report.written import Unit, write

WIDTH = 760
NAMES = 280
"""Units of the drawing, and the most of them that names take."""
ROW = 30


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a drawing.

    Attributes
    ----------
    name : what it is.
    value : its figure; None where undefined.
    same, new : bounds of its thick interval and its thin one.
    beside : what is written at the right, such as its count.
    colour : of its marks.
    ticks : single values drawn as strokes, such as random draws.
    """

    name: str
    value: float | None
    same: tuple[float, float] | None = None
    new: tuple[float, float] | None = None
    beside: str = ""
    colour: str = BLUE
    ticks: tuple[float, ...] = ()

    @classmethod
    def of(cls, name: str, found: Estimate, counted: str = "items", colour: str = BLUE) -> Row:
        """The row of an estimate with both its intervals, its count beside it."""
        same, new = ((i.low, i.high) if i else None for i in (found.same_crew, found.new_crew))
        return cls(name=name, value=found.value, same=same, new=new, beside=f"{found.n:,} {counted}", colour=colour)


def forest(
    rows: Sequence[Row],
    *,
    unit: Unit,
    alt: str,
    lines: Sequence[tuple[float, str]] = (),
    within: tuple[float, float] | None = None,
) -> str:
    """Values below one another with their intervals: the same crew's thick, the new crew's thin with end caps.

    Parameters
    ----------
    alt : what it shows, in words.
    lines : upright dashed lines, and what is written above them.
    within : the values it can take; the axis never reaches beyond.

    Returns
    -------
    An `svg` element; names are escaped, and nothing in it refers to anything outside.

    >>> "<script>" in forest([Row(name="<script>", value=0.5)], unit="share", alt="One row.")
    False
    """
    seen = [v for r in rows for v in (r.value, *(r.same or ()), *(r.new or ()), *r.ticks) if v is not None] + [
        v for v, _ in lines
    ]
    low, high = _reach(seen, within)
    left, right, top = _room(rows), WIDTH - 132, 26 if lines else 8
    bottom = top + ROW * len(rows)

    def x(value: float) -> float:
        return round(left + (min(max(value, low), high) - low) / ((high - low) or 1.0) * (right - left), 1)

    parts = [_grid(low, high, unit, x, top, bottom)]
    for value, said in lines:
        if low <= value <= high:
            parts.append(f'<line class="mark" x1="{x(value)}" x2="{x(value)}" y1="{top - 4}" y2="{bottom}"/>')
            parts.append(
                f'<text class="quiet" x="{x(value)}" y="{top - 10}" text-anchor="middle">{safe_name(said, 40)}</text>'
            )
    for i, row in enumerate(rows):
        parts.append(_row(row, top + ROW * i + ROW / 2, x, unit, left, right))
    return _svg("".join(parts), bottom + 26, alt)


def bars(rows: Sequence[Row], *, unit: Unit, alt: str) -> str:
    """Bars from zero, one a row, with the value written at the end and `beside` at the right.

    >>> bars([Row(name="A", value=0.25)], unit="share", alt="One bar.").count("<rect")
    1
    """
    most = max((r.value or 0.0 for r in rows), default=0.0) or 1.0
    left, right = _room(rows), WIDTH - 150
    parts = []
    for i, row in enumerate(rows):
        y, length = 6 + ROW * i, round((row.value or 0.0) / most * (right - left), 1)
        parts.append(f'<text x="{left - 10}" y="{y + 18}" text-anchor="end">{safe_name(row.name, 40)}</text>')
        parts.append(
            f'<rect x="{left}" y="{y + 4}" width="{length}" height="{ROW - 10}"'
            f' fill="{row.colour}"><title>{escape(row.name)}</title></rect>'
        )
        beside = f' <tspan class="quiet">{escape(row.beside)}</tspan>' if row.beside else ""
        parts.append(f'<text x="{left + length + 8}" y="{y + 18}">{escape(write(row.value, unit))}{beside}</text>')
    return _svg("".join(parts), 12 + ROW * len(rows), alt)


def _row(row: Row, y: float, x: Callable[[float], float], unit: Unit, left: float, right: float) -> str:
    parts = [
        f'<text x="{left - 10}" y="{y + 4}"'
        f' text-anchor="end"><title>{escape(row.name)}</title>{safe_name(row.name, 40)}</text>'
    ]
    if row.new:
        a, b = x(row.new[0]), x(row.new[1])
        parts.append(
            f'<path d="M{a} {y - 5}v10M{a} {y}H{b}M{b} {y - 5}v10" stroke="{row.colour}" stroke-width="1.6"'
            ' fill="none"/>'
        )
    if row.same:
        a, b = x(row.same[0]), x(row.same[1])
        parts.append(
            f'<line x1="{a}" x2="{b}" y1="{y}" y2="{y}" stroke="{row.colour}" stroke-width="8" stroke-opacity=".42"/>'
        )
    for tick in row.ticks:
        parts.append(
            f'<line x1="{x(tick)}" x2="{x(tick)}" y1="{y - 7}" y2="{y + 7}" stroke="{row.colour}" stroke-width="1.6"'
            ' stroke-opacity=".7"/>'
        )
    if row.value is not None:
        parts.append(f'<path d="M{x(row.value)} {y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" fill="{row.colour}"/>')
    said = write(row.value, unit) if row.value is not None else "undefined"
    parts.append(f'<text x="{right + 10}" y="{y + (-1 if row.beside else 4)}">{escape(said)}</text>')
    if row.beside:
        parts.append(f'<text class="quiet" x="{right + 10}" y="{y + 11}">{escape(row.beside)}</text>')
    return "".join(parts)


def _grid(low: float, high: float, unit: Unit, x: Callable[[float], float], top: float, bottom: float) -> str:
    parts = []
    step = nice_step(high - low)
    tick = math.ceil(round(low / step, 6)) * step
    while tick <= high + step * 1e-6:
        value = 0.0 if abs(tick) < step * 1e-6 else tick
        said = f"{100 * value:g}%" if unit in ("share", "points") else f"{value:,g}"
        parts.append(f'<line class="grid" x1="{x(value)}" x2="{x(value)}" y1="{top}" y2="{bottom}"/>')
        parts.append(
            f'<text class="quiet" x="{x(value)}" y="{bottom + 16}" text-anchor="middle">{said.replace("-", "−")}</text>'
        )
        tick = round(tick + step, 10)
    return "".join(parts)


def _room(rows: Sequence[Row]) -> float:
    """Units that the longest name needs."""
    return min(NAMES, 24 + 7 * max((min(len(r.name), 40) for r in rows), default=0))


def nice_step(reach: float) -> float:
    """The step of a round scale that divides `reach` into four to eight parts.

    >>> nice_step(1.0), nice_step(0.37)
    (0.2, 0.05)
    """
    rough = (reach or 1.0) / 6
    size = 10.0 ** math.floor(math.log10(rough))
    return round(next(step * size for step in (1, 2, 5, 10) if step * size >= rough * 0.8), 10)


def _reach(seen: Sequence[float], within: tuple[float, float] | None) -> tuple[float, float]:
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    pad = 0.06 * ((high - low) or abs(high) or 1.0)
    least, most = within or (-math.inf, math.inf)
    return max(low - pad, least), min(high + pad, most)


def _svg(inside: str, height: float, alt: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img"'
        f' aria-label="{escape(alt)}"><title>{escape(alt)}</title>{inside}</svg>'
    )
