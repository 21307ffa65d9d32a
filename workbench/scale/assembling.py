"""The second half of making buckets: the rows of one bucket, from all parts, as an annotation set of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import assemble
from workbench.dataset.export import Export
from workbench.errors import WorkbenchError, first_five
from workbench.findings import ROWS_KEPT, Finding
from workbench.formats.writers.native import write_own
from workbench.scale.content_key import summed_hash
from workbench.scale.settling import Settled, as_settled
from workbench.scale.shards import BUCKETS, Bucket
from workbench.scale.spilling import ROUTE, Part

_OF_ALL = {"labels-read", "columns-guessed", "gold-for-unknown-items"}
"""Findings that are said once of the whole, and not by each bucket."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """All that is the same for every bucket.

    Attributes
    ----------
    folder : of the sharded set.
    parts : all of them, in order.
    names, kinds : of all annotators, in order.
    numbers : part folder -> number in `names` of each annotator of that part.
    settled : how labels are read.
    gold : of a file of gold, with ids as text.
    keep_identical : as of `workbench.load`.
    """

    folder: Path
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    numbers: Mapping[str, np.ndarray]
    settled: Settled
    gold: Export | None = None
    keep_identical: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Wanted:
    """Which bucket to make.

    Attributes
    ----------
    number, delivery, version : as of `Bucket`.
    routes : uint64, sorted: what lies in it; None = everything of its number.
    beside : uint64, sorted: what of its number lies in earlier buckets.
    """

    number: int
    delivery: int
    version: int
    routes: np.ndarray | None = None
    beside: np.ndarray | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Made:
    """A bucket that was made, and what there is to say of it.

    Attributes
    ----------
    bucket : the bucket; None where all its rows were set aside.
    routes : uint64, sorted: what lies in it.
    prompts : uint64: its prompts, sorted.
    set_aside, findings : to be added up.
    gold_found : ids of gold items that are in it.
    highest : the last annotator who judges in it.
    """

    bucket: Bucket | None
    routes: np.ndarray
    prompts: np.ndarray
    set_aside: Mapping[str, int]
    findings: tuple[Finding, ...]
    gold_found: tuple[str, ...]
    highest: int = -1


def make_bucket(wanted: Wanted, plan: Plan) -> Made:
    """Assembles the rows of one bucket and writes it."""
    exports, routes = _exports(wanted, plan)
    if plan.gold is not None and exports:
        ids = set().union(*(set(e.items["item_id"].dropna()) for e in exports if "item_id" in e.items))
        here = plan.gold.items["item_id"].isin(ids).to_numpy()
        if here.any():
            of_gold = as_settled(plan.gold, plan.settled, "")
            exports.append(replace(of_gold, items=plan.gold.items[here].reset_index(drop=True)))
    judged = [e for e in exports if not e.gold_only and len(e.rows)]
    if not judged:
        return _nothing(routes, {}, ())
    options = {"scale": plan.settled.scale, "keep_identical": plan.keep_identical}
    try:
        data = assemble([e for e in exports if e.gold_only or len(e.rows)], **options)  # type: ignore[arg-type]
    except WorkbenchError as error:
        if "were set aside" not in error.what:
            raise
        kept = assemble(
            [e for e in exports if e.gold_only or len(e.rows)], scale=plan.settled.scale, keep_identical=True
        )
        return _nothing(routes, {"identical responses": len(kept.annotations)}, kept.findings)
    data = _with_everybody(data, plan)
    name = f"{wanted.delivery:03d}-{wanted.number:04d}" + (f".{wanted.version}" if wanted.version else "") + ".pwb"
    write_own(replace(data, findings=()), plan.folder / BUCKETS / name)
    ids = set(data.items["item_id"]) if plan.gold is not None else set()
    gold_ids = [] if plan.gold is None else [i for i in plan.gold.items["item_id"] if i in ids]
    prompt = data.items["prompt_key"].to_numpy(np.uint64) if "prompt_key" in data.items else np.zeros(0, np.uint64)
    return Made(
        bucket=Bucket(
            name=name,
            number=wanted.number,
            delivery=wanted.delivery,
            version=wanted.version,
            items=len(data.items),
            annotations=len(data.annotations),
            hashes=summed_hash(data),
        ),
        routes=routes,
        prompts=np.unique(prompt[prompt != 0]),
        set_aside=dict(data.ledger.set_aside),
        findings=tuple(f for f in data.findings if f.code not in _OF_ALL),
        gold_found=tuple(gold_ids),
        highest=int(data.annotations["annotator"].max()),
    )


def _nothing(routes: np.ndarray, set_aside: Mapping[str, int], findings: Iterable[Finding]) -> Made:
    found = tuple(f for f in findings if f.code not in _OF_ALL)
    nobody = np.zeros(0, np.uint64)
    return Made(bucket=None, routes=routes, prompts=nobody, set_aside=set_aside, findings=found, gold_found=())


def _exports(wanted: Wanted, plan: Plan) -> tuple[list[Export], np.ndarray]:
    """The bucket's rows as exports, one a file, in the order of files; and what lies in it."""
    names = pd.Index(plan.names, dtype="str")
    by_file: dict[str, list[tuple[Part, pd.DataFrame, pd.DataFrame]]] = {}
    routes: list[np.ndarray] = []
    for part in plan.parts:
        if part.delivery < wanted.delivery or f"{wanted.number:04d}" not in part.buckets:
            continue
        items, rows = part.items_of(wanted.number), part.rows_of(wanted.number)
        route = items.pop(ROUTE).to_numpy(np.uint64)
        keep = np.ones(len(items), bool) if wanted.routes is None else _among(route, wanted.routes)
        if wanted.beside is not None:
            keep &= ~_among(route, wanted.beside)
        if not keep.all():
            rows = rows[keep[rows["item_row"].to_numpy()]].reset_index(drop=True)
            rows["item_row"] = (np.cumsum(keep) - 1)[rows["item_row"].to_numpy()]
            items = items[keep].reset_index(drop=True)
        routes.append(np.unique(route[keep]))
        by_file.setdefault(part.file, []).append((part, items, rows))
    exports = [_joined(pieces, plan, names) for pieces in by_file.values()]
    return exports, np.unique(np.concatenate(routes)) if routes else np.zeros(0, np.uint64)


