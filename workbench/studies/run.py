"""Studies as runs: each takes its configuration and a run, keeps its finished cells in the run's folder, and gives what
becomes `result.json`.

A configuration holds `paths` (of the data, as `workbench.load` takes them), `evaluation` (paths of pairs to measure on,
may be empty), `encoder`, `most` (pairs a study takes), `dims` (main directions of their features), `data` (content key,
for the pages) and `settings`, those of the study by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Protocol

from workbench.cleaning import Cleaning
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import SettledError, WorkbenchError
from workbench.progress import Watch
from workbench.studies.bench import Bench
from workbench.studies.bench_building import DIMS, MOST, bare_bench, open_paths, why_no_study
from workbench.studies.cells import Cells
from workbench.studies.frontier import frontier
from workbench.studies.frontier_plans import FrontierSettings, Shop
from workbench.studies.label_sets import LabelSetSettings, compare_label_sets
from workbench.studies.label_sets import judged as judged_for_sets
from workbench.studies.learning_curve import CurveSettings, learning_curve, sizes_for
from workbench.studies.replay import ReplaySettings, prepared, replay
from workbench.studies.threshold import ThresholdSettings, threshold_effect
from workbench.studies.threshold import judged as judged_for_threshold

FEWEST_PAIRS = 100
"""A study takes at least so many pairs, where there are."""

CELLS = Path("checkpoints") / "cells.jsonl"
"""Where a run keeps its finished cells; beginning it again from its start deletes them."""


SETTINGS: Mapping[str, type] = {
    "replay": ReplaySettings,
    "threshold": ThresholdSettings,
    "label-sets": LabelSetSettings,
    "learning-curve": CurveSettings,
    "frontier": FrontierSettings,
}
"""Kind of run -> its settings."""

_PREPARED: Mapping[str, Callable[[Bench, Any], object]] = {
    "replay": prepared,
    "threshold": judged_for_threshold,
    "label-sets": judged_for_sets,
    "learning-curve": sizes_for,
    "frontier": Shop,
}
"""Kind of run -> what it does before it trains anything, which fails where the study cannot be done."""


def check(
    kind: str,
    settings: Mapping[str, Any],
    data: AnnotationSet,
    evaluation: AnnotationSet | None = None,
    encoder: str | None = None,
    most: int = MOST,
) -> None:
    """Says at once why a study cannot be done: what a run is started with stays as it is, so that one that fails for it
    fails again when resumed.

    Parameters
    ----------
    settings : as the configuration of a run holds them.
    evaluation : pairs to measure on; None = prompt groups of the data are held out.
    encoder : its name or folder; None = the usual one.
    most : pairs a study takes.

    Raises
    ------
    WorkbenchError
        The settings make no study, or none with these data.
    """
    from workbench.reward.encoders import encoder_named

    made = settings_from(SETTINGS[kind], settings)
    why = why_no_study(data)
    if why:
        raise WorkbenchError(why, "Open an export with prompts and responses.")
    if encoder:
        encoder_named(encoder)
    if most < FEWEST_PAIRS:
        raise WorkbenchError(
            f"A study of at most {most:,} pairs says nothing.", f"Take at least {FEWEST_PAIRS}, or the usual {MOST:,}."
        )
    _PREPARED[kind](bare_bench(data, evaluation, most=most), made)


class Running(Protocol):
    """What a study needs of a run."""

    @property
    def folder(self) -> Path:
        """Where its files lie."""

    @property
    def watch(self) -> Watch:
        """Who is told each step."""


def replay_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Selection replay."""
    return _study(config, run, ReplaySettings, replay)


def threshold_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Effect of a QA threshold."""
    return _study(config, run, ThresholdSettings, threshold_effect)


def label_sets_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Label sets compared."""
    return _study(config, run, LabelSetSettings, compare_label_sets)


def learning_curve_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Learning curve."""
    return _study(config, run, CurveSettings, learning_curve)


def frontier_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Quality per dollar."""
    return _study(config, run, FrontierSettings, frontier)


