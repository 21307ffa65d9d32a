r"""How far is every pair from the nearest point so far? One number a pair, lowered as points are added.

$m_i \leftarrow \min(m_i, \|g_i - c\|^2)$: O(n d) work and O(n) memory a point, against O(n |S| d) of both where all
distances are formed anew. Pairs have no first side, so two of them are compared on whichever side they are nearer:
$\min(\|g - c\|, \|g + c\|)$.
"""

from __future__ import annotations

import numpy as np

from workbench.selection.kernels import BLOCK, nearest_of, nearest_of_one


class Nearest:
    """Squared distance of every row to the nearest point so far.

    Parameters
    ----------
    x : float32 (n, d).
    scale : float64 (n,): every row counts as `scale * x`; ones by default.
    either_side : a row and its negative are the same.

    Attributes
    ----------
    squared : float64 (n,): infinite before the first point.
    square : float64 (n,): squared length of every (scaled) row.
    """

    def __init__(self, x: np.ndarray, scale: np.ndarray | None = None, *, either_side: bool = True) -> None:
        self.x, self.either_side = x, either_side
        self.scale = np.ones(len(x)) if scale is None else np.asarray(scale, float)
        self.square = np.empty(len(x))
        for i in range(0, len(x), BLOCK):
            block = x[i : i + BLOCK]
            self.square[i : i + BLOCK] = np.einsum("nd,nd->n", block, block, dtype=np.float64)
        self.square *= self.scale**2
        self.squared = np.full(len(x), np.inf)

    def points(self, rows: np.ndarray) -> np.ndarray:
        """Rows as points, float64 (b, d)."""
        return self.x[rows].astype(float) * self.scale[rows, None]

    def add(self, points: np.ndarray) -> None:
        """Lowers every distance by these points, float64 (b, d)."""
        if len(points) == 0:
            return
        across = np.ascontiguousarray(points.astype(np.float32).T)
        length = np.einsum("bd,bd->b", points, points)
        for i in range(0, len(self.x), BLOCK):
            part = slice(i, i + BLOCK)
            nearest_of(
                self.x[part],
                self.scale[part],
                self.square[part],
                points,
                length,
                self.x[part] @ across,
                self.either_side,
                self.squared[part],
            )

    def watched(self, rows: np.ndarray) -> Watched:
        """Some rows, kept up to date point by point."""
        return Watched(self, rows)


class Watched:
    """Some rows of a `Nearest`, kept up to date point by point; `squared` is float64 (len(rows),)."""

    def __init__(self, whole: Nearest, rows: np.ndarray) -> None:
        everything = len(rows) == len(whole.x)
        self.x = whole.x if everything and (rows == np.arange(len(rows))).all() else whole.x[rows]
        self.scale, self.squared, self._either = whole.scale[rows], whole.squared[rows], whole.either_side

    def point(self, k: int) -> np.ndarray:
        """The k-th row as a point, float64 (d,)."""
        point: np.ndarray = self.x[k].astype(float) * self.scale[k]
        return point

    def add(self, point: np.ndarray) -> None:
        """Lowers the distances by one point, float64 (d,)."""
        nearest_of_one(self.x, self.scale, point, self._either, self.squared)
