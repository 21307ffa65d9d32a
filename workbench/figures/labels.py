"""Which labels were given, and how often."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from workbench.dataset.scales import LabelScale
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import in_full, label_colours, plain
from workbench.figures.tables import label_table


def label_bars(counts: Mapping[str, int], scale: LabelScale) -> go.Figure:
    """Bars of how often each label was given, in the order of the scale, from A (blue) over the tie to B (vermillion).

    Parameters
    ----------
    counts : label -> judgements. Labels of the scale that nobody gave are drawn as zero.
    scale : the labels in order.
    """
    table = label_table(counts, scale)
    shares = table["share"].to_list()
    said = [f"{n:,}<br>{s:.1%}" for n, s in zip(table["judgements"], shares, strict=True)]
    colours = label_colours(scale.labels, scale.has_sides)
    trace = {
        "type": "bar",
        "x": [plain(label, 24) for label in table["label"]],
        "y": shares,
        "marker": {"color": colours, "line": {"width": 1.2, "color": [in_full(colour) for colour in colours]}},
        "text": said,
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "hoverinfo": "skip",
        "customdata": table["label"].to_list(),
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "showlegend": False,
    }
    listed = ", ".join(f"{label} {share:.1%}" for label, share in zip(table["label"][:12], shares, strict=False))
    ends = "from A much better to B much better: " if scale.has_sides else ""
    return canvas(
        [trace],
        alt=f"Share of each label, {ends}{listed}.",
        height=260,
        layout={
            "margin": {"l": 64, "r": 12, "t": 10, "b": 30},
            "xaxis": axis(type="category", showgrid=False),
            "yaxis": axis("share of judgements", tickformat=".0%", range=[0, 1.25 * max([*shares, 0.01])]),
            "bargap": 0.25,
            "clickmode": "event+select",
        },
    )
