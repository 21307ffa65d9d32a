"""Plain statistics of simulated judgements, written the slow and obvious way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.simulation.simulate import Simulation


def judgements(made: Simulation) -> pd.DataFrame:
    """One row a labelled judgement, with what is true about it."""
    rows = made.data.annotations.assign(
        how=made.truth.annotations["how"].to_numpy(), week=made.truth.annotations["week"].to_numpy()
    )
    rows = rows[rows["label"] >= 0].copy()
    direction = made.data.scale.direction
    truth = made.truth.items
    rows["direction"] = direction(rows["label"].to_numpy())
    rows["true"] = direction(truth["label"].to_numpy())[rows["item"]]
    rows["right"] = rows["direction"] == rows["true"]
    rows["ambiguous"] = truth["ambiguous"].to_numpy()[rows["item"]]
    rows["behaviour"] = made.truth.annotators["behaviour"].to_numpy()[rows["annotator"]]
    tie = made.data.scale.tie
    rows["decided"] = rows["direction"] != 1 if tie is not None else True
    rows["chose_first"] = (rows["direction"] > 0).astype(int) == rows["shown_first"]
    return rows


def agreement(rows: pd.DataFrame, by: str) -> pd.Series:
    """Share of pairs of first judgements of an item that agree in direction, by a property of the first of the two."""
    first = rows[rows["repeat"] == 0]
    pairs = first.merge(first[["item", "annotator", "direction"]], on="item", suffixes=("", "_other"))
    pairs = pairs[pairs["annotator"] != pairs["annotator_other"]]
    return (pairs["direction"] == pairs["direction_other"]).groupby(pairs[by], observed=True).mean()


def surely_within(successes: float, n: int, p: float, z: float = 4.5) -> bool:
    """Whether a binomial count lies where all but one in 150,000 do."""
    return abs(successes - n * p) <= z * np.sqrt(n * p * (1 - p)) + 1
