"""The numbers of a report as files: one object, or one table for each part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from workbench.formats.files.spreadsheet import defused
from workbench.report.contents import Report


def tables(report: Report) -> dict[str, pd.DataFrame]:
    """Each table by its name, and `figures`: one row a figure with its intervals and counts."""
    found = {"figures": figures(report)}
    for section in report.sections:
        found |= {table.name: table.frame for table in section.tables}
    return found


def figures(report: Report) -> pd.DataFrame:
    """All figures, one a row: `section`, `name`, `title`, `value`, bounds of each interval, `n`, `of`, `counted`,
    `reason`, `python`.
    """
    rows = []
    for section in report.sections:
        for f in section.figures:
            bounds = {
                f"{s.about.replace(' ', '_')}_{end}": v
                for s in f.spans
                for end, v in (("low", s.low), ("high", s.high))
            }
            rows.append(
                {
                    "section": section.name,
                    "name": f.name,
                    "title": f.title,
                    "value": f.value,
                    **bounds,
                    "n": f.n,
                    "of": f.of,
                    "counted": f.counted if f.n is not None else None,
                    "reason": f.reason,
                    "note": f.note or None,
                    "no_interval": f.exact or None,
                    "python": f.python,
                }
            )
    frame = pd.DataFrame(rows)
    first = ["section", "name", "title", "value"]
    last = ["n", "of", "counted", "reason", "note", "no_interval", "python"]
    return frame[[*first, *[c for c in frame if c not in (*first, *last)], *last]]


def write_json(report: Report, path: Path) -> Path:
    """Writes the report as one object."""
    path.write_text(json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n", "utf-8")
    return path


def write_csv(report: Report, folder: Path) -> list[Path]:
    """Writes each table as a CSV file; cells that a spreadsheet would run as formulas are defused."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(frame, folder / f"{name}.csv") for name, frame in tables(report).items()]


def csv_texts(report: Report) -> Mapping[str, bytes]:
    """File name -> what `write_csv` writes there."""
    return {f"{name}.csv": _bytes(frame) for name, frame in tables(report).items()}


def _written(frame: pd.DataFrame, path: Path) -> Path:
    path.write_bytes(_bytes(frame))
    return path


def _bytes(frame: pd.DataFrame) -> bytes:
    return defused(frame).to_csv(index=False).encode("utf-8-sig")
