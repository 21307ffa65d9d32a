"""A sharded set scored by a reward model, bucket by bucket: what `workbench.reward.scoring` says of one that fits into
memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.hashing import digest_of_folder
from workbench.messages import by, message
from workbench.progress import UNWATCHED, Watch
from workbench.reward.model import RewardModel
from workbench.reward.opening import load_model, model_folder
from workbench.reward.scoring import agreement_with_labels, score_items
from workbench.reward.sequence_model import SequenceModel
from workbench.reward.tokens import OverLength
from workbench.reward.too_long import TooLong
from workbench.scale.backends import Backend
from workbench.scale.in_turn import made_in_turn
from workbench.scale.shards import SCORES, Shards

_ABOUT = b"workbench"
_NO_TEXT = "a response has no text"


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoredShards:
    """The scores of a sharded set.

    Attributes
    ----------
    files : Parquet, one a bucket, with the columns of `Scored.table` and `group`, a number within the bucket: what
        stands and falls together.
    pairs : rows in all.
    accuracy, labels, set_aside, cut : as of `Scored`, over all buckets. Where there is no gold, the labels are those of
        each bucket by itself.
    """

    files: tuple[Path, ...]
    pairs: int
    accuracy: Estimate
    labels: str
    set_aside: Mapping[str, int]
    cut: TooLong | None

    def to_dict(self) -> dict[str, object]:
        """The summary, without the rows."""
        return {
            "pairs": self.pairs,
            "accuracy": self.accuracy.to_dict(),
            "labels": self.labels,
            "set_aside": dict(self.set_aside),
            "cut": self.cut.to_dict() if self.cut else None,
            "files": [str(file) for file in self.files],
        }


def score_shards(
    model: Path | str,
    shards: Shards,
    folder: Path | None = None,
    *,
    max_length: int | None = None,
    over_length: OverLength | None = None,
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> ScoredShards:
    """What does the model think of all pairs of a sharded set?

    Stopped in the middle, the same call goes on with the buckets that are left.

    Parameters
    ----------
    model, max_length, over_length : as `load_model` takes them.
    folder : where the scores go; by default beside the buckets, under the model's name.
    backend : each of its workers opens the model once, on the device it has.

    Raises
    ------
    WorkbenchError
        There is no such model, no item has the texts of two responses, or the folder holds scores of another model.
    """
    place = model_folder(model)
    target = folder if folder is not None else shards.folder / SCORES / place.name
    settings = {"model": digest_of_folder(place), "max_length": max_length, "over_length": over_length}
    files = made_in_turn(
        _scores,
        shards,
        target,
        ".parquet",
        place,
        max_length,
        over_length,
        settings=settings,
        doing="Scoring buckets",
        backend=backend,
        watch=watch,
    )
    return _together(files)


def _scores(part: AnnotationSet, file: Path, model: Path, max_length: int | None, over: OverLength | None) -> None:
    """The scores of one bucket as a file, with what else was found in its header."""
    texts = part.item_texts()
    if (texts["response_a"].isna() | texts["response_b"].isna()).all():
        about: dict[str, object] = {"set_aside": {_NO_TEXT: len(part.items)}}
        pq.write_table(pa.table({}).replace_schema_metadata({_ABOUT: json.dumps(about)}), file)
        return
    found = score_items(_opened(str(model), max_length, over), part)
    rows = pa.Table.from_pandas(
        found.table.assign(group=np.unique(found.group, return_inverse=True)[1].astype(np.int32)), preserve_index=False
    )
    about = {
        "set_aside": dict(found.set_aside),
        "labels": found.labels,
        "cut": None if found.cut is None else vars(found.cut),
    }
    pq.write_table(rows.replace_schema_metadata({_ABOUT: json.dumps(about)}), file, compression="zstd")


@lru_cache(maxsize=1)
def _opened(model: str, max_length: int | None, over_length: OverLength | None) -> RewardModel | SequenceModel:
    """The model, opened once by each worker."""
    return load_model(model, max_length=max_length, over_length=over_length)


def _together(files: list[Path]) -> ScoredShards:
    """Counts added up; the accuracy over the groups of all buckets, none of which spans two. Labels of different kinds
    are not mixed: where some buckets hold gold, the others have no label.
    """
    abouts = [json.loads(pq.read_schema(file).metadata[_ABOUT]) for file in files]
    sources = Counter(about["labels"] for about in abouts if about.get("labels"))
    labels = "gold" if "gold" in sources else next((name for name, _ in sources.most_common(1)), "")
    aside, cuts, columns, groups, pairs = Counter[str](), [], [], 0, 0
    for file, about in zip(files, abouts, strict=True):
        aside.update(about["set_aside"])
        if "labels" not in about:
            continue
        cuts += [about["cut"]] if about["cut"] else []
        rows = pq.read_table(file, columns=["margin", "label", "group"])
        margin, label, group = (rows[name].to_numpy() for name in ("margin", "label", "group"))
        if about["labels"] != labels:
            label = np.full(len(label), np.nan)
        columns.append((margin, label, group.astype(np.int64) + groups))
        groups, pairs = groups + int(group.max(initial=-1)) + 1, pairs + len(group)
    if not columns:
        raise WorkbenchError(
            "These data hold no texts of two responses.",
            message("Make the sharded set of an export that has them, or name their columns ", by("mapping"), "."),
        )
    cut = None
    if cuts:
        n, over = (sum(each[name] for each in cuts) for name in ("n", "over"))
        cut = TooLong(**{**cuts[0], "n": n, "over": over})
    margin, label, group = (np.concatenate(column) for column in zip(*columns, strict=True))
    return ScoredShards(
        files=tuple(files),
        pairs=pairs,
        accuracy=agreement_with_labels(margin, label, group),
        labels=labels,
        set_aside=dict(aside),
        cut=cut,
    )