def _joined(pieces: Sequence[tuple[Part, pd.DataFrame, pd.DataFrame]], plan: Plan, names: pd.Index) -> Export:
    """The stretches of one file put together again."""
    shown, said, done = [], [], 0
    for part, items, rows in pieces:
        number = np.append(plan.numbers[part.folder.name], -1)
        annotator = pd.Categorical.from_codes(number[rows["annotator"].to_numpy()], names)
        label = np.array([*part.values, None], object)[rows["label"].to_numpy()]
        if "gold" in items:
            items = items.assign(gold=np.array([*part.golds, None], object)[items["gold"].to_numpy()])
        shown.append(items)
        said.append(rows.assign(annotator=annotator, label=label, item_row=rows["item_row"].to_numpy() + done))
        done += len(items)
    first = pieces[0][0]
    export = Export(
        items=pd.concat(shown, ignore_index=True),
        rows=pd.concat(said, ignore_index=True),
        source=first.source,
        format=first.format,
        sides=any(part.sides for part, _, _ in pieces),
        label_name=first.label_name,
        distinct_responses=first.distinct_responses,
    )
    return as_settled(export, plan.settled, first.file)


def _among(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    if len(known) == 0:
        return np.zeros(len(values), bool)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[place] == values)


def _with_everybody(data: AnnotationSet, plan: Plan) -> AnnotationSet:
    """The same set with the annotators of all buckets, those of rows without an id last."""
    known = {name: i for i, name in enumerate(plan.names)}
    own = data.annotators["annotator"].tolist()
    if strange := [name for name in own if name not in known]:
        raise WorkbenchError(
            f"Too many judgements of one item carry no annotator id ({first_five(strange)}).",
            "Map the column of the annotators.",
        )
    number = np.array([known[name] for name in own], np.int64)
    everybody = pd.DataFrame(
        {"annotator": pd.array(list(plan.names), dtype="str"), "kind": pd.array(list(plan.kinds), dtype="str")}
    )
    rows = data.annotations.assign(annotator=number[data.annotations["annotator"].to_numpy()].astype(np.int32))
    return replace(data, annotators=everybody, annotations=rows)


def summed_findings(found: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """Findings of buckets, those of one kind as one: counts added up, rows of the first buckets kept."""
    by_code: dict[str, list[Finding]] = {}
    for several in found:
        for each in several:
            by_code.setdefault(each.code, []).append(each)
    return tuple(_one(several) for several in by_code.values())


def _one(several: list[Finding]) -> Finding:
    if len(several) == 1:
        return several[0]
    most = max(several, key=lambda f: f.count)
    rows = tuple(row for f in several for row in f.rows)[:ROWS_KEPT]
    return replace(most, message=_added(most.code, most, several), rows=rows, count=sum(f.count for f in several))


_NUMBER = re.compile(r"\d[\d,]*")


def _added(code: str, most: Finding, several: list[Finding]) -> str:
    """The message with its counts added up: the first number, and all of them where all are counts."""
    every = code == "identical-responses"
    counts = [[int(n.replace(",", "")) for n in _NUMBER.findall(f.message)] for f in several]
    if not all(counts):
        return most.message
    totals = iter([sum(c[i] for c in counts if i < len(c)) for i in range(len(counts[0]) if every else 1)])
    return _NUMBER.sub(lambda _: f"{next(totals):,}", most.message, count=0 if every else 1)
