"""A model folder as one archive to take away."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from workbench.errors import WorkbenchError

_KEPT = (".safetensors", ".json", ".md", ".txt", ".model", ".jinja")


def packed_model(folder: Path) -> bytes:
    """The files of a model folder as a zip archive: weights, what they are, and the card; nothing that could run code.

    Raises
    ------
    WorkbenchError
        There is no model in it any more.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _KEPT and not p.name.startswith("."))
    if not files:
        raise WorkbenchError("The model of this run is not on this machine any more.", "Start the run again.")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in files:
            archive.write(path, str(Path("model") / path.relative_to(folder)))
    return stream.getvalue()
