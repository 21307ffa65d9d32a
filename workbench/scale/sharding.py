"""Exports of any size into a sharded set: rows to their buckets, then each bucket by itself.

The first half reads each file once, in stretches; the second needs memory for one bucket at a time (for as many as are
worked on at once). Both can be stopped at any time and taken up by the same call. A later call with other files adds a
delivery: its new items become new buckets, and buckets that hold items it has more rows of are made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import Ledger
from workbench.dataset.export import Export
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding
from workbench.formats import guarded
from workbench.formats.files.opening import open_document
from workbench.formats.files.paths import find_files, is_own_form, set_in
from workbench.formats.tables.mapping_fields import Mapping_
from workbench.formats.tables.side_files import read_gold
from workbench.progress import UNWATCHED, Watch
from workbench.scale.assembling import Made, Plan, Wanted, make_bucket, summed_findings
from workbench.scale.backends import Backend, Serial
from workbench.scale.reading import ROWS, Reading, reading, sources
from workbench.scale.settling import Settled, settle
from workbench.scale.shards import BUCKETS, SPILL, Bucket, Shards, is_sharded, open_shards
from workbench.scale.spilling import ROUTES, Part, part_folder, read_part, routable, write_part

SLOTS = 200
"""Judgements of one item that may carry no annotator id."""
BYTES_A_ROW = 1_200
"""Memory that a row takes while its bucket is assembled, without its texts; measured (docs/scale.md)."""
_ROUTES_KEPT = "routes"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How exports are read; as `workbench.load` takes them.

    Attributes
    ----------
    buckets : into how many parts items are split; None = as many as the memory asks for, 16 at least.
    memory : bytes that one bucket may take while it is made.
    """

    format: str | None = None
    mapping: Mapping_ | None = None
    gold: str | Path | None = None
    scale: LabelScale | None = None
    spelling: Mapping[str, str] | None = None
    keep_identical: bool = False
    hash_annotators: bool = False
    buckets: int | None = None
    memory: int = 2 << 30
    rows_at_once: int = ROWS


