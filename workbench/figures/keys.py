"""The key of a chart in the title of its axis, and what the axes of costs are called."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape

_A_ROW = 44
"""Characters in a row of a key, signs and spaces counted."""
IN_DOLLARS = ("total", "cost_per_item", "cost_per_effective")
"""Figures of `Cost` that are money."""


def key_title(title: str, signs: Sequence[tuple[str, str, str]]) -> str:
    """An axis title with the key of the figure below it: a legend takes the browser as long to draw as the rest of a
    chart under a slider.
    """
    if len(signs) < 2:
        return title
    rows = [
        "   ".join(f"<span style='color:{colour}'>{sign}</span> {word}" for sign, word, colour in row)
        for row in _rows_of(signs)
    ]
    return f"{title}<br><span style='font-size:12px'>{'<br>'.join(rows)}</span>"


def _rows_of(signs: Sequence[tuple[str, str, str]]) -> list[list[tuple[str, str, str]]]:
    """The key in rows that a narrow chart holds."""
    rows: list[list[tuple[str, str, str]]] = [[]]
    for each in signs:
        if rows[-1] and sum(len(unescape(word)) + 5 for _, word, _ in [*rows[-1], each]) > _A_ROW:
            rows.append([])
        rows[-1].append(each)
    return rows


def key_room(signs: Sequence[tuple[str, str, str]]) -> int:
    """Pixels below the axis for its ticks, its title and the key."""
    return 45 + 17 * (len(_rows_of(signs)) if len(signs) > 1 else 0)


def axis_title(measure: str) -> str:
    """The title of the axis of a figure of `Cost`."""
    titles = {
        "total": "total",
        "cost_per_item": "$ per usable pair",
        "cost_per_effective": "$ per effective label",
        "weeks": "weeks",
        "accuracy": "label accuracy",
        "effective_labels": "effective labels",
    }
    return titles[measure]
