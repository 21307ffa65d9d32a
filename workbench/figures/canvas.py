"""What all figures share: a transparent ground, quiet margins, a sentence that describes them, and their numbers as a
table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.estimates import Estimate
from workbench.figures.palette import GREY, TRANSPARENT, see_through

_TAG = re.compile(r"</?span[^>]*>")
GRID = see_through(GREY, 0.22)
ROW = 36
"""Pixels of one row of a chart with a row for each name."""
_PHONE = 340
"""Pixels that a figure has on a telephone: the title below an axis is cut where it is longer than what is left."""
_SCROLLS = 230
"""Pixels beside the rows from which a figure is scrolled on a telephone instead."""
_LETTER, _LINE = 7.0, 18
"""Pixels of a letter, and of a line, of an axis's title."""


def canvas(traces: Iterable[Mapping[str, Any]], *, alt: str, height: int, layout: Mapping[str, Any]) -> go.Figure:
    """A figure that takes page colours and fonts from wherever it is shown.

    Parameters
    ----------
    traces : Plotly traces as plain dictionaries.
    alt : what the figure says, in words, for those who cannot see it; `describe` gives it back.
    height : pixels.
    layout : what differs from the common layout.
    """
    common: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": 12, "t": 34, "b": 46},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "dragmode": False,
        "uirevision": "const",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "meta": {"alt": alt},
    }
    merged = {**common, **layout}
    horizontal = merged.get("xaxis") or {}
    title, margin = (horizontal.get("title") or {}).get("text", ""), merged["margin"]
    if margin["l"] < _SCROLLS and "<" not in title and len(title) * _LETTER > _PHONE - margin["l"] + margin["r"]:
        merged["xaxis"] = {**horizontal, "title": {**horizontal["title"], "text": folded(title, most=0)}}
        merged |= {"margin": {**margin, "b": margin["b"] + _LINE}, "height": merged["height"] + _LINE}
    return go.Figure(data=list(traces), layout=merged)


def describe(figure: go.Figure) -> str:
    """The sentence that says what a figure of this package shows.

    >>> describe(canvas([], alt="Nothing yet.", height=100, layout={}))
    'Nothing yet.'
    """
    meta = figure.layout.meta or {}
    return str(meta.get("alt", ""))


def wide(figure: go.Figure) -> bool:
    """Whether a figure needs more width than a telephone has: long names beside its rows, or two plots side by side.

    >>> wide(canvas([], alt="", height=100, layout={"margin": {"l": 240}}))
    True
    """
    margin = figure.layout.margin.l
    return bool((margin or 0) >= _SCROLLS or getattr(figure.layout, "xaxis2", None))


def folded(name: str, detail: str = "", most: int = 27) -> str:
    """A row's name in two lines, so that it leaves room for the row: a detail goes below it, and a long name is broken
    at a blank near its middle, after a comma where it has one.

    >>> folded("Anthropic helpful and harmless")
    'Anthropic helpful<br>and harmless'
    >>> folded("ann", "12 labels")
    "ann<br><span style='font-size:10px'>12 labels</span>"
    """
    if detail:
        return f"{name}<br><span style='font-size:10px'>{detail}</span>"
    blanks = [i for i, letter in enumerate(name) if letter == " "]
    if len(name) <= most or not blanks:
        return name
    after_comma = [i for i in blanks if name[i - 1] == ","]
    middle = min(after_comma or blanks, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}<br>{name[middle + 1 :]}"


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis with a faint grid and room for its labels."""
    return {
        "title": {"text": title},
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": False,
        "fixedrange": True,
        **more,
    }


def cell_text(columns: Sequence[str], rows: Sequence[str], text: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Text on the cells of a heat map in the page's own colour, which reads on light and dark; Plotly's own looks at
    the colour scale alone.

    >>> cell_text(["a", "b"], ["r"], [["1", ""]])["text"]
    ['1']
    """
    marks = [(c, r, text[i][j]) for i, r in enumerate(rows) for j, c in enumerate(columns) if text[i][j]]
    x, y, said = ([m[k] for m in marks] for k in range(3))
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": said,
        "textfont": {"size": 12},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def room_for(names: Iterable[str], size: float = 12.0, most: int = 330) -> int:
    """Pixels that the longest of some axis labels needs beside the axis.

    Plotly can find out by itself, by drawing everything twice; under a slider that is time the reader waits.

    >>> room_for(["web", "a much longer name"]) > room_for(["web"])
    True
    """
    lines = (line for name in names for line in name.split("<br>"))
    longest = max((len(unescape(_TAG.sub("", line))) for line in lines), default=0)
    return min(most, round(14 + longest * size * 0.55))


def estimates_table(estimates: Mapping[str, Estimate], column: str = "coefficient") -> pd.DataFrame:
    """Estimates as a tidy table: what a figure of them shows, ready for a CSV file.

    Parameters
    ----------
    estimates : name of the row -> estimate.
    column : what the names are.

    Returns
    -------
    One row an estimate: `column`, `measure`, `value`, `same_crew_low`, `same_crew_high`, `new_crew_low`,
    `new_crew_high`, `n`, `n_set_aside`, `reason`.

    >>> estimates_table({"web": Estimate(name="alpha", value=0.4, n=10)}, "source")[["source", "value", "n"]].to_dict(
    ...     "records"
    ... )
    [{'source': 'web', 'value': 0.4, 'n': 10}]
    """
    return pd.DataFrame(
        {
            column: pd.array([str(name) for name in estimates], dtype="str"),
            "measure": pd.array([e.name for e in estimates.values()], dtype="str"),
            "value": [math.nan if e.value is None else e.value for e in estimates.values()],
            "same_crew_low": [e.same_crew.low if e.same_crew else math.nan for e in estimates.values()],
            "same_crew_high": [e.same_crew.high if e.same_crew else math.nan for e in estimates.values()],
            "new_crew_low": [e.new_crew.low if e.new_crew else math.nan for e in estimates.values()],
            "new_crew_high": [e.new_crew.high if e.new_crew else math.nan for e in estimates.values()],
            "n": pd.array([e.n for e in estimates.values()], dtype="int64"),
            "n_set_aside": pd.array([e.n_set_aside for e in estimates.values()], dtype="int64"),
            "reason": pd.array([e.reason for e in estimates.values()], dtype="str"),
        }
    )