def shard(
    paths: str | Path | Sequence[str | Path],
    out: str | Path,
    options: Options | None = None,
    *,
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> Shards:
    r"""Makes a sharded set of exports, or adds them to one as a delivery.

    Parameters
    ----------
    paths : files, folders, patterns. Tables in Parquet, CSV, TSV and JSON lines are read in stretches; anything else,
        and what is packed, one file at a time.
    out : the folder.
    backend : where buckets are made; in this process by default.

    Raises
    ------
    WorkbenchError
        As `workbench.load`; or a bucket would not fit the memory, with the number of buckets that would.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "votes.csv").write_text("pair,who,vote\n1,ann,left\n1,bob,right\n2,ann,tie\n")
    >>> named = {"item": "pair", "annotator": "who", "label": "vote"}
    >>> made = shard(folder / "votes.csv", folder / "set", Options(mapping=named, buckets=4))
    >>> made.n_items, made.n_annotations, made.scale.labels
    (2, 3, ('A', '=', 'B'))
    """
    given, folder = options or Options(), Path(out)
    earlier = open_shards(folder) if is_sharded(folder) else None
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if own := [path for path in listed if is_own_form(Path(set_in(path)))]:
        raise WorkbenchError(
            f"{own[0]}: an annotation set in the workbench's own form is not split.",
            "Open it as it is, or name the exports that it was made of.",
        )
    found = [s for name, path in find_files(listed).files for s in sources(name, path)]
    marks = {source.mark: source for source in found}
    known = set(earlier.more.get("files", ())) if earlier else set()
    new = [source for mark, source in marks.items() if mark not in known]
    if earlier and not new:
        return earlier
    with guarded(first_five(s.name for s in new)):
        readings = [reading(source, given.format, given.mapping) for source in new]
        delivery, route, numbers = _layout(readings, folder, given, earlier)
        parts = _spilled(readings, folder, given, delivery, route, numbers, watch)
    _fits(parts, numbers, given)
    gold = None
    if given.gold is not None:
        gold = read_gold(open_document(given.gold), given.mapping)
        if "item_id" not in gold.items:
            raise WorkbenchError(
                f"{given.gold}: gold for a sharded set is found by item id.", "Give it the columns item and label."
            )
        gold = replace(gold, items=gold.items.assign(item_id=gold.items["item_id"].astype("str")))
    settled = settle(parts, gold, scale=given.scale, spelling=given.spelling)
    plan = _plan(folder, parts, settled, gold, given, earlier)
    wanted = _wanted(plan, delivery, numbers, earlier)
    made = list((backend or Serial()).over(make_bucket, wanted, plan, doing="Making buckets", watch=watch))
    return _finished(plan, wanted, made, earlier, route, numbers, found)


def _layout(readings: Sequence[Reading], folder: Path, given: Options, earlier: Shards | None) -> tuple[int, str, int]:
    """Number of the delivery, what keeps rows together, and how many parts hashes are split into."""
    if earlier is not None:
        delivery = 1 + max((b.delivery for b in earlier.buckets), default=-1)
        if given.buckets not in (None, earlier.numbers):
            raise WorkbenchError(
                f"{folder}: its items are split into {earlier.numbers:,} parts, not {given.buckets:,}.",
                "Leave the number out, or make a new set.",
            )
        return delivery, earlier.route, earlier.numbers
    firsts = [found.beginning() for found in readings]
    everywhere = set(ROUTES).intersection(*(routable(e.items) for e in firsts))
    if not everywhere:
        raise WorkbenchError(
            f"{first_five(r.source.name for r in readings)}: no column names the item, prompt or pair in all files.",
            "Map the column that names the item.",
        )
    if "prompt" in everywhere and len({p for e in firsts for p in pd.unique(e.items["prompt"])}) < 2:
        everywhere.discard("prompt")  # an instruction that all items share keeps nothing together
    route = next((name for name in ROUTES if name in everywhere), "item")
    size = sum(r.source.path.stat().st_size for r in readings)
    numbers = given.buckets or int(np.clip(2 ** np.ceil(np.log2(max(10 * size / given.memory, 1))), 16, 4_096))
    return 0, route, numbers


def _spilled(
    readings: Sequence[Reading],
    folder: Path,
    given: Options,
    delivery: int,
    route: str,
    numbers: int,
    watch: Watch,
) -> list[Part]:
    """All parts: those of earlier deliveries, those written before the work was stopped, and the rest."""
    kept = {}
    for place in sorted((folder / SPILL).glob("[0-9]*")):
        part = read_part(place)
        if part is None:
            shutil.rmtree(place, ignore_errors=True)
        else:
            kept[part.file, part.number] = part
    at = 1 + max((int(p.folder.name) for p in kept.values()), default=-1)
    ordered = [part for part in kept.values() if part.delivery < delivery]
    done = 0
    for found in readings:
        for number, export in enumerate(found.exports(given.rows_at_once)):
            watch.step(done, 0, f"Reading {found.source.name}")
            done += len(export.rows)
            part = kept.get((found.source.mark, number))
            if part is None:
                place = part_folder(folder, at)
                write_part(
                    place,
                    export,
                    found.source.mark,
                    number=number,
                    delivery=delivery,
                    route=route,
                    buckets=numbers,
                    hide=given.hash_annotators,
                )
                part, at = read_part(place), at + 1
            if part is not None:
                ordered.append(part)
    return ordered


def _fits(parts: Sequence[Part], numbers: int, given: Options) -> None:
    rows: dict[str, int] = {}
    for part in parts:
        for name, n in part.buckets.items():
            rows[name] = rows.get(name, 0) + n
    most = max(rows.values(), default=0) * BYTES_A_ROW
    if most > given.memory:
        enough = int(2 ** np.ceil(np.log2(numbers * most / given.memory)))
        raise WorkbenchError(
            f"The largest of {numbers:,} buckets would take about {most / 2**30:.1f} GB, more than the"
            f" {given.memory / 2**30:.1f} GB it may have.",
            f"Split into {enough:,} buckets, or give it more memory; begin in another folder.",
        )


def _plan(
    folder: Path,
    parts: Sequence[Part],
    settled: Settled,
    gold: Export | None,
    given: Options,
    earlier: Shards | None,
) -> Plan:
    kinds: dict[str, str | None] = {}
    if earlier is not None:
        kinds = dict(zip(earlier.annotators["annotator"], earlier.annotators["kind"], strict=True))
    for part in parts:
        for name, kind in zip(part.annotators, part.kinds, strict=True):
            if kinds.get(name) is None:
                kinds[name] = kind
    for slot in range(1, SLOTS + 1):  # rows without an id; the names of those that are not needed are cut off again
        kinds.setdefault(f"slot {slot}", None)
    place = {name: i for i, name in enumerate(kinds)}
    numbers = {p.folder.name: np.array([place[n] for n in p.annotators], np.int64) for p in parts}
    return Plan(
        folder=folder,
        parts=tuple(parts),
        names=tuple(kinds),
        kinds=tuple(kind or "human" for kind in kinds.values()),
        numbers=numbers,
        settled=settled,
        gold=gold,
        keep_identical=given.keep_identical,
    )


def _wanted(plan: Plan, delivery: int, numbers: int, earlier: Shards | None) -> list[Wanted]:
    """Which buckets have to be made: all, or those that a new delivery adds or changes."""
    if earlier is None:
        used = sorted({int(name) for part in plan.parts for name in part.buckets})
        return [Wanted(number=number, delivery=0, version=0) for number in used]
    again = earlier.scale != plan.settled.scale or plan.gold is not None
    made: list[Wanted] = []
    for number in range(numbers):
        new = [p for p in plan.parts if p.delivery == delivery and f"{number:04d}" in p.buckets]
        coming = [p.items_of(number)["_route"].to_numpy(np.uint64) for p in new]
        routes = np.unique(np.concatenate(coming)) if coming else np.zeros(0, np.uint64)
        known = [b for b in earlier.buckets if b.number == number]
        beside = [read_routes(plan.folder, bucket) for bucket in known]
        for bucket, own in zip(known, beside, strict=True):
            if again or np.isin(routes, own).any():
                made.append(Wanted(number=number, delivery=bucket.delivery, version=bucket.version + 1, routes=own))
        all_known = np.unique(np.concatenate(beside)) if beside else np.zeros(0, np.uint64)
        if not np.isin(routes, all_known).all():
            made.append(Wanted(number=number, delivery=delivery, version=0, beside=all_known))
    return made


def read_routes(folder: Path, bucket: Bucket) -> np.ndarray:
    """What lies in a bucket, uint64, sorted."""
    return np.load(folder / BUCKETS / f"{bucket.name}.routes.npy", allow_pickle=False)


def _finished(
    plan: Plan,
    wanted: Sequence[Wanted],
    made: Sequence[Made],
    earlier: Shards | None,
    route: str,
    numbers: int,
    found: Sequence[object],
) -> Shards:
    """Writes the manifest, and removes what it no longer names."""
    del found
    remade = {(w.number, w.delivery) for w in wanted}
    kept = [b for b in earlier.buckets if (b.number, b.delivery) not in remade] if earlier else []
    buckets = sorted([*kept, *(m.bucket for m in made if m.bucket is not None)], key=lambda b: (b.delivery, b.number))
    if not buckets:
        reasons = ", ".join(dict.fromkeys(reason for m in made for reason in m.set_aside))
        raise WorkbenchError(f"All rows were set aside ({reasons or 'none was there'}).", "See what the reasons mean.")
    for one in made:
        if one.bucket is not None:
            np.save(plan.folder / BUCKETS / f"{one.bucket.name}.routes.npy", one.routes)
            np.save(plan.folder / BUCKETS / f"{one.bucket.name}.prompts.npy", one.prompts)
    said = _said(plan, wanted, made, earlier)
    named = sum(len(p.annotators) for p in plan.parts) and len({n for p in plan.parts for n in p.annotators})
    highest = max([m.highest for m in made] + [0 if earlier is None else len(earlier.annotators) - 1])
    people = max(highest + 1, named)
    prompts = [np.load(plan.folder / BUCKETS / f"{b.name}.prompts.npy", allow_pickle=False) for b in buckets]
    apart = _in_several(prompts)
    findings = [*said["findings"], *_across(apart)]
    done = Shards(
        folder=plan.folder,
        buckets=tuple(buckets),
        annotators=pd.DataFrame(
            {
                "annotator": pd.array(list(plan.names[:people]), dtype="str"),
                "kind": pd.array(list(plan.kinds[:people]), dtype="str"),
            }
        ),
        scale=plan.settled.scale,
        ledger=Ledger(sum(p.rows + sum(p.set_aside.values()) for p in plan.parts), said["set_aside"]),
        findings=tuple(dict.fromkeys(findings)),
        sources=tuple(dict.fromkeys(p.source for p in plan.parts)),
        format="+".join(dict.fromkeys(p.format for p in plan.parts)),
        prompts_bind=sum(len(p) for p in prompts) > 1,
        route=route,
        numbers=numbers,
        more={"files": list(dict.fromkeys(p.file for p in plan.parts)), "said": said["of_buckets"]},
    )
    done.write()
    for place in (plan.folder / BUCKETS).iterdir():
        name = place.name.removesuffix(".routes.npy").removesuffix(".prompts.npy")
        if name not in {b.name for b in buckets}:
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    return done


def _said(plan: Plan, wanted: Sequence[Wanted], made: Sequence[Made], earlier: Shards | None) -> dict:
    """Findings and rows set aside, of all buckets together; what each bucket said is kept for later deliveries."""
    from workbench.scale.shards import finding_from_json, finding_to_json

    of_buckets = dict(earlier.more.get("said", {})) if earlier else {}
    for want, one in zip(wanted, made, strict=True):
        of_buckets[f"{want.delivery:03d}-{want.number:04d}"] = {
            "set_aside": dict(one.set_aside),
            "findings": [finding_to_json(f) for f in one.findings],
            "gold": list(one.gold_found),
        }
    set_aside: dict[str, int] = {}
    for counts in [p.set_aside for p in plan.parts] + [b["set_aside"] for b in of_buckets.values()]:
        for reason, n in counts.items():
            set_aside[reason] = set_aside.get(reason, 0) + n
    read = summed_findings([p.findings for p in plan.parts])
    summed = summed_findings([[finding_from_json(f) for f in b["findings"]] for b in of_buckets.values()])
    findings: list[Finding] = [*read, *summed, *plan.settled.findings]
    if plan.gold is not None:
        there = {i for b in of_buckets.values() for i in b["gold"]}
        missing = [i for i in dict.fromkeys(plan.gold.items["item_id"]) if i not in there]
        if missing:
            findings.append(
                finding(
                    "warning",
                    "gold-for-unknown-items",
                    f"The gold file names {counted(len(missing), 'item')} not in the annotations, set aside.",
                    "Check that both files use the same item ids.",
                    missing,
                )
            )
    return {"set_aside": set_aside, "findings": findings, "of_buckets": of_buckets}


def _in_several(prompts: Sequence[np.ndarray]) -> int:
    """Prompts that lie in more than one bucket."""
    every = np.sort(np.concatenate(prompts)) if prompts else np.zeros(0, np.uint64)
    return len(np.unique(every[1:][every[1:] == every[:-1]]))


def _across(apart: int) -> list[Finding]:
    if apart == 0:
        return []
    return [
        finding(
            "warning",
            "prompts-in-several-buckets",
            f"{counted(apart, 'prompt lies', 'prompts lie')} in several buckets; their items count as independent"
            " across these, so that intervals may be a little narrow.",
            "Map the prompt, or one group for all items of a prompt, and make the set anew.",
            count=apart,
        )
    ]
