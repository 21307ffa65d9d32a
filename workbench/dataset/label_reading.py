"""Labels and golds of all files together, read onto one scale, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.common_scale import common_scale, recode
from workbench.dataset.export import Export
from workbench.dataset.numeric_labels import Reading, Unclear, both, told_by_name, told_by_the_tie
from workbench.dataset.scales import MOST_LABELS, NULL, LabelScale
from workbench.dataset.side_words import clean
from workbench.dataset.spellings import ReadLabels, read_labels
from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding
from workbench.messages import by, example, message

_SLIPS, _SLIPS_IN_A_GUESS = (3, 0.1), (2, 0.02)
"""Labels that are not understood are asked about from so many on, and from this share of them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadAll:
    """All labels and golds on one scale: arrays over rows, golds over presentations of items."""

    label: np.ndarray
    gold: np.ndarray
    scale: LabelScale
    skipped: np.ndarray
    unreadable: np.ndarray
    both_bad: np.ndarray
    unreadable_gold: np.ndarray
    how: list[str]


def read_all_labels(
    exports: Sequence[Export],
    items: pd.DataFrame,
    rows: pd.DataFrame,
    scale: LabelScale | None,
    spelling: dict[str, str],
) -> ReadAll:
    """Reads labels and golds; files of one kind are read together, so that 1 and 2 mean the same in a file that holds
    no 5.

    A file of gold alone is read as the first of the others is.
    """
    model = next((e for e in exports if not e.gold_only), exports[0])
    groups: dict[tuple, list[int]] = {}
    for i, export in enumerate(exports):
        like = model if export.gold_only else export
        of_items = items.loc[items["export"].to_numpy() == exports.index(like)]
        sides = has_sides(like, of_items) if like.sides is None else like.sides
        groups.setdefault((like.format, like.scale, sides, tuple(sorted(like.spelling.items()))), []).append(i)
    of_rows, of_items = rows["export"].to_numpy(), items["export"].to_numpy()
    row_codes, item_codes = np.full(len(rows), NULL, np.int32), np.full(len(items), NULL, np.int32)
    skipped, unreadable, both_bad = (np.zeros(len(rows), bool) for _ in range(3))
    unreadable_gold = np.zeros(len(items), bool)
    parts: list[tuple[np.ndarray, np.ndarray, LabelScale]] = []
    how = []
    for (_, fixed, sides, spelled), members in groups.items():
        here, there = np.flatnonzero(np.isin(of_rows, members)), np.flatnonzero(np.isin(of_items, members))
        label = rows["label"].iloc[here] if "label" in rows else pd.Series([None] * len(here), dtype=object)
        values, point = label.reset_index(drop=True), rows["item_row"].to_numpy()[here]
        with_gold = "gold" in items and items["gold"].iloc[there].notna().any()
        if with_gold:
            values = pd.concat([label.astype(object), items["gold"].iloc[there].astype(object)], ignore_index=True)
            point = np.concatenate([point, there])
        models = {
            c: items[c].iloc[point].reset_index(drop=True) for c in ("model_a", "model_b") if c in items and sides
        }
        told = {**dict(spelled), **spelling}
        read = read_labels(values, sides=sides, scale=scale or fixed, spelling=told, **models)
        if read.readings and fixed is None and (scale is None or len(scale) <= 3):
            reading, why = _settled(exports[members[0]], read, values, point)
            read = read_labels(values, sides=sides, scale=scale, spelling=both(reading) | told, **models)
            how.append(f"The numbers were read so: {reading.says}, because {why}.")
        _ask_about_unknown(exports[members[0]], read, values, any(exports[i].guessed for i in members))
        n = len(here)
        row_codes[here], skipped[here], unreadable[here], both_bad[here] = (
            read.codes[:n],
            read.skipped[:n],
            read.unreadable[:n],
            read.both_bad[:n],
        )
        if with_gold:
            item_codes[there], unreadable_gold[there] = read.codes[n:], read.unreadable[n:]
        parts.append((here, there, read.scale))
        how.append(read.how)
    common = scale or common_scale([s for *_, s in parts], [exports[members[0]].source for members in groups.values()])
    if len(common) > MOST_LABELS:
        raise WorkbenchError(
            f"{first_five(e.source for e in exports)}: the label column holds {len(common):,} different values"
            f" ({first_five(common.labels)}), more than {MOST_LABELS}: a measurement or a text, and no label.",
            "Name the column of the labels, or put scores into a few steps first.",
        )
    for here, there, own in parts:
        row_codes[here], item_codes[there] = (
            recode(row_codes[here], own, common),
            recode(item_codes[there], own, common),
        )
    return ReadAll(
        label=row_codes.astype(np.int8),
        gold=item_codes.astype(np.int8),
        scale=common,
        skipped=skipped,
        unreadable=unreadable,
        both_bad=both_bad,
        unreadable_gold=unreadable_gold,
        how=list(dict.fromkeys(how)),
    )


