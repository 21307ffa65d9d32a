"""The forest: one row an estimate, its value with both intervals, behind it how others read such values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from workbench.agreement.bands import CEILINGS, Band, Ceiling
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import ROW, axis, canvas, folded, room_for
from workbench.figures.palette import BLUE, GREY, OCHRE, band_colour, plain, see_through
from workbench.wording.numbers import bounds, number


def forest_plot(
    estimates: Mapping[str, Estimate],
    *,
    bands: Sequence[Band] = (),
    marks: Mapping[str, Sequence[Ceiling]] | None = None,
    reference: float | None = None,
    counts: bool = False,
    unit: str = "items",
    title: str = "1 = perfect agreement, 0 = chance",
) -> go.Figure:
    """Draws estimates below one another, in the order given.

    The same-crew interval is the thick bar, the new-crew interval the thin line with end caps, the value the diamond;
    an undefined row says why. `customdata` of each diamond is the name of its row.

    Parameters
    ----------
    estimates : name of the row -> estimate.
    bands : reading bands, drawn faintly behind the rows; hover at their names for the source.
    marks : row -> figures published for other sets, drawn as open triangles (a range: two with a line) below the row.
    reference : a value to compare all rows with (dashed line), such as the whole data set's.
    counts : write the number of units behind each name.
    unit : what is counted.
    title : of the axis.
    """
    names = list(estimates)
    place = {name: -i for i, name in enumerate(names)}
    shown = [(row, ceiling) for row, several in (marks or {}).items() if row in place for ceiling in several]
    low, high = _reach(estimates, [ceiling for _, ceiling in shown], reference)
    traces = [
        _span("new crew", [(place[n], e.new_crew) for n, e in estimates.items()], width=1.8, caps=True),
        _span("same crew", [(place[n], e.same_crew) for n, e in estimates.items()], width=6, caps=False),
        _values(estimates, place, unit),
    ]
    if shown:
        traces.append(_marks(shown, place))
    bottom = -len(names) + 0.45
    shapes, labels = _band_shapes([b for b in bands if b.high > low and b.low < high], low, high)
    if reference is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "x",
                "yref": "y",
                "x0": reference,
                "x1": reference,
                "y0": bottom,
                "y1": 0.6,
                "line": {"width": 1.2, "dash": "dash", "color": GREY},
            }
        )
    if labels:
        traces.append(labels)
    ticks = [folded(plain(n, 40), f"{estimates[n].n:,} {unit}" if counts else "") for n in names]
    top = 1.5 if labels else 0.65
    # The key stands in the title of the axis: a legend of Plotly's own would take as long to draw as the rows.
    signs = [
        ("◆", "value", BLUE),
        ("███", "same crew", band_colour(BLUE)),
        ("├──┤", "new crew", BLUE),
        *([("△", "people, published elsewhere", OCHRE)] if shown else []),
    ]
    told = [
        f"<span style='color:{colour};font-size:{9 if sign[0] == '█' else 15}px'>{sign}</span> {word}"
        for sign, word, colour in signs
    ]
    key = "<br>".join("   ".join(line) for line in (told[:3], told[3:]) if line)
    below = 74 + 17 * (len(told) > 3) + 17 * ("<br>" in folded(title))
    return canvas(
        traces,
        alt=_in_words(estimates, unit),
        height=14 + below + ROW * len(names) + (31 if labels else 0),
        layout={
            "margin": {"l": room_for(ticks), "r": 12, "t": 6, "b": below},
            "xaxis": axis(
                f"{folded(plain(title, 90))}<br><span style='font-size:12px'>{key}</span>",
                range=[low, high],
                zeroline=True,
                zerolinecolor=see_through(GREY, 0.6),
                zerolinewidth=1,
            ),
            "yaxis": axis(
                tickmode="array",
                tickvals=[place[n] for n in names],
                ticktext=ticks,
                range=[bottom - 0.05, top],
                showgrid=False,
            ),
            "shapes": shapes,
            "showlegend": False,
            "clickmode": "event+select",
        },
    )


def published(estimates: Mapping[str, Estimate], labels: int, *, direction: bool) -> dict[str, list[Ceiling]]:
    """Figures of published preference sets that these may be held against: row name -> ceilings.

    Percent agreement was published for A against B, with or without ties, so it is comparable on direction or on a
    scale of three labels at most; AC2 was published for a scale with strengths.

    Parameters
    ----------
    estimates : key of the coefficient -> estimate, as `workbench.agreement.all_coefficients` gives them.
    labels : labels of the scale the estimates are about.
    direction : whether strength was ignored.
    """
    fits = {"percent_agreement": labels <= 3, "gwet_ac2": labels > 3 and not direction}
    marks: dict[str, list[Ceiling]] = {}
    for ceiling in CEILINGS:
        if fits.get(ceiling.measure) and ceiling.measure in estimates:
            marks.setdefault(estimates[ceiling.measure].name, []).append(ceiling)
    return marks


def _reach(estimates: Mapping[str, Estimate], marks: Sequence[Ceiling], reference: float | None) -> tuple[float, float]:
    """Ends of the axis: everything drawn, zero or the nearest tenth beyond, a margin for the numbers."""
    drawn = (
        [e.value for e in estimates.values() if e.value is not None] + [m.high for m in marks] + [m.low for m in marks]
    )
    for e in estimates.values():
        drawn += [b for i in (e.same_crew, e.new_crew) if i for b in (i.low, i.high)]
    if reference is not None:
        drawn.append(reference)
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    return max(-1.05, min(low - 0.06, -0.02)), min(1.05, max(high + 0.08, 0.5))


def _span(name: str, spans: Sequence[tuple[int, Interval | None]], *, width: float, caps: bool) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for place, interval in spans:
        if interval is not None:
            x += [interval.low, interval.high, None]
            y += [place, place, None]
    line = {"width": width, "color": BLUE if caps else band_colour(BLUE)}
    marker = {"symbol": "line-ns-open", "size": 11, "color": BLUE, "line": {"width": width, "color": BLUE}}
    return {
        "type": "scatter",
        "mode": "lines+markers" if caps else "lines",
        "x": x,
        "y": y,
        "line": line,
        "marker": marker,
        "name": name,
        "hoverinfo": "skip",
    }


def _values(estimates: Mapping[str, Estimate], place: Mapping[str, int], unit: str) -> dict[str, Any]:
    known = [(n, e) for n, e in estimates.items() if e.value is not None]
    unknown = [(n, e) for n, e in estimates.items() if e.value is None]
    hover = [
        f"<b>{plain(n)}</b>: {number(e.value)}<br>same crew {bounds(e.same_crew)}<br>new crew"
        f" {bounds(e.new_crew)}<br>{e.n:,} {unit} used, {e.n_set_aside:,} set aside"
        for n, e in known
    ] + [f"<b>{plain(n)}</b>: undefined, {plain(e.reason, 120)}" for n, e in unknown]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [e.value for _, e in known] + [0.0] * len(unknown),
        "y": [place[n] for n, _ in known + unknown],
        "text": [number(e.value) for _, e in known] + [f"undefined: {plain(e.reason, 70)}" for _, e in unknown],
        "textposition": ["top center"] * len(known) + ["middle right"] * len(unknown),
        "textfont": {"size": 11},
        "customdata": [n for n, _ in known + unknown],
        "hovertext": hover,
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            "symbol": ["diamond"] * len(known) + ["x-thin"] * len(unknown),
            "size": 11,
            "color": BLUE,
            "line": {"width": 1.5, "color": BLUE},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "name": "value",
    }


def _marks(marks: Sequence[tuple[str, Ceiling]], place: Mapping[str, int]) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str] = []
    for row, m in marks:
        x += [m.low, m.high, None]
        y += [place[row] - 0.24, place[row] - 0.24, None]
        figure = f"{m.low:.3g}" if m.low == m.high else f"{m.low:.3g} to {m.high:.3g}"
        hover += [f"<b>{plain(m.name)}</b>: {figure}<br>{plain(m.note, 120)}<br>{plain(m.source, 120)}"] * 3
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "hovertext": hover,
        "hoverinfo": "text",
        "line": {"width": 1.2, "dash": "dot", "color": OCHRE},
        "marker": {"symbol": "triangle-up-open", "size": 9, "color": OCHRE, "line": {"width": 1.6}},
        "name": "people, published elsewhere",
    }


def _band_shapes(bands: Sequence[Band], low: float, high: float) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Bands behind the rows, every second one shaded, and their names above, with the source on hover."""
    shapes: list[dict[str, Any]] = []
    middles, names, hover = [], [], []
    last = max((i for i, band in enumerate(bands) if min(band.high, high) - max(band.low, low) > 0.08), default=0)
    for i, band in enumerate(bands):
        left, right = max(band.low, low), min(band.high, high)
        if i % 2 == 0:
            shapes.append(
                {
                    "type": "rect",
                    "layer": "below",
                    "xref": "x",
                    "yref": "paper",
                    "x0": left,
                    "x1": right,
                    "y0": 0,
                    "y1": 1,
                    "fillcolor": see_through(GREY, 0.09),
                    "line": {"width": 0},
                }
            )
        if right - left > 0.08:
            middles.append(right if i == last else (left + right) / 2)
            names.append(plain(band.name))
            hover.append(f"{plain(band.name)}: {band.low:g} to {band.high:g}<br>{plain(band.source, 120)}")
    if not middles:
        return shapes, None
    label = {
        "type": "scatter",
        "mode": "text",
        "x": middles,
        # On two lines by turns, so that long names do not meet on a telephone; the last ends where the chart does.
        "y": [0.9 if i % 2 else 1.25 for i in range(len(middles))],
        "text": names,
        "textposition": ["middle center"] * (len(middles) - 1) + ["middle left"],
        "textfont": {"size": 10, "color": GREY},
        "hovertext": hover,
        "hoverinfo": "text",
        "showlegend": False,
    }
    return shapes, label


def _in_words(estimates: Mapping[str, Estimate], unit: str) -> str:
    def one(name: str, e: Estimate) -> str:
        if e.value is None:
            return f"{name} undefined ({e.reason})"
        return (
            f"{name} {number(e.value)}, same crew {bounds(e.same_crew)}, new crew {bounds(e.new_crew)}, {e.n:,} {unit}"
        )

    listed = list(estimates.items())
    more = f"; and {len(listed) - 12} more rows" if len(listed) > 12 else ""
    return "Forest of estimates with both intervals. " + "; ".join(one(n, e) for n, e in listed[:12]) + more + "."
