"""Which presentations are the same item, which are the same pair, and which show the sides the other way round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding
from workbench.hashing import hash_strings
from workbench.messages import by, message


@dataclass(frozen=True, eq=False)
class Identified:
    """Items found among n presentations.

    Attributes
    ----------
    item : int64 (n,): position of the item of each presentation; -1 where a gold row has no item.
    flipped : bool (n,): the presentation shows A and B the other way round than the item's first one.
    first : int64 (n_items,): the presentation whose texts and sides are the item's.
    identical : bool (n_items,): both responses are the same text.
    items : the items table of an `AnnotationSet`.
    """

    item: np.ndarray
    flipped: np.ndarray
    first: np.ndarray
    identical: np.ndarray
    items: pd.DataFrame
    findings: list[Finding]


def identify(
    shown: pd.DataFrame,
    sources: Sequence[str],
    gold_only: Sequence[bool],
    where: Callable[[np.ndarray], Sequence[str]] | None = None,
) -> Identified:
    """Joins presentations into items.

    Parameters
    ----------
    shown : presentations of all files, with a column `export` (position of the file).
    sources : file names.
    gold_only : which files hold only gold; a presentation there that matches no item makes none.
    where : names the rows behind some presentations, for messages.

    Raises
    ------
    WorkbenchError
        A presentation has neither an id nor a content.
    """
    a, b, prompt, pair = _sides(shown)
    export = shown["export"].to_numpy()
    found: list[Finding] = []
    code, names = _names(shown, pair, sources, where)
    code, names, notes = _agree(code, names, pair, export)
    found += notes
    item, order = pd.factorize(code)
    distinct = names[order]
    if any(gold_only):
        item, distinct, notes = _drop_unmatched_gold(item, distinct, np.asarray(gold_only)[export])
        found += notes
    first, with_content = _first_rows(item, len(distinct), pair, np.asarray(gold_only)[export])
    ok = item >= 0
    flipped = np.zeros(len(shown), bool)
    reference = with_content[item[ok]]
    flipped[ok] = (a[ok] == b[reference]) & (b[ok] == a[reference]) & (a[ok] != b[ok]) & (a[ok] != 0)
    if "exchanged" in shown:
        flipped ^= shown["exchanged"].fillna(False).to_numpy(bool)

    items = pd.DataFrame({"item_id": pd.Series(distinct, dtype="str").array})
    pair_id, pair_flipped = _pairs(pair[with_content], a[with_content], items["item_id"])
    items["pair_id"], items["pair_flipped"] = pd.array(pair_id, dtype="str"), pair_flipped
    for column in ("group", "model_a", "model_b"):
        if column in shown and shown[column].notna().any():
            items[column] = _text(shown[column]).array.take(with_content)
    items["prompt_key"], items["key_a"], items["key_b"] = prompt[with_content], a[with_content], b[with_content]
    for column in (str(c) for c in shown if str(c).startswith("slice.")):
        items[column] = pd.Categorical(_text(shown[column]).array.take(first))
    same = (a == b) & (a != 0) & _has_text(shown)
    return Identified(item, flipped, with_content, same[with_content], items, found)


def _text(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = _text(pd.Series(column.cat.categories)).array
        return pd.Series(
            categories.take(column.cat.codes.to_numpy(), allow_fill=True), index=column.index, name=column.name
        )
    return column.map(lambda v: v if isinstance(v, str) else str(v), na_action="ignore").astype("str")


def pair_hashes(shown: pd.DataFrame) -> np.ndarray:
    """What tells two unordered pairs of responses apart, uint64 (n,); 0 where a response is unknown."""
    return _sides(shown)[3]


def _sides(shown: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hashes of the two sides, of the prompt, and of the unordered pair; 0 = unknown."""
    n = len(shown)
    a, b = np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    by_model = np.zeros(n, bool)
    for left, right in (("response_a", "response_b"), ("model_a", "model_b")):
        if left in shown and right in shown:
            unknown = (a == 0) | (b == 0)
            if unknown.any():
                a[unknown] = hash_strings(_text(shown[left]))[unknown]
                b[unknown] = hash_strings(_text(shown[right]))[unknown]
            by_model = unknown if left == "model_a" else by_model
    prompt = hash_strings(_text(shown["prompt"])) if "prompt" in shown else np.zeros(n, np.uint64)
    if "group" in shown:
        prompt = np.where(prompt == 0, hash_strings(_text(shown["group"])), prompt)
    if "item_id" in shown and (unasked := by_model & (prompt == 0)).any():
        # Two models are no content: it is the question that tells one pair of theirs from the next.
        prompt = np.where(unasked, hash_strings(_text(shown["item_id"])), prompt)
    known = (a != 0) & (b != 0)
    with np.errstate(over="ignore"):
        mixed = (
            (a + b) * np.uint64(0x9E3779B97F4A7C15)
            + (a ^ b) * np.uint64(0xC2B2AE3D27D4EB4F)
            + prompt * np.uint64(0x165667B19E3779F9)
        )
    return a, b, prompt, np.where(known, np.maximum(mixed, np.uint64(1)), np.uint64(0))


