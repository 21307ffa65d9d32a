"""Estimates as a small table of plain HTML: light enough to be drawn anew on every move of a slider."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from workbench.estimates import Estimate
from workbench.figures.canvas import bounds, number

STYLE = (
    "<style>.pw-numbers{width:100%;border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}"
    ".pw-numbers th{text-align:right;font-weight:500;font-size:.78rem;opacity:.7;padding:.3rem .6rem;border-bottom:1px solid rgba(128,136,145,.4)}"
    ".pw-numbers td{text-align:right;padding:.34rem .6rem;border-bottom:1px solid rgba(128,136,145,.18);white-space:nowrap}"
    ".pw-numbers th:first-child,.pw-numbers td:first-child{text-align:left;white-space:normal;padding-left:0}"
    ".pw-numbers th.why,.pw-numbers td.why{text-align:left}.pw-numbers td.why{white-space:normal;opacity:.75}"
    ".pw-numbers tr.chosen td{font-weight:600}"
    ".pw-numbers abbr{text-decoration:underline dotted;text-underline-offset:3px;cursor:help}</style>"
)


def estimates_html(
    estimates: Mapping[str, Estimate], *, help: Mapping[str, str] | None = None, chosen: str | None = None, unit: str = "items"
) -> str:
    """A table with value, both intervals, units used and set aside, or why a value is undefined. All names are escaped.

    Parameters
    ----------
    estimates : key -> estimate; the row is named by the estimate.
    help : key -> what it means, shown while the pointer rests on the name.
    chosen : key of the row set in bold.
    unit : what is counted.

    >>> "&lt;b&gt;" in estimates_html({"a": Estimate("<b>", 0.5, n=3)})
    True
    """
    rows = []
    for key, e in estimates.items():
        told = (help or {}).get(key)
        name = f'<abbr title="{escape(told)}">{escape(e.name)}</abbr>' if told else escape(e.name)
        counts = f"<td>{e.n:,}</td><td>{e.n_set_aside:,}</td>"
        if e.value is None:
            cells = f'<td>–</td><td class="why" colspan="2">undefined: {escape(str(e.reason))}</td>{counts}'
        else:
            notes = escape("; ".join(e.interval_notes))
            cells = f'<td>{number(e.value)}</td><td title="{notes}">{bounds(e.same_crew)}</td><td title="{notes}">{bounds(e.new_crew)}</td>{counts}'
        rows.append(f"<tr{' class=chosen' if key == chosen else ''}><td>{name}</td>{cells}</tr>")
    head = f"<th>Coefficient</th><th>Value</th><th>Same crew, 95 %</th><th>New crew, 95 %</th><th>{escape(unit.capitalize())} used</th><th>Set aside</th>"
    return f'{STYLE}<table class="pw-numbers"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
