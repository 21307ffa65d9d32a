"""The labels of a table: as they are spelled, or from who won, from scores of both sides, from the value that won.

What numbers mean is taken from the column's name, from a legend in it, or from scores of the two responses that stand
beside it in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from workbench.dataset.numeric_labels import both, readings, told_by_name, told_by_scores
from workbench.dataset.side_words import SKIP, clean
from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.records.remedies import OTHER_LABEL
from workbench.formats.records.roles import side_pairs
from workbench.formats.records.spoken_times import has_decimal_commas, with_points
from workbench.formats.tables.cells import cells, keys, spelled_labels, texts
from workbench.formats.tables.column_names import RANKS, SCORES, plain_name
from workbench.formats.tables.pair_columns import sides_by_value
from workbench.messages import by, message

MOST_WORDS, MOST_NUMBERS = 100, 200
"""A column with more different values than this holds no labels."""
_THINGS = ("response_a", "response_b", "model_a", "model_b")
_TIE_COLUMN = re.compile(r"(?:^|_)(?:tie|tied|draw|both_equal|equal|is_tie|both_good)(?:_|$)")
_TRUTHS = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}


def plain_labels(values: pd.Series, name: str, notes: list[Finding]) -> pd.Series:
    """A column of labels as they are spelled; decimal commas as points."""
    labels = spelled_labels(values)
    if labels.dtype == object or isinstance(labels.dtype, pd.StringDtype):
        distinct = labels.dropna().unique()
        if len(distinct) <= 10_000 and has_decimal_commas(v for v in distinct if clean(v) not in SKIP):
            labels = labels.map(with_points, na_action="ignore")
            notes.append(
                finding(
                    "info", "decimal-commas", f"{name!r} is read as numbers with a decimal comma.", count=len(labels)
                )
            )
    return labels


def won_against(chosen: Mapping[str, Sequence[str]], document: Document) -> dict[str, list[str]]:
    """A mapping with winner and loser in the places of the two sides; the sides are assigned by content later."""
    for field in ("winner", "loser"):
        if field not in chosen:
            raise WorkbenchError(
                f"{document.name}: winner and loser are mapped together, {field} is missing.",
                message("Name it ", by("mapping", {field: "COLUMN"}), "."),
            )
    models = "model" in plain_name(chosen["winner"][0]) and "item" in chosen
    sides = ("model_a", "model_b") if models else ("response_a", "response_b")
    rest = {f: list(c) for f, c in chosen.items() if f not in ("winner", "loser", *sides)}
    return rest | {side: list(chosen[f]) for side, f in zip(sides, ("winner", "loser"), strict=True)}


def from_scores(table: pd.DataFrame, a: str, b: str, notes: list[Finding]) -> pd.Series:
    """Which side has the better score: higher, or lower where the columns are ranks."""
    one, two = (
        pd.to_numeric(table[c].astype(object).map(with_points), errors="coerce").to_numpy(np.float64) for c in (a, b)
    )
    ranks = RANKS.search(plain_name(a)) is not None
    gap = np.sign(two - one) if ranks else np.sign(one - two)
    labels = np.select([gap > 0, gap < 0, gap == 0], ["A", "B", "="], default="").astype(object)
    labels[labels == ""] = None
    better = "the lower rank" if ranks else "the higher one"
    notes.append(
        finding(
            "info",
            "label-derived",
            f"The label is derived from {a!r} and {b!r}: {better} is better, equal ones are a tie.",
            OTHER_LABEL,
        )
    )
    return pd.Series(labels, dtype=object)


def named_winners(
    labels: pd.Series, table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], notes: list[Finding]
) -> pd.Series:
    """Labels that repeat the text, the file or the model of one side, as A and B."""
    for a, b in (_THINGS[:2], _THINGS[2:]):
        if a not in chosen or b not in chosen:
            continue
        one, two = (
            texts(table, chosen[f]) if f.startswith("response") else keys(table, chosen[f]).astype(object)
            for f in (a, b)
        )
        sided = sides_by_value(labels, one, two)
        if sided is not None:
            notes.append(
                finding(
                    "info",
                    "winner-by-value",
                    f"The labels name the winner by its value in {chosen[a][0]!r} or {chosen[b][0]!r}.",
                )
            )
            return sided
    return labels


def ties_in_a_column(labels: pd.Series, document: Document, notes: list[Finding]) -> pd.Series:
    """Labels with a tie where they are empty and a column of the file says that both are equal."""
    empty = labels.isna()
    if not empty.any():
        return labels
    for column in document.columns:
        if not _TIE_COLUMN.search(plain_name(column)):
            continue
        said = cells(document, [column])[column].map(lambda v: clean(v) in ("true", "1", "yes"), na_action="ignore")
        tie = said.fillna(False).astype(bool).reset_index(drop=True) & empty
        if tie.any() and not (said.fillna(False).astype(bool).reset_index(drop=True) & ~empty).any():
            notes.append(
                finding("info", "ties-by-column", f"{int(tie.sum()):,} rows without a winner are ties by {column!r}.")
            )
            return labels.astype(object).mask(tie, "=")
    return labels


def meaning_of_numbers(
    labels: pd.Series, name: str, responses: Sequence[str], document: Document, notes: list[Finding]
) -> tuple[pd.Series, dict[str, str]]:
    """The spelling of labels that are numbers, where something in the file tells what they mean; empty where nothing
    does, or they are no numbers.
    """
    distinct = [v for v in labels.dropna().unique() if clean(v) not in SKIP]
    spelled = {v: clean(v) for v in distinct}
    if distinct and set(spelled.values()) <= set(_TRUTHS):
        told = told_by_name(name, {_TRUTHS[s] for s in spelled.values()}, responses)
        if told is None:
            return labels, {}
        said = {truth: told[0].spelling().get(f"{value:g}", "") for truth, value in _TRUTHS.items()}
        return _told(labels, {t: m for t, m in said.items() if m}, told[0].says, told[1], notes)
    try:
        values = {float(s) for s in spelled.values()}
    except ValueError:
        return labels, {}
    ways = readings(values)
    if told := told_by_name(name, values, responses):
        return _told(labels, both(told[0]), told[0].says, told[1], notes)
    beside = _score_columns(document) if len(ways) > 1 and len(labels) == document.rows else None
    if beside is not None:
        numbers = pd.to_numeric(labels, errors="coerce").to_numpy(np.float64)
        one, two = (pd.to_numeric(v, errors="coerce").to_numpy(np.float64) for v in beside[1])
        reading = told_by_scores(ways, numbers, one, two)
        if reading is not None:
            why = f"the scores in {beside[0][0]!r} and {beside[0][1]!r} say so"
            return _told(labels, both(reading), reading.says, why, notes)
    return labels, {}


def _told(
    labels: pd.Series, spelling: dict[str, str], says: str, why: str, notes: list[Finding]
) -> tuple[pd.Series, dict[str, str]]:
    notes.append(
        finding(
            "info",
            "numbers-read",
            f"The numbers in the labels are read so: {says}, because {why}.",
            message("Say otherwise ", by("spelling", {"VALUE": "LABEL"}), "."),
        )
    )
    return labels, spelling


def _score_columns(document: Document) -> tuple[tuple[str, str], tuple[pd.Series, pd.Series]] | None:
    """Two columns of the file with a score of each side."""
    for a, b in side_pairs(document.columns):
        if SCORES.search(plain_name(a)) and not RANKS.search(plain_name(a)):
            table = cells(document, [a, b])
            if all(pd.to_numeric(table[c], errors="coerce").notna().mean() > 0.9 for c in (a, b)):
                return (a, b), (table[a], table[b])
    return None


def refuse_implausible(labels: pd.Series, name: str, document: Document) -> None:
    """Refuses a column that cannot hold labels.

    Raises
    ------
    WorkbenchError
        It has too many different values.
    """
    distinct = pd.Series(labels.dropna().unique()).astype(str).unique()
    numbers = pd.to_numeric(pd.Series(distinct[: MOST_NUMBERS + 1]), errors="coerce").notna().all()
    if len(distinct) > (MOST_NUMBERS if numbers else MOST_WORDS):
        raise WorkbenchError(
            f"{document.name}: {name!r} has {len(distinct):,} different values (such as {first_five(distinct[:5])}),"
            f" which cannot be labels.",
            message("Name the column with the labels ", by("mapping", {"label": "COLUMN"}), "."),
        )
