"""Which formats can be written, and the one function that writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats.writers.annotation_table import write_annotation_table
from workbench.formats.writers.native import write_own
from workbench.formats.writers.preference_rows import write_preference_rows
from workbench.messages import message, quoted


@dataclass(frozen=True)
class Writer:
    """A format that can be written.

    Attributes
    ----------
    name, title : short name, and name for people.
    endings : endings of the file's name that it writes, the usual one first.
    options : names of the options it takes.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    options: tuple[str, ...]
    run: Callable[..., list[Path]]


def _own(data: AnnotationSet, path: Path) -> list[Path]:
    return [write_own(data, path)]


def _table(data: AnnotationSet, path: Path, texts: bool = True) -> list[Path]:
    return [write_annotation_table(data, path, texts=texts)]


WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer(
            "trl",
            "Training rows for TRL: prompt, chosen, rejected, with a sidecar",
            (".jsonl", ".parquet", ".csv"),
            ("labels", "soft", "ties", "conversational", "margins"),
            write_preference_rows,
        ),
        Writer("workbench", "The workbench's own form, everything in it", (".pwb", ".pwb.zip"), (), _own),
        Writer("annotations", "One table, a row a judgement", (".parquet", ".csv", ".jsonl"), ("texts",), _table),
    )
}
"""All formats that can be written, by name."""


def write(data: AnnotationSet, to: str, path: str | Path, **options: Any) -> list[Path]:
    """Writes an annotation set in another format.

    Parameters
    ----------
    to : name of the format, one of `WRITERS`.
    path : file or folder to write; the ending decides the kind of file.
    options : those of the format; options that are at their defaults (None, False, "drop") may be given to any.

    Returns
    -------
    The files and folders written.

    Raises
    ------
    WorkbenchError
        There is no such format or ending, or it does not take an option.
    """
    writer = WRITERS.get(to)
    if writer is None:
        raise WorkbenchError(
            message(quoted("to", value=to), ": there is no such format."),
            f"Formats that can be written: {'; '.join(f'{w.name} ({w.title})' for w in WRITERS.values())}.",
        )
    given = {k: v for k, v in options.items() if k in writer.options}
    foreign = [k for k, v in options.items() if k not in writer.options and v not in (None, False, "drop")]
    if foreign:
        raise WorkbenchError(
            f"The format {to} takes no option {', '.join(foreign)}.", f"It takes {', '.join(writer.options) or 'none'}."
        )
    try:
        return writer.run(data, Path(path), **given)
    except OSError as error:
        raise WorkbenchError(
            f"{path}: cannot be written ({error.strerror or error}).",
            "Check the folder, the rights and the free space.",
        ) from error
