"""Which pairs to send to people, as a run: a process of its own whose finished splits stay on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import SettledError, WorkbenchError, first_five
from workbench.progress import Watch
from workbench.routing.plan import Plan, Tier
from workbench.routing.tiers import Verdicts
from workbench.routing.verdicts import simulated_verdicts
from workbench.studies.bench_building import bare_bench, why_no_study
from workbench.studies.cells import Cells
from workbench.studies.people_or_judge import (
    gain_on_data,
    kinds_of,
    people_alone,
    score_of,
    sides_of_both,
    slice_values,
)

CELLS = Path("checkpoints") / "cells.jsonl"


class Running(Protocol):
    """What a run hands its work."""

    @property
    def folder(self) -> Path:
        """Where its files lie."""

    @property
    def watch(self) -> Watch:
        """Who is told each step."""


def checked_slice(data: AnnotationSet, name: str | None) -> str | None:
    """The name of a slice of these data, or None where none is named.

    Raises
    ------
    WorkbenchError : they have no such slice.
    """
    if name and f"slice.{name}" not in data.items:
        has = first_five([s.removeprefix("slice.") for s in data.slices]) or "none"
        raise WorkbenchError(f"There is no slice {name[:60]!r}.", f"Slices here: {has}.")
    return name or None


def verdicts_named(data: AnnotationSet, judge: str, asked: Mapping[str, Any] | None = None) -> Verdicts:
    """What a judge says of these items: one that stands in the data, runs here, or was asked by a run.

    Parameters
    ----------
    judge : an annotator, `rule:longer` or `model:FOLDER`.
    asked : the configuration of a finished run of a judge, whose ledger has the answers; nothing is sent.
    """
    plan = Plan(tiers=(Tier(judge, judge, 0.0),))
    return simulated_verdicts(data, plan, None, asked={judge: asked} if asked else None)[0]


def checked_gain(data: AnnotationSet, config: Mapping[str, Any]) -> Verdicts:
    """What the judge of a run says, where the run can be done at all.

    Raises
    ------
    WorkbenchError : there are no texts, the slice or the judge is none, or too few pairs have labels of both.
    """
    checked_slice(data, config.get("by"))
    if why := why_no_study(data):
        raise WorkbenchError(why, "Open an export with prompts and responses.")
    verdicts = verdicts_named(data, str(config["judge"]), config.get("asked"))
    bench = bare_bench(people_alone(data))
    sides_of_both(bench, score_of(verdicts)[bench.item])
    return verdicts


def next_for_people(data: AnnotationSet, config: Mapping[str, Any], result: Mapping[str, Any]) -> np.ndarray:
    """Positions of the pairs that the judge and no person labelled, those of the kinds with the largest gain first."""
    judge = score_of(verdicts_named(data, str(config["judge"]), config.get("asked")))
    kind = kinds_of(judge, np.array(result["cuts"]), slice_values(data, config.get("by")))
    labelled = data.gold != NULL
    labelled[people_alone(data).codes.item] = True
    waiting = np.flatnonzero(np.isfinite(judge) & ~labelled)
    worth = np.array([result["gains_per_100"].get(str(kind[place]), 0.0) for place in waiting])
    return waiting[np.argsort(-worth, kind="stable")]


def reward_gain_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Trains small reward models on who labelled what; the result is what `route --reward-gain --json` prints.

    `config` holds `paths`, `data` (content key), `judge`, and may hold `asked` (of `verdicts_named`), `by` (a slice),
    `seeds` and `encoder`.
    """
    from workbench.formats import load

    run.watch.step(0, 0, "Reading the data")
    data = load(list(config["paths"]))
    judge, by, seeds = str(config["judge"]), checked_slice(data, config.get("by")), int(config.get("seeds", 10))
    verdicts = verdicts_named(data, judge, config.get("asked"))
    recipe = repr([data.key, judge, config.get("asked"), by, config.get("encoder")])
    try:
        found = gain_on_data(
            data,
            verdicts,
            slice_name=by,
            encoder=config.get("encoder"),
            seeds=seeds,
            cells=Cells(run.folder / CELLS, recipe),
            watch=run.watch,
        )
    except WorkbenchError as error:
        raise SettledError(error.what, error.remedy) from error
    return {**found.to_dict(), "judge": judge, "by": by, "seeds": seeds}
