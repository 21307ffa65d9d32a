"""The compiled loops of selection: distances and products in double precision over features in single precision.

Each loop runs over one block of rows and releases Python's lock; the heavy matrix products around them are left to
BLAS.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = 8_192
"""Rows looked at together: a block of 384 single-precision features takes 12 MB."""


@njit(nogil=True, cache=True)
def row_keys(bits: np.ndarray, salt: np.uint64, keys: np.ndarray, finite: np.ndarray) -> None:
    """A 64-bit key of each row that does not see signs, and whether the row is finite; `bits` are the features as
    uint32 (n, d).
    """
    for i in range(bits.shape[0]):
        h, fine = salt, True
        for j in range(bits.shape[1]):
            magnitude = bits[i, j] & np.uint32(0x7FFFFFFF)
            fine &= magnitude < np.uint32(0x7F800000)
            h = (h ^ np.uint64(magnitude)) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(29)
        h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        keys[i] = h ^ (h >> np.uint64(32))
        finite[i] = fine


@njit(nogil=True, cache=True)
def project(x: np.ndarray, u: np.ndarray, out: np.ndarray) -> None:
    """Product of each row with one vector, summed in double precision: x float32 (n, d), u float64 (d,), out float64
    (n,).
    """
    for i in range(x.shape[0]):
        a, b, c, e, j = 0.0, 0.0, 0.0, 0.0, 0
        while j + 4 <= x.shape[1]:
            a += x[i, j] * u[j]
            b += x[i, j + 1] * u[j + 1]
            c += x[i, j + 2] * u[j + 2]
            e += x[i, j + 3] * u[j + 3]
            j += 4
        while j < x.shape[1]:
            a += x[i, j] * u[j]
            j += 1
        out[i] = (a + b) + (c + e)


@njit(nogil=True, cache=True, inline="always")
def _squared_distance(x: np.ndarray, scale: float, point: np.ndarray, either_side: bool) -> float:
    same, opposite = 0.0, 0.0
    if either_side:
        for j in range(len(point)):
            v = scale * x[j]
            same += (v - point[j]) * (v - point[j])
            opposite += (v + point[j]) * (v + point[j])
        return min(same, opposite)
    a, b, j = 0.0, 0.0, 0
    while j + 2 <= len(point):
        first, second = scale * x[j] - point[j], scale * x[j + 1] - point[j + 1]
        a += first * first
        b += second * second
        j += 2
    if j < len(point):
        last = scale * x[j] - point[j]
        a += last * last
    return a + b


@njit(nogil=True, cache=True)
def nearest_of(
    x: np.ndarray,
    scale: np.ndarray,
    square: np.ndarray,
    points: np.ndarray,
    point_square: np.ndarray,
    products: np.ndarray,
    either_side: bool,
    best: np.ndarray,
) -> None:
    """Lowers `best` (n,), squared distance to the nearest point, by more points (b, d), given their products (n, b) in
    single precision.

    A product only says which points cannot be the nearest; a distance that might be is computed from the differences.
    """
    for i in range(x.shape[0]):
        for j in range(points.shape[0]):
            g = scale[i] * products[i, j]
            near = square[i] + point_square[j]
            about = near - 2.0 * (abs(g) if either_side else g)
            if about < best[i] + 1e-5 * near:
                best[i] = min(best[i], _squared_distance(x[i], scale[i], points[j], either_side))


@njit(nogil=True, cache=True)
def nearest_of_one(x: np.ndarray, scale: np.ndarray, point: np.ndarray, either_side: bool, best: np.ndarray) -> None:
    """Lowers `best` (n,), squared distance to the nearest point, by one more point (d,)."""
    for i in range(x.shape[0]):
        best[i] = min(best[i], _squared_distance(x[i], scale[i], point, either_side))


@njit(nogil=True, cache=True)
def highest_sum(fixed: np.ndarray, squared: np.ndarray, factor: float) -> float:
    """Largest of `fixed + factor * sqrt(squared)`; minus infinity where there is none."""
    highest = -np.inf
    for i in range(len(fixed)):
        highest = max(highest, fixed[i] + factor * np.sqrt(squared[i]))
    return highest
