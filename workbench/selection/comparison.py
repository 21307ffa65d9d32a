"""What do the strategies pick, side by side: how far the same pairs, from which slices, at what cost, and with how much
to learn from them?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.selection.contract import Pool, Selection
from workbench.selection.information import label_information, log_det_gain
from workbench.selection.registry import STRATEGIES, select


@dataclass(frozen=True, eq=False)
class SelectionComparison:
    """Selections of several strategies from one pool.

    Attributes
    ----------
    selections : strategy -> what it picked.
    overlap : square table: share of the row strategy's picks that the column strategy picked too.
    slices : a row a strategy (and `the pool`), a column a slice: share of the picks; empty without slices.
    table : a row a strategy: picks, expected information, mean p (1 - p), what a label costs on average, picks with
        labels already.
    skipped : strategy -> why it did not run.
    """

    selections: Mapping[str, Selection]
    overlap: pd.DataFrame
    slices: pd.DataFrame
    table: pd.DataFrame
    skipped: Mapping[str, str]


def compare_strategies(
    pool: Pool,
    budget: int,
    strategies: Sequence[str] | None = None,
    seed: int = 0,
    watch: Watch = UNWATCHED,
    again: Pool | None = None,
    **choices: object,
) -> SelectionComparison:
    """What would each strategy pick from this pool?

    Parameters
    ----------
    pool, budget, seed, choices : as `select` takes them; options that a strategy does not have are left out for it.
    strategies : all by default.
    watch : is told how far it is.
    again : the pool that relabelling strategies choose from; the same one by default.

    Returns
    -------
    Expected information is ln det of what the picks together add to the model's information, `log_det_gain`, for all
    alike.
    """
    found: dict[str, Selection] = {}
    skipped: dict[str, str] = {}
    names = list(strategies or STRATEGIES)
    for i, name in enumerate(names):
        watch.step(i, len(names), f"Picking by {STRATEGIES[name].title}")
        own = {k: v for k, v in choices.items() if k in ("balance", "alike", "spend") or k in STRATEGIES[name].options}
        try:
            found[name] = select(
                again if again is not None and STRATEGIES[name].relabels else pool,
                budget,
                name,
                np.random.default_rng(seed),
                **own,  # type: ignore[arg-type]
            )
        except WorkbenchError as error:
            skipped[name] = error.what.rstrip(".")
    return compared(pool, found, skipped)


def compared(
    pool: Pool, selections: Mapping[str, Selection], skipped: Mapping[str, str] | None = None
) -> SelectionComparison:
    """The tables of a comparison, from selections that were made before."""
    titles = [STRATEGIES[name].title for name in selections]
    sets = [set(s.picks.tolist()) for s in selections.values()]
    overlap = pd.DataFrame(
        [[len(a & b) / len(a) if a else np.nan for b in sets] for a in sets], index=titles, columns=titles
    )
    weight = label_information(pool, noise_aware=False)
    rows = []
    for name, selection in selections.items():
        picks = selection.picks
        rows.append(
            {
                "strategy": name,
                "title": STRATEGIES[name].title,
                "picks": len(picks),
                "information": log_det_gain(pool, picks, noise_aware=False),
                "openness": float(weight[picks].mean()) if len(picks) else np.nan,
                "cost": np.nan if pool.cost is None or not len(picks) else float(pool.cost[picks].mean()),
                "labelled_already": int(pool.voted[picks].sum()) if len(picks) else 0,
            }
        )
    return SelectionComparison(
        dict(selections), overlap, _slices(pool, selections), pd.DataFrame(rows), dict(skipped or {})
    )


def _slices(pool: Pool, selections: Mapping[str, Selection]) -> pd.DataFrame:
    if pool.slice is None:
        return pd.DataFrame()
    values = pd.Series(pool.slice).map(lambda v: "(none)" if v is None or v != v else str(v))
    mix = {"the pool": values.value_counts(normalize=True)}
    for name, selection in selections.items():
        mix[STRATEGIES[name].title] = values.iloc[selection.picks].value_counts(normalize=True)
    return pd.DataFrame(mix).T.fillna(0.0).sort_index(axis=1)
