"""What cleaning changes, as a table: every figure before and after, with its intervals and what random removals do to
it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.cleaning import Compared, Effect
from workbench.estimates import Estimate
from workbench.wording.numbers import number, percent, points


def effect_table(effect: Effect) -> pd.DataFrame:
    """Every figure before and after, with its change and the change at random.

    Returns
    -------
    One row a figure: `figure`, `before`, `after`, `change`, `at_random` (mean change), `random_low`, `random_high`
    (smallest and largest draw), and the 95% intervals `before_same_crew_low`, `..._high`, `before_new_crew_low`,
    `..._high`, the same of `after`, and `change_low`, `change_high`; NaN where undefined.
    """
    b, a, placebo = effect.before, effect.after, effect.placebo
    names: list[str] = []
    rows: list[dict[str, float]] = []

    def add(
        name: str,
        before: float | None,
        after: float | None,
        drawn: Compared | None = None,
        more: Mapping[str, float | None] | None = None,
    ) -> None:
        found: dict[str, float | None] = {
            "before": before,
            "after": after,
            "change": None if before is None or after is None else after - before,
        }
        if drawn:
            found |= {"at_random": drawn.mean, "random_low": min(drawn.changes), "random_high": max(drawn.changes)}
        names.append(name)
        rows.append({key: value for key, value in {**found, **(more or {})}.items() if value is not None})

    add("Judgements", b.annotations, a.annotations)
    add("Labels that count", b.labels, a.labels)
    add("Annotators", b.annotators, a.annotators)
    add("Items with a label", b.items, a.items, placebo.items_left if placebo else None)
    add("Items with two labels or more", b.overlapping, a.overlapping, placebo.overlapping if placebo else None)
    add("Labels per item", b.labels_per_item, a.labels_per_item, placebo.labels_per_item if placebo else None)
    alphas = effect.alpha_before, effect.alpha_after
    add("Krippendorff's alpha", alphas[0].value, alphas[1].value, placebo.alpha if placebo else None, _ends(*alphas))
    if effect.gold_before.value is not None:
        add(
            "Right sides on gold",
            effect.gold_before.value,
            effect.gold_after.value,
            None,
            _ends(effect.gold_before, effect.gold_after),
        )
        paired = effect.gold_change.same_crew
        between = {"change_low": paired.low, "change_high": paired.high} if paired else {}
        add(
            "Right sides on gold, same items",
            None,
            None,
            placebo.gold if placebo else None,
            {"change": effect.gold_change.value, **between},
        )
    columns = [c for c in _COLUMNS if c in _ALWAYS or any(c in row for row in rows)]
    return pd.DataFrame(
        {"figure": pd.array(names, dtype="str"), **{c: [row.get(c, math.nan) for row in rows] for c in columns}}
    )


NONE = "–"
_COUNTS = ("Judgements", "Labels that count", "Annotators", "Items with a label", "Items with two labels or more")
_ALWAYS = ("before", "after", "change", "at_random", "random_low", "random_high")
_COLUMNS = (
    *_ALWAYS,
    *(
        f"{when}_{crew}_crew_{end}"
        for when in ("before", "after")
        for crew in ("same", "new")
        for end in ("low", "high")
    ),
    "change_low",
    "change_high",
)


def _ends(before: Estimate, after: Estimate) -> dict[str, float | None]:
    """Both intervals of both, as columns."""
    crews = [
        (f"{when}_{crew}_crew", i)
        for when, e in (("before", before), ("after", after))
        for crew, i in (("same", e.same_crew), ("new", e.new_crew))
    ]
    return {f"{stem}_{end}": getattr(i, end) for stem, i in crews if i is not None for end in ("low", "high")}


def readable_table(effect: Effect, intervals: bool = False) -> pd.DataFrame:
    """The same as text, for people.

    Parameters
    ----------
    intervals : whether intervals follow as lines of their own, named by what they are about.
    """
    lines: list[tuple[str, str, str, str, str]] = []
    for row in effect_table(effect).to_dict("records"):
        name, drawn = row["figure"], _between(row, "random", signed=True)
        random = _text(name, row["at_random"], signed=True) + ("" if drawn == NONE else f" ({drawn})")
        lines.append(
            (
                name,
                _text(name, row["before"]),
                _text(name, row["after"]),
                _text(name, row["change"], signed=True),
                random,
            )
        )
        if intervals:
            for crew in ("same", "new"):
                ends = _between(row, f"before_{crew}_crew"), _between(row, f"after_{crew}_crew")
                if ends != (NONE, NONE):
                    lines.append((f"– {crew} crew, 95%", *ends, "", ""))
            change = _between(row, "change", signed=True)
            if change != NONE:
                lines.append(("– same crew, 95%", "", "", change, ""))
    return pd.DataFrame(lines, columns=["", "Before", "After", "Change", "Change at random"])


def _text(name: str, value: float, *, signed: bool = False) -> str:
    """A value of one figure: counts whole, shares in per cent and their changes in points, the rest with three
    decimals.
    """
    if math.isnan(value):
        return NONE
    sign = "+" if signed and value > 0 else ""
    if name in _COUNTS:
        return f"{sign}{value:,.0f}".replace("-", "−")
    if name.startswith("Right sides"):
        return sign + (points(value) if signed else percent(value, 1))
    return sign + number(value, 3)


def _between(row: Mapping[Any, Any], stem: str, *, signed: bool = False) -> str:
    """`low to high` of two columns of a row, or a dash."""
    low, high = row.get(f"{stem}_low", math.nan), row.get(f"{stem}_high", math.nan)
    if math.isnan(low):
        return NONE
    first, last = (_text(row["figure"], end, signed=signed) for end in (low, high))
    unit = last.partition(" ")[2]  # said once
    return f"{first.removesuffix(f' {unit}')} to {last}"
