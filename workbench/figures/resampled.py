"""How a value moves: over bootstrap replicates, and when one annotator is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import BLUE, GREY, VERMILLION, plain, see_through
from workbench.wording.numbers import number


def bootstrap_histogram(
    bars: pd.DataFrame, value: float, low: float, high: float, *, measure: str = "alpha"
) -> go.Figure:
    """The bootstrap distribution of a coefficient, with its value and the 2.5% and 97.5% points.

    Parameters
    ----------
    bars : columns `from`, `to`, `replicates`, as `workbench.agreement.replicates` makes them.
    value : the coefficient of the data.
    low, high : the 2.5% and 97.5% points; bars outside are paler.
    measure : the coefficient's name.
    """
    middles = ((bars["from"] + bars["to"]) / 2).to_numpy()
    inside = (middles >= low) & (middles <= high)
    trace = {
        "type": "bar",
        "x": middles.tolist(),
        "y": bars["replicates"].to_list(),
        "width": (bars["to"] - bars["from"]).to_list(),
        "marker": {"color": np.where(inside, see_through(BLUE, 0.75), see_through(BLUE, 0.3)).tolist()},
        "hovertemplate": "%{x:.4f}: %{y:,} replicates<extra></extra>",
        "showlegend": False,
    }
    lines = [(low, "dot", GREY, "right"), (value, "solid", BLUE, "center"), (high, "dot", GREY, "left")]
    return canvas(
        [trace],
        alt=(
            f"Histogram of {int(bars['replicates'].sum()):,} bootstrap replicates of {measure}: value {number(value)},"
            f" 95% of them between {number(low)} and {number(high)}."
        ),
        height=260,
        layout={
            "xaxis": axis(measure, showgrid=False),
            "yaxis": axis("replicates"),
            "bargap": 0.02,
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "x0": x,
                    "x1": x,
                    "y0": 0,
                    "y1": 1,
                    "line": {"width": 1.6, "dash": dash, "color": colour},
                }
                for x, dash, colour, _ in lines
            ],
            "annotations": [
                {
                    "x": x,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": number(x),
                    "showarrow": False,
                    "xanchor": anchor,
                    "font": {"size": 11},
                }
                for x, _, _, anchor in lines
            ],
        },
    )


def leave_one_out_bars(table: pd.DataFrame, value: float, *, measure: str = "alpha", limit: int = 20) -> go.Figure:
    """What the coefficient would change by if one annotator's labels were set aside, the largest changes first.

    A bar to the right (blue) is a rise: the data agree better without this annotator. A bar to the left (vermillion) is
    a fall. `customdata` of a bar is the annotator.

    Parameters
    ----------
    table : columns `annotator`, `labels`, `without` and `change` (NaN where undefined: not drawn), as
        `workbench.agreement.leave_one_annotator_out` makes it.
    value : the coefficient of all data.
    measure : its name.
    limit : most annotators shown; the rest is counted on the axis.
    """
    known = table.loc[table["change"].notna().to_numpy()]
    shown = known.iloc[np.argsort(-known["change"].abs().to_numpy(), kind="stable")[:limit]]
    change = shown["change"].to_numpy(np.float64)
    rest = len(known) - len(shown)
    hover = [
        f"<b>{plain(n)}</b>, {labels:,} labels<br>{measure} {number(value)} → {number(float(w))} without"
        for n, labels, w in zip(shown["annotator"], shown["labels"], shown["without"], strict=True)
    ]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": change.tolist(),
        "y": [plain(n, 28) for n in shown["annotator"]],
        "customdata": shown["annotator"].to_list(),
        "text": [f"{'+' if c > 0 else ''}{number(float(c), 4)}" for c in change],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": hover,
        "hoverinfo": "text",
        "marker": {"color": np.where(change > 0, see_through(BLUE, 0.8), see_through(VERMILLION, 0.8)).tolist()},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "showlegend": False,
    }
    first = f" Largest: {shown['annotator'].iloc[0]} {number(float(change[0]), 4)}." if len(shown) else ""
    title = f"change of {measure}" + (f" ({rest:,} more change it less)" if rest > 0 else "")
    reach = 1.3 * float(np.abs(change).max(initial=1e-6))
    return canvas(
        [trace],
        alt=(
            f"Change of {measure} when one annotator is left out, {len(shown)} of {len(known)} annotators, largest"
            f" change first.{first}"
        ),
        height=80 + round(ROW * 0.75) * max(len(shown), 1),
        layout={
            "margin": {"l": room_for(plain(n, 28) for n in shown["annotator"]), "r": 12, "t": 8, "b": 46},
            "xaxis": axis(title, range=[-reach, reach], zeroline=True, zerolinecolor=see_through(GREY, 0.7)),
            "yaxis": axis(autorange="reversed", type="category", showgrid=False),
            "clickmode": "event+select",
        },
    )
