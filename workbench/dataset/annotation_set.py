"""The one data structure: items, judgements of them, gold, the scale, and the ledger of what was set aside.

An `AnnotationSet` is never changed: a filter returns another one, with the reason and the count in its ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.dataset.clusters import joined
from workbench.dataset.scales import NULL, LabelScale
from workbench.dataset.slots import slots_among
from workbench.dataset.texts import Texts, empty_texts
from workbench.errors import WorkbenchError
from workbench.findings import Fact, Finding, known
from workbench.hashing import digest_of_arrays, digest_of_strings, hash_strings

KINDS = ("human", "expert", "ai")
"""What an annotator can be."""


@dataclass(frozen=True)
class Ledger:
    """What became of the rows of the export: read = used + skips + repeats + everything set aside.

    Attributes
    ----------
    rows_read : judgements and skips found in the export.
    set_aside : reason -> rows that are not among the annotations.
    steps : what was filtered later, in order: (reason, rows).
    """

    rows_read: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[tuple[str, int], ...] = ()

    def with_step(self, reason: str, rows: int) -> Ledger:
        """The ledger after one more filter."""
        return replace(
            self,
            set_aside={**self.set_aside, reason: self.set_aside.get(reason, 0) + rows},
            steps=(*self.steps, (reason, rows)),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Codes:
    """First judgements with a label, sorted by item: the integers every measure computes on.

    Attributes
    ----------
    item, annotator, label : int32, int32, int8, each of shape (n,), sorted by item, in time order within an item.
    row : int64 (n,): position of the judgement in `AnnotationSet.annotations`.
    starts : int64 (n_items + 1,): judgements of item i are `starts[i]:starts[i + 1]`.
    n_annotators, n_labels : how many annotators there are, and labels on the scale.
    ids : of the items, (n_items,), where these are items of a set as it is.
    """

    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    row: np.ndarray
    starts: np.ndarray
    n_annotators: int
    n_labels: int
    ids: pd.Series | None = None

    @property
    def n_items(self) -> int:
        """Number of items, with or without judgements."""
        return len(self.starts) - 1

    def __len__(self) -> int:
        return len(self.item)

    def of_rows(self, values: np.ndarray) -> np.ndarray:
        """What a column of `AnnotationSet.annotations` holds for these judgements, (n,)."""
        return values if self._all_rows and len(values) == len(self) else values[self.row]

    @cached_property
    def keys(self) -> np.ndarray:
        """A random number for each item that only its id decides, uint64 (n_items,); by position where there are no
        ids.
        """
        if self.ids is None:
            return np.random.default_rng(0).integers(0, 1 << 64, self.n_items, np.uint64)
        return hash_strings(self.ids, distinct=True)

    @cached_property
    def _all_rows(self) -> bool:
        return bool((self.row == np.arange(len(self))).all())


@dataclass(frozen=True, eq=False)
class SharedGroups:
    """Groups of two items or more: group g holds `items[starts[g]:starts[g + 1]]`.

    Attributes
    ----------
    items : int64: positions of their items, group after group.
    starts : int64 (G + 1,).
    """

    items: np.ndarray
    starts: np.ndarray


def shared_groups(codes: np.ndarray) -> SharedGroups | None:
    """The groups of two items or more among the group numbers of all items; None where there are none.

    >>> shared_groups(np.array([4, 1, 4, 2])).items.tolist()
    [0, 2]
    """
    size = np.bincount(codes, minlength=1)
    several = np.flatnonzero(size[codes] > 1)
    if len(several) == 0:
        return None
    items = several[np.argsort(codes[several], kind="stable")]
    return SharedGroups(items, np.concatenate([[0], np.cumsum(size[size > 1])]))


@dataclass(frozen=True, eq=False, kw_only=True)
class AnnotationSet:
    """Annotations of one export, or of several merged.

    Attributes
    ----------
    items : one row an item, without its texts: `item_id`, `pair_id` (the unordered pair of responses, 16 hex digits),
        `pair_flipped` (whether A and B stand the other way round than in the first item of that pair), `prompt_key`,
        `key_a`, `key_b` (64-bit hashes of prompt and responses, 0 = unknown: what tells that two items share one),
        `group`, `model_a`, `model_b`, `words_prompt`, `words_a`, `words_b` (-1 where there is no text) and `slice.NAME`
        columns. A and B are as the item's first row in the export showed them.
    annotators : one row an annotator: `annotator` (its id) and `kind` (human, expert or ai).
    annotations : one row a judgement: `item` and `annotator` (positions in the two tables above), `label` (code in the
        item's orientation, -1 = none), `shown_first` (0 = A, 1 = B, -1 = unknown), `seconds` (NaN = unknown),
        `ended_at` (NaT = unknown), `repeat` (0 = this annotator's first judgement of the item, -1 = without a label),
        and where the export has them `confidence`, `reason`, `both_bad`, `batch`, `source` and `dim.NAME` columns.
    gold : int array (n_items,): code of the known right label, -1 where there is none.
    scale : the labels in order.
    texts : prompt and responses, read when shown.
    ledger, findings, sources, format : what was read, from where, and what is wrong with it.
    """

    items: pd.DataFrame
    annotators: pd.DataFrame
    annotations: pd.DataFrame
    gold: np.ndarray
    scale: LabelScale
    texts: Texts
    ledger: Ledger = field(default_factory=Ledger)
    findings: tuple[Finding, ...] = ()
    sources: tuple[str, ...] = ()
    format: str = ""

    def __post_init__(self) -> None:
        if len(self.gold) != len(self.items) or len(self.texts) != len(self.items):
            raise ValueError(
                f"gold ({len(self.gold)}), texts ({len(self.texts)}) and items ({len(self.items)}) must have the same"
                " length"
            )

    @cached_property
    def key(self) -> str:
        """Content hash: the same content has the same key, whatever file it came from."""
        numbers = [
            "item",
            "annotator",
            "label",
            "shown_first",
            "seconds",
            "ended_at",
            "repeat",
            "confidence",
            "both_bad",
        ]
        strings = ["reason", "batch", *sorted(str(c) for c in self.annotations if str(c).startswith("dim."))]
        rows = self.annotations
        arrays = [rows[c].to_numpy() for c in numbers if c in rows] + [self.gold.astype(np.int32)]
        arrays = [a.astype("datetime64[ms]").astype(np.int64) if a.dtype.kind == "M" else a for a in arrays]
        item_text = [
            self.items[c]
            for c in ["item_id", "pair_id", "group", "model_a", "model_b", *self.slices]
            if c in self.items
        ]
        row_text = [_as_text(rows[c]) for c in strings if c in rows]
        text = [
            pd.Series(self.scale.labels),
            self.annotators["annotator"],
            self.annotators["kind"],
            *item_text,
            *row_text,
        ]
        return digest_of_strings([pd.Series([digest_of_arrays(arrays), digest_of_strings(text), self.texts.digest])])

    @cached_property
    def codes(self) -> Codes:
        """First judgements with a label, sorted by item."""
        rows = self.annotations
        label = rows["label"].to_numpy()
        used = np.flatnonzero((label != NULL) & (rows["repeat"].to_numpy() == 0))
        item = rows["item"].to_numpy()[used]
        if len(item) and (np.diff(item) < 0).any():
            used = used[np.argsort(item, kind="stable")]
            item = rows["item"].to_numpy()[used]
        starts = np.zeros(len(self.items) + 1, np.int64)
        np.cumsum(np.bincount(item, minlength=len(self.items)), out=starts[1:])
        return Codes(
            item=item.astype(np.int32),
            annotator=rows["annotator"].to_numpy()[used].astype(np.int32),
            label=label[used],
            row=used,
            starts=starts,
            n_annotators=len(self.annotators),
            n_labels=len(self.scale),
            ids=self.items.get("item_id"),
        )

    @cached_property
    def group_codes(self) -> np.ndarray | None:
        """Cluster of each item as an integer (n_items,), or None where no cluster holds several items.

        Items of one group stand and fall together, and so do items with one prompt, whatever groups they are in: within
        a mapped group the prompt still binds. An item with neither is a cluster of its own. One prompt that all items
        share is an instruction, and ties nothing together.
        """
        if len(self.items) == 0:
            return None
        links = [pd.factorize(self.items["group"])[0]] if "group" in self.items else []
        if "prompt_key" in self.items:
            prompt = self.items["prompt_key"].to_numpy()
            if (prompt != prompt[0]).any():
                links.append(np.where(prompt == 0, -1, pd.factorize(prompt)[0]))
        if not links:
            return None
        codes = joined(*links)
        return codes if codes.max(initial=0) + 1 < len(codes) else None

    @cached_property
    def shared_groups(self) -> SharedGroups | None:
        """The groups that hold several items, or None where none does."""
        return None if self.group_codes is None else shared_groups(self.group_codes)

    @property
    def slices(self) -> list[str]:
        """Names of the slice columns of `items`, with their prefix."""
        return [str(column) for column in self.items.columns if str(column).startswith("slice.")]

    @property
    def has_pairs(self) -> bool:
        """Whether the labels compare two responses (otherwise they are ratings or categories of one thing)."""
        return self.scale.has_sides

    @property
    def anonymous(self) -> bool:
        """Whether judgements carry no annotator ids, so that figures for an annotator mix several people."""
        return known(Fact.NO_ANNOTATOR_IDS, self.findings)

    @property
    def slots(self) -> frozenset[str]:
        """Names of annotators that stand for people without ids: not one person each."""
        return slots_among(self.annotators["annotator"].tolist()) if self.anonymous else frozenset()

    def item_texts(self, items: np.ndarray | None = None) -> pd.DataFrame:
        """Prompt, response A and response B of these items, by position."""
        return self.texts.frame(items)

    def keep_annotations(self, kept: np.ndarray, reason: str) -> AnnotationSet:
        """The set with only some judgements.

        Parameters
        ----------
        kept : bool (n_annotations,): which judgements stay. Items and annotators keep their positions.
        reason : why the others are set aside; it and their count go into the ledger.
        """
        mask = np.asarray(kept, bool)
        if mask.shape != (len(self.annotations),):
            raise ValueError(f"kept has shape {mask.shape}, there are {len(self.annotations)} annotations")
        rows = self.annotations.loc[mask].reset_index(drop=True)
        return replace(self, annotations=rows, ledger=self.ledger.with_step(reason, int((~mask).sum())))

    def with_findings(self, *findings: Finding) -> AnnotationSet:
        """The set with more findings."""
        return replace(self, findings=(*self.findings, *findings))

    def with_texts(self, texts: Texts) -> AnnotationSet:
        """The set with other texts of the same items."""
        return replace(self, texts=texts)

    def without_texts(self) -> AnnotationSet:
        """The set with no texts at all, to be passed on where texts must not go."""
        return replace(self, texts=empty_texts(len(self.items)))

    def rows(self, positions: np.ndarray | None = None) -> pd.DataFrame:
        """Judgements as a person reads them: ids and labels in words instead of codes.

        Parameters
        ----------
        positions : rows of `annotations`; all by default.
        """
        part = self.annotations if positions is None else self.annotations.iloc[np.asarray(positions)]
        names = np.array([*self.scale.labels, None], object)
        sides = np.array(["A", "B", None], object)
        readable = pd.DataFrame(
            {
                "item_id": self.items["item_id"].to_numpy()[part["item"].to_numpy()],
                "annotator": self.annotators["annotator"].to_numpy()[part["annotator"].to_numpy()],
                "label": names[part["label"].to_numpy()],
                "shown_first": sides[part["shown_first"].to_numpy()],
            }
        )
        for column in part.columns.difference(["item", "annotator", "label", "shown_first"], sort=False):
            readable[str(column)] = part[column].to_numpy()
        return readable

    def item_position(self, item_id: str) -> int:
        """Position of an item by its id.

        Raises
        ------
        WorkbenchError
            There is no such item.
        """
        found = np.flatnonzero(self.items["item_id"].to_numpy() == item_id)
        if len(found) == 0:
            raise WorkbenchError(f"There is no item {item_id!r} in this data.", "Look the id up on the Items page.")
        return int(found[0])


def _as_text(column: pd.Series) -> pd.Series:
    """A column as strings, nulls kept; of categories each is written once and not once a row."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype("object").map(str, na_action="ignore").astype("object")
    codes = column.cat.codes.to_numpy()
    names = pa.array([str(name) for name in column.cat.categories], pa.large_string())
    return pd.Series(pd.arrays.ArrowExtensionArray(names.take(pa.array(codes, mask=codes < 0))))
