"""The numbers of a report as files: one object, or one table for each part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from workbench.drafts import drafted, write_all
from workbench.formats.files.spreadsheet import defused
from workbench.report.report import Report


def write_json(report: Report, path: Path) -> Path:
    """Writes the report as one object."""
    text = json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
    with drafted(path) as draft:
        draft.write_text(text + "\n", "utf-8")
    return path


def write_csv(report: Report, folder: Path) -> list[Path]:
    """Writes each table as a CSV file; cells that a spreadsheet would run as formulas are defused."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_all({folder / name: content for name, content in csv_texts(report).items()})


def csv_texts(report: Report) -> Mapping[str, bytes]:
    """File name -> what `write_csv` writes there."""
    return {f"{name}.csv": _bytes(frame) for name, frame in report.to_csv().items()}


def _bytes(frame: pd.DataFrame) -> bytes:
    return defused(frame).to_csv(index=False).encode("utf-8-sig")
