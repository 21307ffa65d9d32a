"""From what a format reader found to an `AnnotationSet`: identity, orientation, duplicates, repeats, gold, ledger.

A reader (`workbench/formats`) returns an `Export`: items as they were presented, and judgements that point at them, in
the export's own spelling. Everything that has to be the same for all formats happens here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.dataset.export import Export as Export
from workbench.dataset.hidden_ids import hide_ids
from workbench.dataset.item_identity import Identified, identify
from workbench.dataset.label_reading import label_findings, read_all_labels
from workbench.dataset.repeats import cells_of, duplicates, of_several, repeats
from workbench.dataset.scales import NULL, SCALES, LabelScale
from workbench.dataset.slots import slot_names, slots_among
from workbench.dataset.texts import TEXT_COLUMNS, HeldTexts
from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Fact, Finding, finding, told_once
from workbench.hashing import hidden_id
from workbench.messages import by, message


def assemble(
    exports: Sequence[Export],
    *,
    scale: LabelScale | None = None,
    spelling: Mapping[str, str] | None = None,
    keep_identical: bool = False,
    hash_annotators: bool = False,
) -> AnnotationSet:
    """Merges what the readers found into one annotation set.

    Parameters
    ----------
    exports : one or several; several merge on item ids where these agree, else on the content of the pair.
    scale, spelling : the user's own reading of the labels; by default each format's, or what the values show.
    keep_identical : keep items whose two responses are the same text (set aside with a finding otherwise).
    hash_annotators : replace annotator ids by hashes.

    Raises
    ------
    WorkbenchError
        No rows at all, rows without any identity, or files whose labels cannot stand on one scale.
    """
    items = pd.concat([e.items.assign(export=i) for i, e in enumerate(exports)], ignore_index=True)
    shift = np.cumsum([0, *(len(e.items) for e in exports)])
    rows = pd.concat(
        [_pointed(e, int(s)).assign(export=i) for i, (e, s) in enumerate(zip(exports, shift, strict=False))],
        ignore_index=True,
    )
    if len(items) == 0 or len(rows) == 0:
        raise WorkbenchError(
            f"{first_five(e.source for e in exports)}: no annotations were found (0 rows).",
            "Check that the right file was exported.",
        )
    refs = _references(exports, rows)
    who = identify(
        items,
        [e.source for e in exports],
        [e.gold_only for e in exports],
        lambda shown: refs(np.flatnonzero(np.isin(rows["item_row"], shown))),
    )
    read = read_all_labels(exports, items, rows, scale, dict(spelling or {}))
    label, gold, read_scale = read.label, read.gold, read.scale
    point = rows["item_row"].to_numpy()
    flipped = who.flipped[point]
    codes = np.where(flipped, read_scale.flip(label), label) if read_scale.has_sides and flipped.any() else label
    item_gold, gold_findings = _item_gold(
        np.where(who.flipped, read_scale.flip(gold), gold) if read_scale.has_sides else gold, who
    )

    annotator, ids, kinds, anonymous = _annotators(rows, who.item[point])
    slots = slots_among(ids) if anonymous is not None else frozenset()
    shown_ids = [n if n in slots else hidden_id(n) for n in ids] if hash_annotators else ids
    annotators = pd.DataFrame({"annotator": pd.array(shown_ids, dtype="str"), "kind": pd.array(kinds, dtype="str")})
    table = pd.DataFrame({"item": who.item[point].astype(np.int32), "annotator": annotator, "label": codes})
    either_way = _shown_either_way(who, flipped, point)
    table["shown_first"] = _shown_first(rows, flipped)
    table["seconds"] = _measures(rows["seconds"]) if "seconds" in rows else np.float32("nan")
    table["ended_at"] = _moments(rows)
    for column in ("confidence", "reason", "batch", *(c for c in rows if str(c).startswith("dim."))):
        if column in rows and rows[column].notna().any():
            turned = _turned(rows[column], flipped, read_scale) if str(column).startswith("dim.") else rows[column]
            table[column] = _measures(turned) if column == "confidence" else turned.array
    if read.both_bad.any():
        table["both_bad"] = read.both_bad
    if len(exports) > 1:
        names = list(dict.fromkeys(e.source for e in exports))
        of_export = np.array([names.index(e.source) for e in exports], np.int16)
        table["source"] = pd.Categorical.from_codes(of_export[rows["export"].to_numpy()], pd.Index(names, dtype="str"))

    keep = np.ones(len(table), bool)
    found: list[Finding] = told_once((e.source, e.findings) for e in exports) + who.findings + gold_findings
    set_aside: dict[str, int] = {}
    for e in exports:
        for reason, n in e.set_aside.items():
            set_aside[reason] = set_aside.get(reason, 0) + n
    alike = who.identical & ~np.array([e.distinct_responses for e in exports])[items["export"].to_numpy()[who.first]]
    if not keep_identical and alike.any():
        same = alike[table["item"].to_numpy()]
        keep &= ~same
        set_aside["identical responses"] = int(same.sum())
        found.append(
            finding(
                "warning",
                "identical-responses",
                f"{int(alike.sum()):,} items show the same response on both sides; their {int(same.sum()):,} judgements"
                " are set aside.",
                message("Keep them ", by("keep_identical", value=True), " if the export means something by them."),
                who.items["item_id"].to_numpy()[alike],
            )
        )
    key = cells_of(table)
    several = of_several(key)
    duplicate = duplicates(table, rows, key, several)
    if (duplicate & keep).any():
        set_aside["duplicate rows"] = int((duplicate & keep).sum())
        found.append(
            finding(
                "info",
                "duplicate-rows",
                f"{set_aside['duplicate rows']:,} rows repeat another row (same annotation id, or same annotator, item,"
                " label and time) and count once.",
                "Export each annotation once.",
                refs(np.flatnonzero(duplicate & keep)),
            )
        )
        keep &= ~duplicate
    found += label_findings(read, items, rows, refs)
    found += [note for note in (anonymous, either_way) if note is not None]

    if not keep.all():
        table, key, several = table.loc[keep].reset_index(drop=True), key[keep], several[keep]
    table["repeat"], unmarked = repeats(table, key, several)
    if len(unmarked):
        found.append(
            finding(
                "info",
                "unmarked-repeats",
                f"{len(unmarked):,} judgements repeat an annotator's earlier one of the same item with the same label"
                " and no time to tell them apart; they count as repeats.",
                "If they are copies, remove them from the export.",
                refs(np.flatnonzero(keep)[unmarked]),
            )
        )
    if len(table) == 0:
        raise WorkbenchError(
            f"{first_five(e.source for e in exports)}: all {len(rows):,} rows were set aside ({', '.join(set_aside)}).",
            "See what each reason means, and keep the rows if they are wanted.",
        )
    rows_read = len(rows) + sum(n for e in exports for n in e.set_aside.values())
    texts = pd.DataFrame({c: _texts(items, c, who.first) for c in TEXT_COLUMNS})
    who.items["words_prompt"], who.items["words_a"], who.items["words_b"] = (_words(texts[c]) for c in TEXT_COLUMNS)
    return AnnotationSet(
        items=who.items,
        annotators=annotators,
        annotations=table,
        gold=item_gold,
        scale=read_scale,
        texts=HeldTexts(texts),
        ledger=Ledger(rows_read, set_aside),
        findings=hide_ids(dict.fromkeys(found), ids, shown_ids),
        sources=tuple(e.source for e in exports),
        format="+".join(dict.fromkeys(e.format for e in exports)),
    )


def _turned(values: pd.Series, flipped: np.ndarray, scale: LabelScale) -> pd.Series:
    """A further dimension of the judgements: one in the labels of a preference scale turns with its item, any other
    stays.
    """
    if not flipped.any() or pd.api.types.is_numeric_dtype(values.dtype):
        return values
    index, distinct = pd.factorize(values)
    fitting = (s for s in (scale, *SCALES.values()) if s.has_sides and set(distinct) <= set(s.labels))
    of = next(fitting, None)
    if of is None:
        return values
    other = np.array([*(of.labels[len(of) - 1 - of.code(label)] for label in distinct), None], object)
    return values.where(~flipped, pd.Series(other[index], index=values.index))


def _pointed(export: Export, shift: int) -> pd.DataFrame:
    rows = export.rows
    here = rows["item_row"].to_numpy(np.int64) if "item_row" in rows else np.arange(len(rows), dtype=np.int64)
    return rows.assign(item_row=here + shift)


def _item_gold(gold: np.ndarray, who: Identified) -> tuple[np.ndarray, list[Finding]]:
    """One gold label an item; none where the export contradicts itself."""
    result = np.full(len(who.items), NULL, np.int8)
    known = np.flatnonzero((gold != NULL) & (who.item >= 0))
    result[who.item[known][::-1]] = gold[known][::-1]
    against = np.unique(who.item[known][result[who.item[known]] != gold[known]])
    if len(against) == 0:
        return result, []
    result[against] = NULL
    ids = who.items["item_id"].to_numpy()[against]
    return result, [
        finding(
            "warning",
            "gold-contradicts-itself",
            f"The gold of {counted(len(against), 'item')} contradicts itself and is not used.",
            "Decide which gold label is right.",
            ids,
        )
    ]


def _annotators(rows: pd.DataFrame, item: np.ndarray) -> tuple[np.ndarray, list[str], np.ndarray, Finding | None]:
    """Positions, ids and kinds of the annotators; rows without an id become numbered anonymous slots of their item."""
    ids = rows["annotator"] if "annotator" in rows else pd.Series([None] * len(rows), dtype=object)
    if isinstance(ids.dtype, pd.CategoricalDtype):
        codes, order = pd.factorize(ids.cat.codes.to_numpy().astype(np.int64))
        names = ids.cat.categories.append(pd.Index([None], dtype=object))[order]
    else:
        codes, names = pd.factorize(
            ids if isinstance(ids.dtype, pd.StringDtype) else ids.astype(object).map(str, na_action="ignore"),
            use_na_sentinel=False,
        )
    missing = np.append(pd.isna(names), False)[codes]
    note = None
    if missing.any():
        slot = pd.Series(item[missing]).groupby(item[missing]).cumcount().to_numpy() + 1
        text = pd.Series(np.asarray(names, dtype=object)[codes])
        text[missing] = slot_names(slot.tolist(), set(text[~missing]))
        codes, names = pd.factorize(text)
        note = finding(
            "info",
            Fact.NO_ANNOTATOR_IDS,
            f"{int(missing.sum()):,} judgements carry no annotator id; they were given the numbered slots of their"
            " item.",
            "Agreement is right; figures for a slot mix several people.",
            count=int(missing.sum()),
        )
    kind = np.full(len(names), "human", object)
    if "annotator_kind" in rows:
        first = pd.Series(rows["annotator_kind"].to_numpy()).groupby(codes).first()
        kind[first.index.to_numpy()] = first.fillna("human").to_numpy()
    named = [str(n) for n in names]
    return codes.astype(np.int32), named, kind, note


def _shown_either_way(who: Identified, flipped: np.ndarray, point: np.ndarray) -> Finding | None:
    """Says so where A and B hang on which row of an item comes first."""
    if not flipped.any():
        return None
    turned, straight = np.zeros(len(who.items), bool), np.zeros(len(who.items), bool)
    turned[who.item[point[flipped]]] = True
    straight[who.item[point[~flipped]]] = True
    both = np.flatnonzero(turned & straight)
    if len(both) < 2:  # one item turned moves nothing
        return None
    return finding(
        "info",
        "sides-either-way",
        f"{counted(len(both), 'item is', 'items are')} shown with the sides now one way round, now the other. A and B"
        " are as an item's first row has them, so agreement corrected for chance, ordinal alpha above all, moves with"
        " the order of the rows.",
        "Count each item in both orientations for a figure that does not: a switch on the Agreement page,"
        " Choice(symmetric=True) in Python.",
        who.items["item_id"].to_numpy()[both],
    )


def _shown_first(rows: pd.DataFrame, flipped: np.ndarray) -> np.ndarray:
    if "shown_first" not in rows:
        return np.full(len(rows), -1, np.int8)
    sides = {"a": 0, "b": 1, "A": 0, "B": 1, 0: 0, 1: 1}
    index, distinct = pd.factorize(rows["shown_first"])
    side = np.array([*(sides.get(v, -1) for v in distinct), -1], np.int8)[index]
    return np.where((side >= 0) & flipped, 1 - side, side).astype(np.int8)


def _measures(values: pd.Series) -> np.ndarray:
    """Numbers as float32; what is no number, or too large to be one, is NaN."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.abs(numbers) < 1e30, numbers, np.nan).astype(np.float32)


