"""The files of one run: what they are called, written so that a reader never sees half a file, read so that half a line
does no harm.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


CONFIG, STATUS, PROCESS, RESULT = "config.json", "status.json", "process.json", "result.json"
METRICS, LOG, CANCEL, RESERVE, CHECKPOINTS = "metrics.jsonl", "log.txt", "cancel", ".reserve", "checkpoints"
DETAIL = "    | "
"""Begins the lines of a log that pages do not show."""
RESERVED_BYTES = 64 * 1024
"""Kept free by each run, so that a full disk can still be told of."""


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replaces a file in one move: a reader sees the old content or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.write_text(json.dumps(plain(content), ensure_ascii=False, allow_nan=False), "utf-8")
    draft.replace(path)


def overwrite_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes over a file where it lies: the last resort on a full disk, where a second file finds no room."""
    with path.open("rb+") as stream:
        stream.write(json.dumps(plain(content), ensure_ascii=False, allow_nan=False).encode())
        stream.truncate()


def read_json(path: Path) -> dict[str, Any] | None:
    """The content of a file, or None where there is none or it cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def plain(value: Any) -> Any:
    """Values as JSON has them: numpy scalars and arrays as numbers and lists, what is not finite as null, paths as
    text.

    >>> plain({"loss": float("nan"), "n": (1, 2)})
    {'loss': None, 'n': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def reserve(folder: Path) -> None:
    """Takes the room that the last words of a run need."""
    (folder / RESERVE).write_bytes(b"\0" * RESERVED_BYTES)


def release(folder: Path) -> None:
    """Gives that room back; without an error where there is none."""
    (folder / RESERVE).unlink(missing_ok=True)


def end_broken_line(path: Path) -> None:
    """A killed process leaves half a line; what is appended next begins on a line of its own."""
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as stream:
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")


def read_metrics(folder: Path) -> pd.DataFrame:
    """What was measured, one row a step that was written down.

    A line that is not whole is ignored. Where a run went on from a checkpoint, the steps that it did again replace the
    earlier ones.

    Returns
    -------
    Columns `attempt`, `doing`, `done`, `of`, `seconds`, then one for each figure.
    """
    import pandas as pd

    kept: list[dict[str, Any]] = []
    begun: set[tuple[int, str]] = set()
    for row in _lines(folder / METRICS):
        stage = (row["attempt"], row["doing"])
        if stage not in begun:
            begun.add(stage)
            kept = [
                r
                for r in kept
                if not (r["doing"] == row["doing"] and r["attempt"] < row["attempt"] and r["done"] >= row["done"])
            ]
        kept.append(row)
    first = ["attempt", "doing", "done", "of", "seconds"]
    figures = list(dict.fromkeys(key for row in kept for key in row if key not in first))
    return pd.DataFrame(kept, columns=[*first, *figures])


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return []
    lines = [line for line in text.split("\n") if line]
    try:
        rows = json.loads(f"[{','.join(lines)}]")  # all at once: a page reads this every second
    except ValueError:
        rows = [row for line in lines if (row := _row(line)) is not None]
    return [row for row in rows if isinstance(row, dict) and {"attempt", "doing", "done"} <= row.keys()]


def _row(line: str) -> Any:
    """What a line holds, or None where it is not whole."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def log(folder: Path, text: str, details: str = "") -> None:
    """Adds a line to the log: what was done and how long it took. Texts of annotations never go there.

    Parameters
    ----------
    details : lines for whoever has access to the file, such as where in the code it happened; pages do not show them.
    """
    with (folder / LOG).open("a", encoding="utf-8") as stream:
        stream.write(
            f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n"
            + "".join(f"{DETAIL}{line}\n" for line in details.splitlines())
        )


def log_tail(folder: Path, lines: int = 30, *, details: bool = False) -> list[str]:
    """The last lines of the log, however large it is; its details only where asked for."""
    try:
        with (folder / LOG).open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 64 * 1024))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if details or not line.startswith(DETAIL)][-lines:]
