"""Selection as a run: the pool is made, every strategy asked for picks from it, and what the page shows is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.progress import UNWATCHED, Watch
from workbench.selection.comparison import SelectionComparison, compare_strategies
from workbench.selection.planar import Plane, plane_of
from workbench.selection.pooling import PoolOf, pool_from

OPTIONS = ("strategies", "model", "encoder", "slice", "balance", "again", "alike", "seed", "cost_aware", "noise_aware")


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""


def select_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Does what `select_all` does for the data at `config["paths"]`; `config` holds its other parameters by name."""
    from workbench.formats import load

    run.watch.step(0, 0, "Reading the data")
    data = load(list(config["paths"]))
    options = {name: config[name] for name in OPTIONS if name in config}
    return select_all(data, int(config["budget"]), watch=run.watch, **options)


def select_all(
    data: AnnotationSet,
    budget: int,
    *,
    strategies: Sequence[str] | None = None,
    model: str | None = None,
    encoder: str | None = None,
    slice: str | None = None,
    balance: str | None = None,
    again: bool = False,
    alike: float | None = None,
    seed: int = 0,
    cost_aware: bool = False,
    noise_aware: bool = False,
    watch: Watch = UNWATCHED,
) -> dict[str, Any]:
    """What every strategy picks from these data, as plain values.

    Parameters
    ----------
    data, model, encoder, slice : as `pool_from` takes them.
    budget, balance, alike, seed, cost_aware, noise_aware : as `select` takes them.
    strategies : all by default.
    again : pairs that have labels are candidates of every strategy.
    watch : is told how far it is.

    Returns
    -------
    `pool` (what was made of the data), `strategies` (picks as item positions, gains, notes), `skipped`, `overlap`,
    `slices`, `table`, and `plane`.
    """
    made = pool_from(data, model, encoder, slice, watch)
    pool = made.again() if again else made.pool
    found = compare_strategies(
        pool,
        budget,
        strategies,
        seed,
        watch,
        made.pool,
        balance=balance,
        alike=alike,
        cost_aware=cost_aware,
        noise_aware=noise_aware,
    )
    return {
        "budget": budget,
        "seed": seed,
        "again": again,
        "pool": _about(made),
        **_told(found, made, plane_of(pool, found.selections, seed)),
    }


def _about(made: PoolOf) -> dict[str, Any]:
    return {
        "pairs": len(made.pool),
        "labelled": made.labelled,
        "new": made.new,
        "encoder": made.encoder,
        "encoder_reason": made.encoder_reason,
        "model": made.model,
        "flip": made.flip,
        "set_aside": dict(made.set_aside),
        "notes": list(made.notes),
        "features": made.pool.dim,
    }


def _told(found: SelectionComparison, made: PoolOf, plane: Plane) -> dict[str, Any]:
    told = {}
    for name, selection in found.selections.items():
        frame = selection.to_frame(made.pool)
        extra = {
            column: _plain(frame[column])
            for column in ("probability", "cost", "flip", "slice", "labels_so_far")
            if column in frame
        }
        told[name] = {
            **selection.to_dict(),
            "items": made.items[selection.picks].tolist(),
            "gains": selection.gain.tolist(),
            **extra,
        }
    return {
        "strategies": told,
        "skipped": dict(found.skipped),
        "overlap": {"names": list(found.overlap.index), "share": found.overlap.to_numpy().tolist()},
        "slices": found.slices.reset_index(names="of").to_dict("list") if len(found.slices) else {},
        "plane": plane.to_dict(),
        "table": found.table.replace({np.nan: None}).to_dict("records"),
    }


def _plain(column: Any) -> list[Any]:
    return [None if value is None or value != value else value for value in column.tolist()]
