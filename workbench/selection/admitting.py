"""Which pairs may still be picked: quotas of slices, money left, nothing nearly the same twice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError, first_five

NEAR_DUPLICATE = "nearly the same as a pick"
OVER_QUOTA = "slice has its share"
TOO_DEAR = "costs more than is left"


def quotas(available: np.ndarray, budget: int, shares: np.ndarray | None = None) -> np.ndarray:
    """How many picks each slice gets: as its share asks, and what a slice cannot fill goes to the others.

    Parameters
    ----------
    available : int (S,): candidates of each slice.
    budget : picks in all.
    shares : float (S,): share of each slice; equal by default.

    Returns
    -------
    int64 (S,), at most `available`, summing to the budget or to all there are.

    >>> quotas(np.array([100, 100, 3]), 30).tolist()
    [14, 13, 3]
    """
    room = np.asarray(available, np.int64).copy()
    share = np.ones(len(room)) if shares is None else np.asarray(shares, float)
    given, left = np.zeros(len(room), np.int64), min(int(budget), int(room.sum()))
    while left > 0:
        able = (room > given) & (share > 0)
        if not able.any():
            able, share = room > given, np.ones(len(room))
        wish = np.where(able, left * share / share[able].sum(), 0.0)
        more = np.minimum(np.floor(wish).astype(np.int64), room - given)
        if more.sum() == 0:
            more[np.lexsort((np.arange(len(room)), -wish))[:left]] = 1
            more = np.minimum(more, np.where(able, room - given, 0))
        given += more
        left -= int(more.sum())
    return given


def quotas_by_name(
    slices: np.ndarray, open_rows: np.ndarray, budget: int, balance: str | Mapping[str, float]
) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Slice codes (n,), slice names (S,) and quotas (S,) for `equal`, `proportional`, or shares by name.

    Raises
    ------
    WorkbenchError : shares name a slice that does not exist, or are no shares.
    """
    codes, found = pd.factorize(pd.Series(slices).map(lambda v: "(none)" if v is None or v != v else str(v)), sort=True)
    names = [str(name) for name in found]
    available = np.bincount(codes[open_rows], minlength=len(names))
    if isinstance(balance, str):
        if balance not in ("equal", "proportional"):
            raise WorkbenchError(
                f"There is no balance {balance!r}.", "Choose equal or proportional, or give a share for each slice."
            )
        shares = np.ones(len(names)) if balance == "equal" else available.astype(float)
    else:
        unknown = sorted(set(map(str, balance)) - set(names))
        if unknown:
            raise WorkbenchError(f"There is no slice {first_five(unknown)}.", f"The slices are {first_five(names)}.")
        shares = np.array([float(balance.get(name, 0.0)) for name in names])
        if not (shares >= 0).all() or not np.isfinite(shares).all() or shares.sum() == 0:
            raise WorkbenchError(
                "Shares of slices must be at least 0, and one above 0.", "For example {'en': 0.5, 'de': 0.5}."
            )
    return codes, names, quotas(available, budget, shares)


class Admission:
    """Which rows may still be picked. A row that may not once may never again.

    Parameters
    ----------
    features : float32 (n, d).
    open_rows : bool (n,): rows that may be picked at all.
    codes, quota : slice of each row, and most picks of each slice; or None.
    alike : rows whose cosine with a pick is at least this, on either side, are passed over; None = no such rule.
    cost, spend : cost of each row, and most that all picks together may cost; or None.
    """

    def __init__(
        self,
        features: np.ndarray,
        open_rows: np.ndarray,
        codes: np.ndarray | None = None,
        quota: np.ndarray | None = None,
        alike: float | None = None,
        cost: np.ndarray | None = None,
        spend: float | None = None,
        budget: int = 0,
    ) -> None:
        self.open = open_rows.copy()
        self.passed_over: dict[str, int] = {}
        self._x, self._codes, self._left = features, codes, None if quota is None else quota.copy()
        self._alike, self._cost, self._money = alike, cost, spend
        self._directions = np.empty((budget if alike is not None else 0, features.shape[1]), np.float32)
        self._count = 0
        if quota is not None and codes is not None:
            self._close(np.isin(codes, np.flatnonzero(quota == 0)), OVER_QUOTA)

    def admits(self, row: int) -> bool:
        """Whether a row may be picked now; if not, it is closed for good."""
        if not self.open[row]:
            return False
        if self._money is not None and self._cost is not None and self._cost[row] > self._money:
            self._close(self._cost > self._money, TOO_DEAR)
            return False
        if (
            self._alike is not None
            and np.abs(self._directions[: self._count] @ _direction(self._x[row])).max(initial=0.0) >= self._alike
        ):
            self.open[row] = False
            self.passed_over[NEAR_DUPLICATE] = self.passed_over.get(NEAR_DUPLICATE, 0) + 1
            return False
        return True

    def take(self, row: int) -> None:
        """Counts a row as picked."""
        self.open[row] = False
        if self._money is not None and self._cost is not None:
            self._money -= float(self._cost[row])
        if self._alike is not None:
            self._directions[self._count] = _direction(self._x[row])
        self._count += 1
        if self._left is not None and self._codes is not None:
            code = self._codes[row]
            self._left[code] -= 1
            if self._left[code] == 0:
                self._close(self._codes == code, OVER_QUOTA)

    def _close(self, rows: np.ndarray, reason: str) -> None:
        closed = int((self.open & rows).sum())
        self.open &= ~rows
        if closed:
            self.passed_over[reason] = self.passed_over.get(reason, 0) + closed


def _direction(x: np.ndarray) -> np.ndarray:
    length = float(np.sqrt(x.astype(float) @ x))
    return x / np.float32(length) if length > 0 else x
