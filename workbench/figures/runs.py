"""How a run learns: loss falling and accuracy rising over its steps; several runs in one chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import SERIES, plain
from workbench.wording.numbers import number

MOST_POINTS = 400
_SIGNS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_NOT_FIGURES = ("attempt", "doing", "done", "of", "seconds")


def figures_in(metrics: pd.DataFrame) -> list[str]:
    """What was measured, in the order it came.

    >>> figures_in(pd.DataFrame({"doing": ["Training"], "done": [1], "loss": [0.5]}))
    ['loss']
    """
    return [str(name) for name in metrics.columns if name not in _NOT_FIGURES and metrics[name].notna().any()]


def learning_chart(metrics: pd.DataFrame, doing: str | None = None) -> go.Figure:
    """What a run measured over the steps of one stage: losses above, shares (accuracies) below, on axes of their own.

    Parameters
    ----------
    metrics : as `Run.metrics` gives them.
    doing : the stage; by default the last one that measured something.
    """
    rows = stage_rows(metrics, doing)
    names = figures_in(rows)
    shares = [n for n in names if is_share(n)]
    others = [n for n in names if n not in shares]
    storeys = [part for part in (others, shares) if part]
    domains = [[0.0, 1.0]] if len(storeys) == 1 else [[0.56, 1.0], [0.0, 0.44]]
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"margin": {"l": 64, "r": 12, "t": 34, "b": 46}}
    for storey, part in enumerate(storeys):
        suffix = "" if storey == 0 else str(storey + 1)
        title = ", ".join(part) if len(part) <= 3 else "measured"
        layout[f"yaxis{suffix}"] = axis(
            plain(title),
            domain=domains[storey],
            anchor="x",
            nticks=5,
            **({"tickformat": ".1~%"} if part is shares else {}),
        )
        for name in part:
            look = (names.index(name), part.index(name))
            traces.append(_line(rows, name, *look, f"y{suffix}", percent=part is shares))
    stage = str(rows["doing"].iloc[-1]) if len(rows) else ""
    layout["xaxis"] = axis(
        f"steps of “{plain(stage)}”" if stage else "steps", anchor=f"y{'' if len(storeys) < 2 else 2}"
    )
    return canvas(
        traces,
        alt=_in_words(rows, names, stage),
        height=300 if len(storeys) < 2 else 400,
        layout={**layout, "showlegend": len(names) > 1},
    )


def compared_runs(metrics: Mapping[str, pd.DataFrame], figure: str) -> go.Figure:
    """One figure of several runs over their steps, each with a dash and a sign of its own.

    Parameters
    ----------
    metrics : name of the run -> its metrics.
    figure : the column to draw.
    """
    traces = []
    said = []
    for at, (name, frame) in enumerate(metrics.items()):
        rows = _last_stage_with(frame, figure)
        if rows.empty:
            continue
        trace = _line(rows, figure, at, at, "y", percent=is_share(figure))
        traces.append(trace | {"name": plain(name, 40)})
        said.append(f"{name}: {number(float(rows[figure].iloc[-1]))} after {int(rows['done'].iloc[-1]):,} steps")
    layout = {
        "xaxis": axis("steps"),
        "yaxis": axis(plain(figure), **({"tickformat": ".1~%"} if is_share(figure) else {})),
        "margin": {"l": 64, "r": 12, "t": 60, "b": 46},
        "showlegend": True,
    }
    alt = (
        f"{figure} of {len(traces)} runs over their steps. {'; '.join(said)}."
        if said
        else f"None of these runs measured {figure}."
    )
    return canvas(traces, alt=alt, height=340, layout=layout)


def is_share(name: str) -> bool:
    """Whether a figure lies between 0 and 1 and is read as a percentage.

    >>> is_share("eval_accuracy"), is_share("loss")
    (True, False)
    """
    return any(word in name.lower() for word in ("accuracy", "share", "rate_of"))


def stage_rows(metrics: pd.DataFrame, doing: str | None = None) -> pd.DataFrame:
    """The rows of one stage; by default of the last one that measured something."""
    names = figures_in(metrics)
    told = metrics[metrics[names].notna().any(axis=1)] if names else metrics.iloc[:0]
    if doing is None and len(told):
        doing = told["doing"].iloc[-1]
    return told[told["doing"] == doing].sort_values("done", kind="stable")


def _last_stage_with(frame: pd.DataFrame, figure: str) -> pd.DataFrame:
    if figure not in frame:
        return frame.iloc[:0]
    told = frame[frame[figure].notna()]
    return told[told["doing"] == told["doing"].iloc[-1]].sort_values("done", kind="stable") if len(told) else told


def thinned(x: Sequence[float], y: Sequence[float], most: int = MOST_POINTS) -> tuple[list[float], list[float]]:
    """At most about `most` points that keep the shape: of each stretch its lowest and its highest, and both ends.

    >>> x, y = thinned(range(10_000), [0.0] * 5_000 + [1.0] + [0.0] * 4_999)
    >>> len(x) <= 402, max(y)
    (True, 1.0)
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    if len(xs) <= most:
        return xs.tolist(), ys.tolist()
    keep = {0, len(xs) - 1}
    for stretch in np.array_split(np.arange(len(xs)), most // 2):
        keep |= {int(stretch[np.argmin(ys[stretch])]), int(stretch[np.argmax(ys[stretch])])}
    chosen = sorted(keep)
    return xs[chosen].tolist(), ys[chosen].tolist()


def _line(rows: pd.DataFrame, name: str, colour_at: int, look_at: int, yaxis: str, *, percent: bool) -> dict[str, Any]:
    """One figure as a line; lines on one axis differ in dash and sign too."""
    told = rows[rows[name].notna()]
    x, y = thinned(told["done"].tolist(), told[name].tolist())
    colour = SERIES[colour_at % len(SERIES)]
    few = len(x) <= 40
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "x": x,
        "y": y,
        "yaxis": yaxis,
        "name": plain(name),
        "line": {"width": 2, "color": colour, "dash": _DASHES[look_at % len(_DASHES)]},
        "marker": {"size": 7, "symbol": _SIGNS[look_at % len(_SIGNS)], "color": colour},
        "hovertemplate": f"{plain(name)} %{{y:{'.1%' if percent else '.4g'}}}<br>step %{{x:,}}<extra></extra>",
    }


def _in_words(rows: pd.DataFrame, names: Sequence[str], stage: str) -> str:
    if not names:
        return "Nothing was measured yet."
    parts = []
    for name in names:
        told = rows[rows[name].notna()]
        parts.append(f"{name} from {number(float(told[name].iloc[0]))} to {number(float(told[name].iloc[-1]))}")
    return f"{stage or 'Steps'} {int(rows['done'].iloc[0]):,} to {int(rows['done'].iloc[-1]):,}: {'; '.join(parts)}."
