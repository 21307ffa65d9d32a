"""A sharded set on disk: what its folder holds, and how a bucket of it is opened."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.dataset.clusters import joined
from workbench.dataset.scales import LabelScale
from workbench.dataset.texts import empty_texts
from workbench.drafts import write_all
from workbench.errors import WorkbenchError, counted
from workbench.findings import Fact, Finding, Level, known
from workbench.formats.files.paths import SHARDED
from workbench.formats.writers.native import read_own
from workbench.messages import Message, message
from workbench.scale.content_key import key_of

FORM = "preference-workbench-shards"
VERSION = 1
MANIFEST = SHARDED
"""The file by which a folder is known as a sharded set; it is written last."""
ANNOTATORS = "annotators.parquet"
BUCKETS = "buckets"
SPILL = "spill"
SUMS = "sums"
LABELS = "labels"
SCORES = "scores"
SELECTED = "selected"
_REMEDY = "Make it again from the exports."


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bucket of a sharded set.

    Attributes
    ----------
    name : of its folder.
    number : which part of all hashes lies in it.
    delivery : the delivery its items came with first.
    version : how often it was made again since, because a later delivery had more rows of its items.
    items, annotations : rows of its tables, skips included.
    hashes : its part of the content key.
    """

    name: str
    number: int
    delivery: int
    version: int
    items: int
    annotations: int
    hashes: tuple[int, int]

    @property
    def key(self) -> str:
        """What its sums are kept under: other content has another key."""
        return f"{self.number:04d}-{self.hashes[0]:016x}{self.hashes[1]:016x}"


@dataclass(frozen=True, eq=False, kw_only=True)
class BucketSet(AnnotationSet):
    """The annotations of one bucket. Within it, too, a prompt binds its items where prompts differ in the whole."""

    prompts_bind: bool = False

    @cached_property
    def group_codes(self) -> np.ndarray | None:
        """As of the whole set: one prompt that all items of this bucket share is still one of many."""
        alike = "prompt_key" in self.items and len(self.items) > 1 and self.prompts_bind
        prompt = self.items["prompt_key"].to_numpy() if alike else np.zeros(0, np.uint64)
        if not alike or (prompt != prompt[0]).any():
            of_all: Any = vars(AnnotationSet)["group_codes"]
            return cast("np.ndarray | None", of_all.func(self))
        links = [pd.factorize(self.items["group"])[0]] if "group" in self.items else []
        codes = joined(*links, np.where(prompt == 0, -1, 0))
        return codes if codes.max(initial=0) + 1 < len(codes) else None


@dataclass(frozen=True, eq=False, kw_only=True)
class SetHead(AnnotationSet):
    """What a sharded set says of itself without its rows: scale, annotators, ledger, findings, sources and key."""

    whole_key: str = ""
    n_items: int = 0
    n_annotations: int = 0

    @cached_property
    def key(self) -> str:
        """Content key of the whole set; it does not depend on the order of rows."""
        return self.whole_key


@dataclass(frozen=True, eq=False, kw_only=True)
class Shards:
    """A sharded set.

    Attributes
    ----------
    folder : where it lies.
    buckets : in order.
    annotators : one row an annotator: `annotator` and `kind`; the positions in all buckets point here.
    scale, ledger, findings, sources, format : as of an `AnnotationSet`, of the whole.
    prompts_bind : whether items of one prompt stand and fall together (there is more than one prompt).
    route : what keeps rows together: `group`, `prompt`, `pair` or `item`.
    numbers : into how many parts hashes are split.
    more : what the making of it has to remember between deliveries.
    """

    folder: Path
    buckets: tuple[Bucket, ...]
    annotators: pd.DataFrame
    scale: LabelScale
    ledger: Ledger
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    format: str
    prompts_bind: bool
    route: str
    numbers: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        """Items of all buckets."""
        return sum(b.items for b in self.buckets)

    @property
    def n_annotations(self) -> int:
        """Judgements of all buckets, skips included."""
        return sum(b.annotations for b in self.buckets)

    @property
    def key(self) -> str:
        """Content key: the same for the same rows, however they are ordered and split."""
        sums = tuple(sum(b.hashes[lane] for b in self.buckets) % (1 << 64) for lane in (0, 1))
        return key_of((sums[0], sums[1]), self.scale.labels)

    @property
    def names(self) -> np.ndarray:
        """Ids of the annotators, object (n_annotators,)."""
        return self.annotators["annotator"].to_numpy(object)

    @property
    def anonymous(self) -> bool:
        """Whether judgements carry no annotator ids."""
        return known(Fact.NO_ANNOTATOR_IDS, self.findings)

    def open(self, bucket: Bucket) -> BucketSet:
        """The annotations of one bucket, with the annotators of all."""
        data = read_own(self.folder / BUCKETS / bucket.name)
        plain = {f.name: getattr(data, f.name) for f in fields(AnnotationSet)}
        plain |= {"annotators": self.annotators, "findings": self._for_buckets}
        return BucketSet(**plain, prompts_bind=self.prompts_bind)

    @cached_property
    def _for_buckets(self) -> tuple[Finding, ...]:
        """Findings that measures look at."""
        return tuple(f for f in self.findings if f.code == Fact.NO_ANNOTATOR_IDS)

    def sets(self) -> Iterator[tuple[Bucket, BucketSet]]:
        """All buckets, one after the other."""
        for bucket in self.buckets:
            yield bucket, self.open(bucket)

    def head(self) -> SetHead:
        """The set without its rows."""
        nothing = {"item": np.int32, "annotator": np.int32, "label": np.int8, "shown_first": np.int8}
        rows = pd.DataFrame({name: np.zeros(0, kind) for name, kind in nothing.items()}).assign(
            seconds=np.zeros(0, np.float32),
            ended_at=np.zeros(0, "datetime64[ms]"),
            repeat=np.zeros(0, np.int16),
        )
        items = pd.DataFrame({"item_id": pd.array([], "str"), "pair_id": pd.array([], "str")})
        return SetHead(
            items=items.assign(pair_flipped=np.zeros(0, bool)),
            annotators=self.annotators,
            annotations=rows,
            gold=np.zeros(0, np.int8),
            scale=self.scale,
            texts=empty_texts(0),
            ledger=self.ledger,
            findings=self.findings,
            sources=self.sources,
            format=self.format,
            whole_key=self.key,
            n_items=self.n_items,
            n_annotations=self.n_annotations,
        )

    def write(self) -> None:
        """Writes the manifest and the table of annotators, both or neither."""
        import io

        table = io.BytesIO()
        self.annotators.to_parquet(table, index=False)
        manifest = {
            "form": FORM,
            "version": VERSION,
            "key": self.key,
            "scale": {
                "name": self.scale.name,
                "labels": list(self.scale.labels),
                "strengths": list(self.scale.strengths),
            },
            "ledger": {"rows_read": self.ledger.rows_read, "set_aside": dict(self.ledger.set_aside)},
            "findings": [finding_to_json(f) for f in self.findings],
            "sources": list(self.sources),
            "format": self.format,
            "prompts_bind": self.prompts_bind,
            "route": self.route,
            "numbers": self.numbers,
            "annotators": len(self.annotators),
            "buckets": [{**vars(b), "hashes": [f"{h:016x}" for h in b.hashes]} for b in self.buckets],
            "more": dict(self.more),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        # The manifest is what makes the rest count: it takes its place last.
        write_all({self.folder / ANNOTATORS: table.getvalue()})
        write_all({self.folder / MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1)})