def _has_text(shown: pd.DataFrame) -> np.ndarray:
    if "response_a" not in shown or "response_b" not in shown:
        return np.zeros(len(shown), bool)
    return (shown["response_a"].notna() & shown["response_b"].notna()).to_numpy(bool)


def _names(
    shown: pd.DataFrame, pair: np.ndarray, sources: Sequence[str], where: Callable[[np.ndarray], Sequence[str]] | None
) -> tuple[np.ndarray, pd.Index]:
    """The id of each presentation as a code, and what the codes stand for; without an id, the pair is it."""
    if "item_id" in shown:
        code, names = _coded(shown["item_id"])
    else:
        code, names = np.full(len(shown), -1, np.int64), pd.Index([], dtype="str")
    missing = code < 0
    if missing.any():
        nameless = np.flatnonzero(missing & (pair == 0))
        if len(nameless):
            rows = (where(nameless) if where else []) or [
                sources[int(e)] for e in pd.unique(shown["export"].to_numpy()[nameless])
            ]
            raise WorkbenchError(
                f"{len(nameless):,} items have neither an id nor two responses ({first_five(rows)}).",
                message("Map the column that names the item, ", by("mapping", {"item": "COLUMN"}), "."),
            )
        of_pair, pairs = pd.factorize(pair[missing])
        code[missing] = of_pair + len(names)
        names = names.append(pd.Index([f"pair-{p}" for p in _hexadecimal(pairs)], dtype="str"))
    return code, names


