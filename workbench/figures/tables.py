"""What tables show: figures rounded to what a reader compares, and estimates as a small table of plain HTML that can be
drawn anew on every move of a slider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from workbench.dataset.scales import LabelScale
from workbench.estimates import Estimate
from workbench.wording.numbers import bounds, number, p_value

STYLE = (
    "<style>.pw-numbers{width:100%;border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}.pw-numbers"
    " th{text-align:right;font-weight:500;font-size:.78rem;opacity:.7;padding:.3rem .6rem;border-bottom:1px solid"
    " rgba(128,136,145,.4)}.pw-numbers td{text-align:right;padding:.34rem .6rem;border-bottom:1px solid"
    " rgba(128,136,145,.18);white-space:nowrap}.pw-numbers thead td{border-bottom-color:rgba(128,136,145,.4)}"
    ".pw-numbers th:first-child,.pw-numbers td:first-child{text-align:left;white-space:normal;padding-left:0}"
    ".pw-numbers th.why,.pw-numbers td.why{text-align:left}.pw-numbers td.why{white-space:normal;opacity:.75}"
    ".pw-numbers tr.chosen"
    " td{font-weight:600}.pw-numbers abbr{text-decoration:underline"
    " dotted;text-underline-offset:3px;cursor:help}</style>"
)


_NARROW = (
    "<style>.pw-table{overflow-x:auto;container-type:inline-size}.pw-table .pw-numbers"
    " th{vertical-align:bottom}.pw-table .pw-numbers td.wrap{white-space:normal}@container (max-width:560px){.pw-table"
    " .pw-numbers{font-size:.77rem}.pw-table .pw-numbers th{font-size:.68rem}.pw-table .pw-numbers"
    " :is(th,td){padding-left:.22rem;padding-right:.1rem;white-space:normal}}</style>"
)
"""In a narrow column numbers move together, and what still does not fit is reached by scrolling, not cut."""


def whole_percents(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table with these shares rounded to whole per cents, as a page shows them; what is downloaded keeps every
    digit.

    Parameters
    ----------
    columns : of shares between 0 and 1; those that the table lacks are passed over.

    >>> whole_percents(pd.DataFrame({"share": [0.39694, 1.0142, None]}), ["share", "other"])["share"].tolist()
    [0.4, 1.01, nan]
    """
    return table.assign(**{name: np.round(table[name].to_numpy(float), 2) for name in columns if name in table})


def spans(low: Iterable[float], high: Iterable[float]) -> np.ndarray:
    """Intervals of shares as short text in whole per cents; None where there is none.

    >>> spans([0.312, float("nan")], [0.489, 0.5]).tolist()
    ['31 to 49%', None]
    """
    return _texts(
        None if a != a or b != b else f"{100 * a:.0f} to {100 * b:.0f}%".replace("-", "−")
        for a, b in zip(low, high, strict=True)
    )


def of_counts(hits: Iterable[float], whole: Iterable[float]) -> np.ndarray:
    """Counts out of a whole as text; None where there is nothing.

    >>> of_counts([5, 0], [15, 0]).tolist()
    ['5 of 15', None]
    """
    return _texts(f"{h:,.0f} of {n:,.0f}" if n else None for h, n in zip(hits, whole, strict=True))


def small_p(values: Iterable[float]) -> np.ndarray:
    """P-values as text: three decimals, and nothing below a thousandth; None where there is none.

    >>> small_p([0.00002, 0.0314, 0.8, float("nan")]).tolist()
    ['< 0.001', '0.031', '0.800', None]
    """
    return _texts(None if p != p else p_value(p).removeprefix("p ").removeprefix("= ") for p in values)


def _texts(values: Iterable[str | None]) -> np.ndarray:
    """A column of texts, with None where there is nothing to say."""
    return np.array([*values, None], object)[:-1]


def table_html(
    frame: pd.DataFrame, words: Sequence[str] = (), wrapped: Sequence[str] = (), chosen: int | None = None
) -> str:
    """A table of text as HTML; every cell is escaped.

    Parameters
    ----------
    words : columns of sentences: set to the left, and wrapped.
    wrapped : other columns that may be wrapped, to leave room for these.
    chosen : row set in bold.

    >>> "&lt;b&gt;" in table_html(pd.DataFrame({"<b>": ["x"]}))
    True
    """
    classes = dict.fromkeys(wrapped, ' class="wrap"') | dict.fromkeys(words, ' class="why"')
    kind = [classes.get(str(c), "") for c in frame.columns]
    head = "".join(
        f"<th{k}>{escape(str(c))}</th>" if str(c).strip() else "<td></td>"
        for c, k in zip(frame.columns, kind, strict=True)
    )
    rows = "".join(
        f"<tr{' class=chosen' if i == chosen else ''}>"
        + "".join(f"<td{k}>{escape(str(v))}</td>" for v, k in zip(row, kind, strict=True))
        + "</tr>"
        for i, row in enumerate(frame.itertuples(index=False, name=None))
    )
    table = f'<table class="pw-numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'{STYLE}{_NARROW}<div class="pw-table">{table}</div>'


def estimates_html(
    estimates: Mapping[str, Estimate],
    *,
    help: Mapping[str, str] | None = None,
    chosen: str | None = None,
    unit: str = "items",
) -> str:
    """A table with value, both intervals, units used and set aside, or why a value is undefined. All names are escaped.

    Parameters
    ----------
    estimates : key -> estimate; the row is named by the estimate.
    help : key -> what it means, shown while the pointer rests on the name.
    chosen : key of the row set in bold.
    unit : what is counted.

    >>> "&lt;b&gt;" in estimates_html({"a": Estimate(name="<b>", value=0.5, n=3)})
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
            cells = (
                f'<td>{number(e.value)}</td><td title="{notes}">{bounds(e.same_crew)}</td><td'
                f' title="{notes}">{bounds(e.new_crew)}</td>{counts}'
            )
        rows.append(f"<tr{' class=chosen' if key == chosen else ''}><td>{name}</td>{cells}</tr>")
    head = (
        "<th>Coefficient</th><th>Value</th><th>Same crew, 95%</th><th>New crew, 95%"
        f"</th><th>{escape(unit.capitalize())} used</th><th>Set aside</th>"
    )
    table = f'<table class="pw-numbers"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'{STYLE}{_NARROW}<div class="pw-table">{table}</div>'


def label_table(counts: Mapping[str, int], scale: LabelScale) -> pd.DataFrame:
    """How often each label was given: `label`, `judgements`, `share`, in the order of the scale.

    >>> from workbench.dataset.scales import BINARY
    >>> label_table({"B": 3, "A": 1}, BINARY)["share"].to_list()
    [0.25, 0.75]
    """
    numbers = [int(counts.get(label, 0)) for label in scale.labels]
    total = max(sum(numbers), 1)
    return pd.DataFrame(
        {"label": pd.array(scale.labels, dtype="str"), "judgements": numbers, "share": [n / total for n in numbers]}
    )