def _moments(rows: pd.DataFrame) -> np.ndarray:
    if "ended_at" not in rows:
        return np.full(len(rows), np.datetime64("NaT"), "datetime64[ms]")
    return rows["ended_at"].to_numpy("datetime64[ms]")


def _references(exports: Sequence[Export], rows: pd.DataFrame) -> Callable[[np.ndarray], list[str]]:
    def refer(positions: np.ndarray) -> list[str]:
        part = rows.iloc[positions[:1_000]]
        named = part.get("ref", part.index)
        listed = [f"{exports[e].source}:{r}" for e, r in zip(part["export"], named, strict=True)]
        return listed + [""] * (len(positions) - len(listed))

    return refer


def _texts(items: pd.DataFrame, column: str, first: np.ndarray) -> object:
    """Texts of the presentations that the items take theirs from."""
    if column not in items:
        return pd.array(pa.nulls(len(first), pa.large_string()), dtype="str")
    return pd.array(items[column].array.take(first), dtype="str")


def _words(column: pd.Series) -> np.ndarray:
    """Words of each text, -1 where there is none."""
    if column.isna().all():
        return np.full(len(column), -1, np.int32)
    texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    once = texts.dictionary_encode()  # a response of a ranking stands in many pairs, a prompt in all of its own
    counted = pc.count_substring_regex(once.dictionary, r"\S+").take(once.indices)
    return np.asarray(pc.fill_null(counted, -1)).astype(np.int32)
