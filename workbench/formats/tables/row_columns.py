"""What the mapped columns say of each judgement but for its item and its label: who, when, how long, what was first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.dataset.annotation_set import KINDS
from workbench.errors import first_five
from workbench.findings import Finding, finding
from workbench.formats.records.date_order import kept_aside, order_told
from workbench.formats.records.shown_first import exchanged_rows, read_shown_first
from workbench.formats.records.times import (
    elapsed,
    names_milliseconds,
    names_reaction_time,
    order_in_doubt,
    to_moment,
    to_seconds,
)
from workbench.formats.tables.cells import hashable, keys, numbers, parsed, texts
from workbench.formats.tables.label_columns import plain_labels
from workbench.messages import by, message

_KINDS = {
    "human": "human",
    "crowd": "human",
    "worker": "human",
    "expert": "expert",
    "ai": "ai",
    "model": "ai",
    "llm": "ai",
    "machine": "ai",
    "judge": "ai",
}


def row_fields(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], name: str, notes: list[Finding]
) -> pd.DataFrame:
    """What the mapped columns say of each row, but for its item and its label: columns as in `Export.rows`."""
    rows = pd.DataFrame(index=pd.RangeIndex(len(table)))
    for field in ("annotator", "annotation_id", "batch"):
        if field in chosen:
            rows[field] = keys(table, chosen[field])
    for field in (f for f in chosen if f == "reason"):
        rows[field] = texts(table, chosen[field])
    for field in (f for f in chosen if f.startswith("dim.")):
        rows[field] = plain_labels(table[chosen[field][0]], field, notes)
    if "confidence" in chosen:
        rows["confidence"] = numbers(table[chosen["confidence"][0]], "confidence", notes)
    if "annotator_kind" in chosen:
        rows["annotator_kind"] = _kind(table[chosen["annotator_kind"][0]], notes)
    if "exchanged" in chosen:
        rows["shown_first"] = "a"  # of the row as it was shown
        exchanged = int(exchanged_rows(table[chosen["exchanged"][0]]).sum())
        notes.append(
            finding(
                "info",
                "sides-exchanged",
                f"{name}: {chosen['exchanged'][0]!r} says that the sides were shown exchanged in {exchanged:,} rows;"
                " their labels name the sides as shown, and are turned.",
                message("If they do not, say ", by("mapping", {"shown_first": chosen["exchanged"][0]}), "."),
                count=exchanged,
            )
        )
    elif "shown_first" in chosen:
        models = [keys(table, chosen[m]) if m in chosen else None for m in ("model_a", "model_b")]
        rows["shown_first"], note = read_shown_first(table[chosen["shown_first"][0]], *models)
        notes += note
    _times(rows, table, chosen, name, notes)
    return rows


def _times(
    rows: pd.DataFrame, table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], name: str, notes: list[Finding]
) -> None:
    written = {f: table[chosen[f][0]] for f in ("started_at", "ended_at") if f in chosen}
    # Cells of JSON may be lists, which cannot be told apart by value; they are no dates.
    texts_of = {
        f: v[[isinstance(x, str) for x in v]] if v.dtype == object else v
        for f, v in written.items()
        if not pd.api.types.is_datetime64_any_dtype(v.dtype)
    }
    doubts = {f: order_in_doubt(v.dropna().unique()) for f, v in texts_of.items()}
    told = next((first for f in doubts if doubts[f] and (first := order_told(texts_of[f].dropna()))), None)
    moments, found = _read_times(table, written, chosen, None if told is None else told == "day", name)
    for made, values in moments.items():
        rows[made] = values
    notes += found
    if not any(doubts.values()) or not moments:
        return
    field = max(doubts, key=lambda f: doubts[f])
    column = chosen[field][0]
    if told is not None:
        notes.append(
            finding(
                "info",
                "dates-read",
                f"{name}: {doubts[field]:,} dates in {column!r} were read with the {told} first, because they are in"
                " order of time that way only.",
                message("Say otherwise ", by("dates", value="month" if told == "day" else "day"), "."),
                count=doubts[field],
            )
        )
        return
    kept_aside(rows, pd.DataFrame(_read_times(table, written, chosen, True, name)[0]))
    some = texts_of[field].dropna().astype(str).unique()
    notes.append(
        finding(
            "warning",
            "dates-in-doubt",
            f"{name}: {doubts[field]:,} dates in {column!r} could have the day or the month first.",
            message("Say which ", by("dates", value="day"), " or ", by("dates", value="month"), "."),
            [column, *some.tolist()],
            count=doubts[field],
        )
    )


def _read_times(
    table: pd.DataFrame,
    written: Mapping[str, pd.Series],
    chosen: Mapping[str, Sequence[str]],
    day_first: bool | None,
    name: str,
) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """`ended_at` and `seconds`, where the columns hold them, and what had to be assumed."""
    moments, found = {}, []
    for field, values in written.items():
        plain = parsed(values, pa.timestamp("us", "UTC"), pa.timestamp("us"))
        moments[field] = to_moment(plain, day_first)
        missed = int((np.isnat(moments[field]) & values.notna().to_numpy(bool)).sum())
        if missed:
            found.append(
                finding(
                    "warning",
                    "unreadable-times",
                    f"{name}: {missed:,} values of {chosen[field][0]!r} are no times; they count as unknown.",
                    "Write times as ISO 8601.",
                    count=missed,
                )
            )
    made = {f: m for f, m in moments.items() if f == "ended_at"}
    if "seconds" in chosen:
        column = chosen["seconds"][0]
        measured = to_seconds(
            parsed(table[column], pa.float64()),
            milliseconds=names_milliseconds(column),
            reaction=names_reaction_time(column),
        )
    elif len(moments) == 2:
        measured = elapsed(moments["started_at"], moments["ended_at"])
    else:
        return made, found
    return made | {"seconds": measured.seconds}, [*found, *measured.findings]


def _kind(values: pd.Series, notes: list[Finding]) -> pd.Series:
    index, distinct = pd.factorize(values.astype(object).map(hashable, na_action="ignore"))
    named = [_KINDS.get(str(v).strip().casefold()) for v in distinct]
    unknown = [str(v) for v, k in zip(distinct, named, strict=True) if k is None]
    if unknown:
        notes.append(
            finding(
                "warning",
                "unknown-annotator-kinds",
                f"The kinds {first_five(unknown)} are none of {', '.join(KINDS)}; those annotators count as human.",
            )
        )
    return pd.Series(np.array([*(k or "human" for k in named), None], object)[index])
