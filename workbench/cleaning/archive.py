"""The cleaned data as one file to take away, in any format, with its ledger and its rules."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

from workbench.cleaning.rules import Cleaning
from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats.writers.writing import WRITERS, write


def packed(cleaned: AnnotationSet, cleaning: Cleaning, to: str = "workbench", ending: str | None = None) -> bytes:
    """A zip archive of the cleaned data with `ledger.json`: what was read, what was set aside and why, by which rules.

    Parameters
    ----------
    cleaned : of `clean`.
    cleaning : the rules it was cleaned by.
    to : a format of `workbench.formats.writers.writing.WRITERS`.
    ending : of the data file, one of the format's; its usual one by default.

    Raises
    ------
    WorkbenchError
        The data cannot be written in this format.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-cleaned-") as folder:
        place = Path(folder)
        write(cleaned, to, place / f"cleaned{ending or WRITERS[to].endings[0]}")
        (place / "ledger.json").write_text(
            json.dumps(ledger_of(cleaned, cleaning), indent=1, ensure_ascii=False), "utf-8"
        )
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(p for p in place.rglob("*") if p.is_file()):
                archive.write(file, str(file.relative_to(place)))
        return stream.getvalue()


def ledger_of(cleaned: AnnotationSet, cleaning: Cleaning) -> dict[str, object]:
    """What became of the rows, as `ledger.json` says it."""
    return {
        "rules": cleaning.chosen,
        "python": f"clean(data, {cleaning.to_python()})",
        "sources": list(cleaned.sources),
        "key": cleaned.key,
        "rows_read": cleaned.ledger.rows_read,
        "set_aside": dict(cleaned.ledger.set_aside),
        "steps": [{"reason": reason, "rows": rows} for reason, rows in cleaned.ledger.steps],
        "annotations_left": len(cleaned.annotations),
    }
