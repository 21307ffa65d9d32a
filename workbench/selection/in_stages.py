r"""Candidates of a sharded set in two stages: each bucket names its best, and the choice is made among these.

Greedy choices of a submodular gain lose little that way: with each of $m$ parts naming its own $k$ best, the final
choice is worth at least $1/\min(\sqrt{k}, m)$ of the best one for any split, and about half of it where items fall into
parts at random, as a hash lets them (Mirzasoleiman et al. 2013, *Distributed submodular maximization*; Barbosa et al.
2015). What it loses in practice is in `benchmarks/SELECTION_STAGES.md`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_folder, digest_of_strings
from workbench.messages import by, message
from workbench.progress import UNWATCHED, Watch
from workbench.scale.backends import Backend
from workbench.scale.in_turn import made_in_turn
from workbench.scale.part import open_part
from workbench.scale.shards import SELECTED, Shards
from workbench.scale.together import joined, only_items
from workbench.selection.pooling import pool_from
from workbench.selection.registry import STRATEGIES, select

NAMED = 4.0
"""Pairs that the buckets name together, for one that is wanted."""
MOST_LABELLED = 20_000
"""Labelled pairs that go into the second stage, for a model to be fitted to: more would change it little."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Finalists:
    """What the buckets named.

    Attributes
    ----------
    data : the pairs that were named, and of those with labels a random part; an annotation set like any other.
    candidates, named : pairs that there were to choose from, and that the buckets named.
    set_aside : reason -> items that could not be chosen.
    buckets : that were asked.
    """

    data: AnnotationSet
    candidates: int
    named: int
    set_aside: Mapping[str, int]
    buckets: int

    @property
    def sentence(self) -> str:
        """How it was done, in words."""
        return (
            f"Chosen in two stages: {self.buckets:,} buckets named {self.named:,} of {self.candidates:,} candidates,"
            " and the pick is made among these."
        )


def finalists_of(
    shards: Shards,
    budget: int,
    strategy: str,
    seed: int = 0,
    *,
    model: str | Path | None = None,
    encoder: str | Path | None = None,
    slice: str | None = None,
    again: bool = False,
    options: Mapping[str, Any] | None = None,
    named: float = NAMED,
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> Finalists:
    """Which pairs of a sharded set come into question?

    Each bucket chooses by itself, with the model that is named or one that is fitted to its own labels, a number that
    goes with its size.

    Parameters
    ----------
    budget, strategy, seed : as `select` takes them.
    model, encoder, slice : as `pool_from` takes them.
    again : pairs that have labels are candidates, too.
    options : of `select`, such as `balance` and `alike`.
    named : pairs that the buckets name together, for each one of the budget.

    Raises
    ------
    WorkbenchError
        No bucket has a pair to choose.
    """
    asked = {
        "budget": budget,
        "strategy": strategy,
        "seed": seed,
        "model": None if model is None else str(model),
        "encoder": None if encoder is None else str(encoder),
        "slice": slice,
        "again": again,
        "options": dict(options or {}),
        "share": named * budget / max(shards.n_items, 1),
        "labelled": MOST_LABELLED / max(shards.n_items, 1),
    }
    settings = asked | {"weights": digest_of_folder(Path(model)) if model is not None and Path(model).is_dir() else ""}
    folder = shards.folder / SELECTED / digest_of_strings([[json.dumps(settings, sort_keys=True)]])[:16]
    files = made_in_turn(
        _named,
        shards,
        folder,
        ".json",
        asked,
        settings=settings,
        doing="Choosing in buckets",
        backend=backend,
        watch=watch,
    )
    found = [json.loads(file.read_text("utf-8")) for file in files]
    if not any(each["picks"] for each in found):
        raise WorkbenchError(
            "No pair of the sharded set can be chosen.",
            message("Add pairs without labels to it, or choose among labelled ones too ", by("again"), "."),
        )
    parts = []
    for each in found:
        items = np.unique([*each["picks"], *each["labelled"]]).astype(np.int64)
        if len(items):
            parts.append(only_items(open_part(shards, each["buckets"]), items))
    aside: dict[str, int] = {}
    for each in found:
        aside |= {why: aside.get(why, 0) + n for why, n in each["set_aside"].items()}
    return Finalists(
        data=joined(parts),
        candidates=sum(each["candidates"] for each in found),
        named=sum(len(each["picks"]) for each in found),
        set_aside=aside,
        buckets=len(files),
    )


def _named(part: Any, file: Path, asked: Mapping[str, Any]) -> None:
    """What one bucket names, and which of its labelled pairs go along, by position."""
    found: dict[str, Any] = {"buckets": part.buckets, "picks": [], "labelled": [], "candidates": 0, "set_aside": {}}
    try:
        made = pool_from(part, asked["model"], asked["encoder"], asked["slice"])
    except WorkbenchError as error:
        found["set_aside"] = {error.what.rstrip("."): len(part.items)}
        file.write_text(json.dumps(found), "utf-8")
        return
    strategy = STRATEGIES[asked["strategy"]]
    pool = made.again() if asked["again"] and not strategy.relabels else made.pool
    free = len(pool) if strategy.relabels or asked["again"] else made.new
    quota = min(math.ceil(asked["share"] * len(part.items)), free)
    picks = np.zeros(0, np.int64)
    if quota:
        picks = select(pool, quota, asked["strategy"], asked["seed"], **asked["options"]).picks
    rng = np.random.default_rng([asked["seed"], len(part.items)])
    # A model that is fitted in the second stage learns from these, and from pairs whose right label is known.
    labelled = np.concatenate([made.items[made.pool.voted], np.flatnonzero(part.gold != NULL)])
    most = 0 if asked["model"] is not None else math.ceil(asked["labelled"] * len(part.items))
    along = rng.permutation(labelled)[:most]
    found |= {
        "picks": np.sort(made.items[picks]).tolist(),
        "labelled": np.sort(along).tolist(),
        "candidates": int(free),
        "set_aside": dict(made.set_aside),
    }
    file.write_text(json.dumps(found), "utf-8")
