"""The responses of policy and reference that a run has written for people to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

FILE = "samples.jsonl"
COLUMNS = ("prompt", "policy", "reference")


def write_samples(folder: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Writes a line a response."""
    path = folder / FILE
    with path.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) + "\n")
    return path


def read_samples(folder: Path, most: int = 500) -> pd.DataFrame:
    """The first responses of a run: `prompt`, `policy`, `reference`; empty where there are none.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> read_samples(place).empty
    True
    >>> _ = write_samples(place, [{"prompt": "p", "policy": "a", "reference": "b"}])
    >>> read_samples(place).values.tolist()
    [['p', 'a', 'b']]
    """
    rows = []
    try:
        with (folder / FILE).open(encoding="utf-8") as stream:
            for line, _ in zip(stream, range(most), strict=False):
                found = json.loads(line)
                rows.append({name: str(found.get(name, "")) for name in COLUMNS})
    except (OSError, ValueError, AttributeError):
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.DataFrame(rows, columns=list(COLUMNS))
