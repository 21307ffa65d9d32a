"""Numbers of every item that are files and not memory, looked at stretch by stretch.

An array over a file is memory too, for as long as its pages are held. So whoever has read or written a stretch lets go
of the whole array: what was written stays in the file, and the pages go.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np

SUFFIX = ".items"


def room_on_disk(folder: Path, n: int, columns: int) -> np.ndarray:
    """An array over a new file, float64 (n, columns), of zeros.

    >>> import tempfile
    >>> found = room_on_disk(Path(tempfile.mkdtemp()), 3, 2)
    >>> found[1] = 5
    >>> let_go(found)
    >>> found.tolist()
    [[0.0, 0.0], [5.0, 5.0], [0.0, 0.0]]
    """
    if n == 0:
        return np.zeros((0, columns))
    place = folder / f"{sum(1 for _ in folder.glob(f'*{SUFFIX}'))}{SUFFIX}"
    return np.asarray(np.memmap(place, np.float64, "w+", shape=(n, columns)))


def let_go(*arrays: np.ndarray) -> None:
    """Gives the memory of these arrays back, where they stand over files; their numbers stay."""
    for array in arrays:
        base: Any = array
        while base is not None and not isinstance(base, mmap.mmap):
            base = getattr(base, "base", None)
        if base is not None and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)
