"""What every selection strategy takes and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import logit

from workbench.errors import WorkbenchError, first_five
from workbench.selection.kernels import BLOCK, row_keys


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool:
    r"""Pairs that could be labelled next, as arrays.

    A pair is the difference of its two responses' features, so that exchanging the sides changes the sign of the row
    and turns the probability p into 1 - p. No strategy sees which side is which.

    Attributes
    ----------
    features : float32 (n, d): difference features of each pair.
    probability : (n,): calibrated probability that A is preferred, or None where there is no model.
    margin : (n,): score of A minus score of B as the model gives them, or None; the log-odds of the probability then
        stand for it.
    members : (k, n): the probability from each member of an ensemble, or None.
    covariance : (d, d): posterior covariance of the coefficients (last-layer Laplace), or None.
    labelled : float32 (m, d): features of pairs that have labels already, or None.
    cost : (n,): what a label of this pair is expected to cost, in any unit, or None.
    flip : (n,): chance that a label of this pair names the wrong side, below one half, or None.
    slice : (n,): the slice a pair belongs to, for quotas, or None.
    votes : (n, 2): labels for A and for B that a pair has already, or None. Pairs with votes are candidates for a
        second look only.
    prompts : float32 (n, e): embeddings of the prompt alone, for the original hybrid formula, or None.
    ids : (n,): names of the pairs, for messages; their positions by default.
    """

    features: np.ndarray
    probability: np.ndarray | None = None
    margin: np.ndarray | None = None
    members: np.ndarray | None = None
    covariance: np.ndarray | None = None
    labelled: np.ndarray | None = None
    cost: np.ndarray | None = None
    flip: np.ndarray | None = None
    slice: np.ndarray | None = None
    votes: np.ndarray | None = None
    prompts: np.ndarray | None = None
    ids: Sequence[object] | np.ndarray | None = None

    def __post_init__(self) -> None:
        x = np.asarray(self.features)
        if x.ndim != 2:
            raise ValueError(f"features have shape {x.shape}, not (pairs, features)")
        n, d = x.shape
        for name in ("features", "labelled", "prompts"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, np.ascontiguousarray(value, np.float32))
        shapes = {
            "probability": (n,),
            "margin": (n,),
            "cost": (n,),
            "flip": (n,),
            "slice": (n,),
            "votes": (n, 2),
            "covariance": (d, d),
            "members": (None, n),
            "labelled": (None, d),
            "prompts": (n, None),
            "ids": (n,),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is None:
                continue
            got = np.shape(value) if name != "ids" else (len(value),)
            if len(got) != len(shape) or any(
                want is not None and want != have for want, have in zip(shape, got, strict=True)
            ):
                raise ValueError(f"{name} has shape {got}, there are {n} pairs of {d} features")
        self._check("probability", lambda v: (v >= 0) & (v <= 1), "between 0 and 1")
        self._check("margin", np.isfinite, "a finite number")
        self._check("cost", lambda v: v > 0, "above 0")
        self._check("flip", lambda v: (v >= 0) & (v < 0.5), "at least 0 and below 0.5")
        if self.members is not None:
            bad = np.asarray(~((self.members >= 0) & (self.members <= 1)).all(0))
            self._refuse(bad, "a probability of an ensemble member", "between 0 and 1")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def dim(self) -> int:
        """Features of a pair."""
        return int(self.features.shape[1])

    @property
    def margins(self) -> np.ndarray | None:
        """float64 (n,): the margins, or the log-odds of the probabilities, or None where there is no model."""
        if self.margin is not None or self.probability is None:
            return self.margin
        return np.asarray(logit(np.clip(self.probability, 1e-12, 1 - 1e-12)))

    @property
    def voted(self) -> np.ndarray:
        """Bool (n,): pairs that have labels already."""
        return np.zeros(len(self), bool) if self.votes is None else np.asarray(self.votes).sum(1) > 0

    def names(self, rows: np.ndarray) -> list[object]:
        """Ids of some rows."""
        return [int(i) if self.ids is None else self.ids[int(i)] for i in rows]

    def keys(self, salt: int) -> np.ndarray:
        """uint64 (n,): a key of each row's content that does not see the sides; rows alike have the same key.

        Raises
        ------
        WorkbenchError : a feature is not a finite number; names the first five pairs.
        """
        keys, finite = np.empty(len(self), np.uint64), np.empty(len(self), bool)
        bits = self.features.view(np.uint32)
        for i in range(0, len(self), BLOCK):
            row_keys(bits[i : i + BLOCK], np.uint64(salt), keys[i : i + BLOCK], finite[i : i + BLOCK])
        self._refuse(~finite, "a feature", "a finite number")
        for name in ("labelled", "prompts", "covariance"):
            value = getattr(self, name)
            if value is not None and not all(
                np.isfinite(value[i : i + BLOCK]).all() for i in range(0, len(value), BLOCK)
            ):
                raise WorkbenchError(
                    f"The {name} values of the pool hold numbers that are not finite.",
                    "Encode the texts again, or train the model again.",
                )
        return keys

    def _check(self, name: str, fine, rule: str) -> None:  # type: ignore[no-untyped-def]
        value = getattr(self, name)
        if value is not None:
            held = np.asarray(value, float)
            object.__setattr__(self, name, held)
            self._refuse(~fine(held), f"the {name}", rule)

    def _refuse(self, bad: np.ndarray, what: str, rule: str) -> None:
        rows = np.flatnonzero(bad)
        if len(rows):
            raise WorkbenchError(
                f"{len(rows):,} of {len(self):,} pairs have {what} that is not {rule}: {first_five(self.names(rows))}.",
                "Leave these pairs out, or look at their texts.",
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class Selection:
    """The pairs to label next.

    Attributes
    ----------
    picks : int64 (b,): rows of the pool in the order they were picked; a smaller budget takes the first of them.
    gain : float64 (b,): what the strategy gave for each pick when it was picked, given the picks before it.
    gain_name : what that is, with its unit.
    strategy, options : which strategy, and every option it ran with.
    budget : how many were asked for.
    candidates : pairs that could be picked.
    set_aside : reason -> pairs of the pool that could not, or were passed over.
    quotas : slice -> most picks from it, where slices are balanced.
    reason : why there are fewer picks than the budget; empty where there are not.
    notes : what else the reader should know.
    """

    picks: np.ndarray
    gain: np.ndarray
    gain_name: str
    strategy: str
    options: Mapping[str, object]
    budget: int
    candidates: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    quotas: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.picks)

    def to_frame(self, pool: Pool) -> pd.DataFrame:
        """One row a pick, in order: rank, row, id, gain, and what the pool knows of it."""
        rows = self.picks
        frame = pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "row": rows,
                "id": pd.Series(pool.names(rows), dtype=object),
                "gain": self.gain,
            }
        )
        for name in ("probability", "cost", "flip", "slice"):
            value = getattr(pool, name)
            if value is not None:
                frame[name] = np.asarray(value)[rows]
        if pool.votes is not None:
            frame["labels_so_far"] = np.asarray(pool.votes)[rows].sum(1)
        return frame

    def to_dict(self) -> dict[str, object]:
        """The summary the command line prints."""
        return {
            "strategy": self.strategy,
            "options": dict(self.options),
            "budget": self.budget,
            "picked": len(self),
            "candidates": self.candidates,
            "set_aside": dict(self.set_aside),
            "quotas": dict(self.quotas),
            "gain": {"name": self.gain_name, "total": float(self.gain.sum())},
            "reason": self.reason or None,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        fewer = f" ({self.reason})" if self.reason else ""
        return f"{self.strategy}: {len(self):,} of {self.candidates:,} pairs picked{fewer}"
