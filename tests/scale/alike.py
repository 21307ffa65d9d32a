"""Whether two results say the same: whole numbers exactly, others to nine digits."""

from __future__ import annotations

import math
from typing import Any


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where they differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        apart = [f"{path}: {key}" for key in one.keys() ^ other.keys()]
        both = one.keys() & other.keys()
        return apart + [d for key in both for d in differences(one[key], other[key], f"{path}/{key}")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return [f"{path}: {len(one)} and {len(other)} of them"]
        return [d for i, pair in enumerate(zip(one, other, strict=True)) for d in differences(*pair, f"{path}/{i}")]
    if isinstance(one, float) and isinstance(other, float):
        both = math.isnan(one) and math.isnan(other)
        return [] if both or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) else [f"{path}: {one} and {other}"]
    return [] if one == other else [f"{path}: {one} and {other}"]