def is_sharded(path: str | Path) -> bool:
    """Whether a path is a sharded set."""
    return (Path(path) / MANIFEST).is_file()


def open_shards(path: str | Path) -> Shards:
    """Opens a sharded set; its buckets are read when they are asked for.

    Raises
    ------
    WorkbenchError
        It is none, it is not complete, or a later version wrote it.
    """
    folder = Path(path)
    if not is_sharded(folder):
        begun = " (it was begun and is not finished)" if (folder / SPILL).is_dir() else ""
        raise WorkbenchError(f"{folder}: there is no sharded set{begun}.", "Make it, or finish it, with shard.")
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        said = json.loads(text)
        if said["form"] != FORM:
            raise KeyError("form")
        version = int(said["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkbenchError(f"{folder / MANIFEST}: it is not what the workbench writes ({error}).", _REMEDY) from error
    if version != VERSION:
        raise WorkbenchError(
            f"{folder}: it is of version {version} of the form; this workbench reads {VERSION}.",
            "Update the workbench.",
        )
    try:
        return _built(folder, said)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkbenchError(f"{folder}: its parts do not fit together ({error}).", _REMEDY) from error


def _built(folder: Path, said: dict[str, Any]) -> Shards:
    buckets = tuple(
        Bucket(**{**b, "hashes": (int(b["hashes"][0], 16), int(b["hashes"][1], 16))}) for b in said["buckets"]
    )
    if any(Path(b.name).name != b.name for b in buckets):
        raise WorkbenchError(f"{folder / MANIFEST}: a bucket lies outside of the set.", _REMEDY)
    missing = [b.name for b in buckets if not (folder / BUCKETS / b.name).is_dir()]
    if missing:
        raise WorkbenchError(
            f"{folder}: {counted(len(missing), 'bucket is', 'buckets are')} missing ({', '.join(missing[:5])}).",
            _REMEDY,
        )
    annotators = pd.read_parquet(folder / ANNOTATORS).iloc[: int(said["annotators"])]
    scale = said["scale"]
    return Shards(
        folder=folder,
        buckets=buckets,
        annotators=annotators,
        scale=LabelScale(str(scale["name"]), tuple(scale["labels"]), tuple(float(s) for s in scale["strengths"])),
        ledger=Ledger(int(said["ledger"]["rows_read"]), dict(said["ledger"]["set_aside"])),
        findings=tuple(finding_from_json(f) for f in said["findings"]),
        sources=tuple(said["sources"]),
        format=str(said["format"]),
        prompts_bind=bool(said["prompts_bind"]),
        route=str(said["route"]),
        numbers=int(said["numbers"]),
        more=dict(said["more"]),
    )


def finding_to_json(found: Finding) -> dict[str, Any]:
    """A finding with all that is needed to read it back."""
    return {**found.to_dict(), "rows": list(found.rows), "remedy": message(found.remedy).to_json()}


def finding_from_json(said: Mapping[str, Any]) -> Finding:
    """The finding that was written."""
    remedy = said["remedy"]
    return Finding(
        cast(Level, said["level"]),
        str(said["code"]),
        str(said["message"]),
        remedy if isinstance(remedy, str) else Message.from_json(remedy),
        tuple(said["rows"]),
        int(said["count"]),
    )