def _study(config: Mapping[str, Any], run: Running, kind: type, study: Callable[..., Any]) -> dict[str, Any]:
    settings = settings_from(kind, config.get("settings", {}))
    bench = open_paths(
        config["paths"],
        config.get("evaluation", ()),
        config.get("encoder"),
        most=int(config.get("most", MOST)),
        dims=int(config.get("dims", DIMS)),
        watch=run.watch,
    )
    cells = Cells(run.folder / CELLS, f"{bench.key} {settings!r}")
    try:
        found: dict[str, Any] = study(bench, settings, cells=cells, watch=run.watch).to_dict()
    except WorkbenchError as error:
        raise SettledError(error.what, error.remedy) from error
    return {**found, **_about(bench)}


def _about(bench: Bench) -> dict[str, Any]:
    """What every result says of its ground."""
    held = bench.evaluation
    return {
        "pairs": len(bench),
        "groups": bench.groups,
        "evaluation": None if held is None else {"pairs": len(held), "groups": bench.buckets},
        "key": bench.data.key if bench.data is not None else "",
    }


def settings_from(kind: type, given: Mapping[str, Any]) -> Any:
    """The settings of a study from JSON: lists become tuples, cleaning rules become `Cleaning`.

    Raises
    ------
    WorkbenchError
        A name is none of its settings.

    >>> settings_from(ReplaySettings, {"strategies": ["bald"], "seeds": 3}).strategies
    ('random', 'bald')
    """
    known = {f.name for f in fields(kind)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise WorkbenchError(
            f"{unknown[0]!r} is no setting of this study.", f"Its settings are {', '.join(sorted(known))}."
        )
    ready = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for name in ("cleaning", "rules"):
        rules = given.get(name)
        if isinstance(rules, Mapping):
            ready[name] = settings_from(Cleaning, rules)
    return kind(**ready)


def settings_from_page(kind: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What a page's widgets say, as the settings of a study, checked.

    Points of accuracy become shares, a price becomes an input of the scenario, and `both`, `off` and `on` the cleanings
    to try.

    Raises
    ------
    WorkbenchError
        The choices make no study.

    >>> settings_from_page(
    ...     "frontier",
    ...     {"worth_points": 0.5, "dollars_per_point": 0.0, "cleaning": "off", "label_price": 0.8, "seeds": 4},
    ... )
    {'seeds': 4, 'worth': 0.005, 'cleaning': [False], 'prices': {'label_price': 0.8}}
    >>> settings_from_page("frontier", {"items": ["100", "1,600"], "mixes": ["human 70% + ai 30%"]})["items"]
    [100, 1600]
    """
    given = {
        name: value
        for name, value in chosen.items()
        if name not in ("worth_points", "dollars_per_point", "label_price")
    }
    if "worth_points" in chosen:
        given["worth"] = float(chosen["worth_points"]) / 100
    if chosen.get("dollars_per_point"):
        given["dollars_per_point"] = float(chosen["dollars_per_point"])
    if "items" in chosen:
        given["items"] = [_item_count(each) for each in chosen["items"]]
    if kind == "frontier":
        given["cleaning"] = {"off": [False], "on": [True], "both": [False, True]}[str(chosen.get("cleaning", "both"))]
    if "label_price" in chosen:
        given["prices"] = {"label_price": float(chosen["label_price"])}
    order = ["seeds", "worth", "cleaning", "prices"]
    given = {**{name: given[name] for name in order if name in given}, **given}
    settings_from(SETTINGS[kind], given)
    return given


def _item_count(typed: object) -> int:
    text = str(typed).strip().replace(",", "").replace("_", "")
    if not text.isdecimal():
        raise WorkbenchError(
            f"Items: {' '.join(str(typed).split())[:40]!r} is no number of items.", "Give whole numbers, such as 400."
        )
    return int(text)