def _coded(ids: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Codes of ids, -1 for null, and the distinct ids as text."""
    if isinstance(ids.dtype, pd.CategoricalDtype) and isinstance(ids.cat.categories.dtype, pd.StringDtype):
        return ids.cat.codes.to_numpy(np.int64), ids.cat.categories
    if isinstance(ids.dtype, pd.CategoricalDtype):
        of_category, names = _coded(pd.Series(ids.cat.categories))
        return np.append(of_category, -1)[ids.cat.codes.to_numpy()], names
    code, distinct = pd.factorize(_text(ids))
    return code.astype(np.int64), pd.Index(distinct, dtype="str")


def _agree(
    code: np.ndarray, names: pd.Index, pair: np.ndarray, export: np.ndarray
) -> tuple[np.ndarray, pd.Index, list[Finding]]:
    """Codes by which presentations are one item: of the ids, or of the content where the ids of several files
    disagree.
    """
    known = np.flatnonzero(pair != 0)
    if len(known) == 0:
        return code, names, []
    of_pair, _ = pd.factorize(pair[known])
    n_pairs = int(of_pair.max()) + 1
    meaning, distinct = pd.factorize(
        code[known] * n_pairs + of_pair
    )  # an id and a pair it stands for, in order of appearance
    name_of, pair_of = distinct // n_pairs, distinct % n_pairs
    several = np.bincount(name_of, minlength=len(names)) > 1
    if len(np.unique(export[known])) > 1:
        clash = _ids_that_clash(meaning, name_of, several, export[known])
        disagree = _pairs_named_differently(meaning, pair_of, export[known])
        if clash or disagree:
            merged, own = _by_content(code, names, known, of_pair, export)
            note = finding(
                "info",
                "merged-on-content",
                f"The item ids of the files do not agree ({disagree or clash:,}"
                f" {'pairs have several ids' if disagree else 'ids mean several pairs'}); items were merged on prompt"
                " and responses instead.",
                "Nothing to do if the files come from different projects.",
            )
            return merged, own, [note]
    if not several.any():
        return code, names, []
    number = pd.Series(name_of).groupby(name_of).cumcount().to_numpy()
    extra = np.flatnonzero(number > 0)
    renamed = np.full(len(distinct), -1, np.int64)
    renamed[extra] = len(names) + np.arange(len(extra))
    split = code.copy()
    split[known] = np.where(renamed[meaning] >= 0, renamed[meaning], code[known])
    added = pd.Index([f"{names[n]}#{k + 1}" for n, k in zip(name_of[extra], number[extra], strict=True)], dtype="str")
    ids = names[np.flatnonzero(several)]
    return (
        split,
        names.append(added),
        [
            finding(
                "warning",
                "id-of-several-pairs",
                f"{len(ids):,} item ids stand for more than one pair of responses; each pair became an item of its own"
                " (#2, #3, ...).",
                "Check the id column of the export.",
                ids,
            )
        ],
    )


def _ids_that_clash(meaning: np.ndarray, name_of: np.ndarray, several: np.ndarray, export: np.ndarray) -> int:
    """Ids that stand for one pair in one file and for another in another file."""
    table = pd.DataFrame({"name": name_of[meaning], "export": export})[several[name_of[meaning]]]
    return int(table.drop_duplicates().groupby("name").size().gt(1).sum())


def _pairs_named_differently(meaning: np.ndarray, pair_of: np.ndarray, export: np.ndarray) -> int:
    """Pairs of several files whose ids there are not the same."""
    table = pd.DataFrame({"meaning": meaning, "export": export}).drop_duplicates()
    table["pair"] = pair_of[table["meaning"].to_numpy()]
    files = table.groupby("pair")["export"].transform("nunique")
    in_files = table.groupby("meaning")["export"].transform("nunique")
    return int(table.loc[files != in_files, "pair"].nunique())


def _by_content(
    code: np.ndarray, names: pd.Index, known: np.ndarray, of_pair: np.ndarray, export: np.ndarray
) -> tuple[np.ndarray, pd.Index]:
    """Each pair under the id it had first; where that id is taken by another pair, with the number of its file
    (`7@2`).
    """
    first = np.full(int(of_pair.max()) + 1, -1, np.int64)
    first[of_pair[::-1]] = known[::-1]
    taken: set[str] = set()
    own: list[str] = []
    codes = np.empty(len(first), np.int64)
    for i, row in enumerate(first.tolist()):
        name = str(names[code[row]])
        if name in taken:
            wanted = name = f"{name}@{int(export[row]) + 1}"
            number = 1
            while name in taken:
                number += 1
                name = f"{wanted}#{number}"
            codes[i] = len(names) + len(own)
            own.append(name)
        else:
            codes[i] = code[row]
        taken.add(name)
    merged = code.copy()
    merged[known] = codes[of_pair]
    return merged, names.append(pd.Index(own, dtype="str"))


def _drop_unmatched_gold(
    item: np.ndarray, distinct: pd.Index, is_gold: np.ndarray
) -> tuple[np.ndarray, pd.Index, list[Finding]]:
    judged = np.unique(item[~is_gold])
    unmatched = np.setdiff1d(np.unique(item), judged)
    renumber = np.full(len(distinct), -1, np.int64)
    renumber[judged] = np.arange(len(judged))
    if len(unmatched) == 0:
        return renumber[item], distinct[judged], []
    note = finding(
        "warning",
        "gold-for-unknown-items",
        f"The gold file names {counted(len(unmatched), 'item')} not in the annotations, set aside.",
        "Check that both files use the same item ids.",
        distinct[unmatched],
    )
    return renumber[item], distinct[judged], [note]


def _first_rows(item: np.ndarray, n: int, pair: np.ndarray, is_gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First presentation of each item, and the first that has content (the same one where none has)."""
    first = np.full(n, -1, np.int64)
    order = np.flatnonzero((item >= 0) & ~is_gold)[::-1]
    first[item[order]] = order
    content = first.copy()
    order = np.flatnonzero((item >= 0) & (pair != 0))[::-1]
    content[item[order]] = order
    return first, content


def _pairs(pair: np.ndarray, a: np.ndarray, item_id: pd.Series) -> tuple[pa.Array, np.ndarray]:
    """Pair id of each item, and whether its A is the B of the first item of that pair."""
    unknown = pair == 0
    values = np.where(unknown, hash_strings(item_id, distinct=True), pair) if unknown.any() else pair
    codes, _ = pd.factorize(values)
    first = np.full(codes.max(initial=-1) + 1, -1, np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    flipped = ~unknown & (a != a[first[codes]])
    return _hexadecimal(values), flipped


def _hexadecimal(values: np.ndarray) -> pa.Array:
    """Sixteen hex digits for each number, made in one go: formatting a million numbers one by one takes seconds."""
    digits = values.astype(">u8").tobytes().hex().encode()
    ends = np.arange(len(values) + 1, dtype=np.int64) * 16
    return pa.LargeStringArray.from_buffers(len(values), pa.py_buffer(ends), pa.py_buffer(digits))
