"""Attention checks: pairs whose text says which one to choose. They test reading, not judgement, and count apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from workbench.errors import WorkbenchError

_WORDS = (
    ("blue", "green"),
    ("seven", "nine"),
    ("river", "mountain"),
    ("tea", "coffee"),
    ("winter", "summer"),
    ("violin", "piano"),
    ("north", "south"),
    ("copper", "silver"),
    ("bread", "rice"),
    ("eagle", "sparrow"),
)
_COLUMNS = ("prompt", "response_a", "response_b", "label")

CHECKS: tuple[tuple[str, str, str, str], ...] = tuple(
    (
        f"This task asks whether you read. Choose the response that names {right}, and none but that.",
        f"The word you look for is {right if on_a else wrong}.",
        f"The word you look for is {wrong if on_a else right}.",
        "A>" if on_a else "B>",
    )
    for on_a, (right, wrong) in zip([True, False] * 5, _WORDS, strict=True)
)
"""Ten checks: prompt, response A, response B, the label asked for."""


def checks_from(path: Path) -> tuple[tuple[str, str, str, str], ...]:
    """Checks of one's own: a CSV file with `prompt`, `response_a`, `response_b` and `label`.

    Raises
    ------
    WorkbenchError : the file cannot be read, a column is missing or a cell is empty.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise WorkbenchError(f"{path}: cannot be read as CSV ({error}).", "Check the path and the file.") from error
    missing = [name for name in _COLUMNS if name not in table or (table[name] == "").any()]
    if missing:
        raise WorkbenchError(
            f"{path}: {', '.join(missing)} missing, or empty in some row.", f"A check needs {', '.join(_COLUMNS)}."
        )
    return tuple((str(p), str(a), str(b), str(label)) for p, a, b, label in table[list(_COLUMNS)].to_numpy().tolist())