def _settled(export: Export, read: ReadLabels, values: pd.Series, item: np.ndarray) -> tuple[Reading, str]:
    """The reading of numbers that the label's name decides, or the spread of the tie over items (n,), and why.

    Raises
    ------
    Unclear
        It decides nothing.
    """
    numbers = {float(value) for value in read.readings[0].strengths}
    if told := told_by_name(export.label_name, numbers):
        return told
    as_numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    if tied := told_by_the_tie(read.readings, as_numbers, item):
        return tied, "its two sides meet on the same items less often than either meets the tie"
    ways = []
    for way in read.readings:
        spelling = both(way)
        shown = read_labels(values, sides=True, spelling=spelling)
        counts = {name: int((shown.codes == code).sum()) for code, name in enumerate(shown.scale.labels)}
        truths = bool(values.dropna().map(lambda v: clean(v) in ("true", "false")).any())
        ways.append((way.says, way.spelling(truths), counts))
    raise Unclear(export.source, export.label_name, ways)


def _ask_about_unknown(export: Export, read: ReadLabels, values: pd.Series, guessed: bool) -> None:
    """Asks about words that are no labels, where they are too many to be slips: sooner where columns were guessed."""
    known = values.notna().to_numpy(bool) & ~read.skipped
    unknown = read.unreadable & known
    least, share = _SLIPS_IN_A_GUESS if guessed else _SLIPS
    if unknown.sum() < max(least, share * known.sum()):
        return
    words = pd.unique(values[unknown].astype(str))
    counts = values[unknown].astype(str).value_counts()
    raise WorkbenchError(
        f"{export.source}: {int(unknown.sum()):,} of {int(known.sum()):,} labels"
        f"{f' in {export.label_name!r}' if export.label_name else ''} are not understood"
        f" ({first_five(f'{word} {counts[word]:,} times' for word in words)}).",
        message(
            "Say what they mean, ",
            example("spelling", {str(words[0])[:60]: "="}),
            " for a tie, or name another column ",
            by("mapping", {"label": "COLUMN"}),
            ".",
        ),
    )


def has_sides(export: Export, items: pd.DataFrame) -> bool:
    """Whether a file's labels choose between two responses: where its scale says so, or its items have two."""
    if export.scale is not None:
        return export.scale.has_sides
    return any(c in items and items[c].notna().any() for c in ("response_b", "model_b"))


def label_findings(
    read: ReadAll, items: pd.DataFrame, rows: pd.DataFrame, refs: Callable[[np.ndarray], list[str]]
) -> list[Finding]:
    """How the labels were read, and the rows whose label or gold could not be."""
    found = [finding("info", "labels-read", how) for how in read.how]
    shown = ", ".join(read.scale.labels[:9])
    unreadable = np.flatnonzero(read.unreadable)
    if len(unreadable):
        values = pd.unique(rows["label"].iloc[unreadable].astype(str))
        found.append(
            finding(
                "warning",
                "unreadable-labels",
                f"{counted(len(unreadable), 'label is', 'labels are')} not on the scale {shown} (such as"
                f" {first_five(values)}); counted as missing, not as ties.",
                message("Say what they mean ", by("spelling", {"VALUE": "LABEL"}), ", or in the column mapping."),
                refs(unreadable),
            )
        )
    gold = np.flatnonzero(read.unreadable_gold)
    if len(gold):
        values = pd.unique(items["gold"].iloc[gold].astype(str))
        found.append(
            finding(
                "warning",
                "unreadable-gold",
                f"{counted(len(gold), 'gold label is', 'gold labels are')} not on the scale {shown} (such as"
                f" {first_five(values)}); no gold is taken from there.",
                message("Say what they mean ", by("spelling", {"VALUE": "LABEL"}), "."),
                count=len(gold),
            )
        )
    skipped = np.flatnonzero(read.skipped)
    if len(skipped):
        found.append(
            finding(
                "info",
                "skips",
                f"{len(skipped):,} rows are skips or have no label; they count as missing, not as ties.",
                "",
                refs(skipped),
            )
        )
    return found
