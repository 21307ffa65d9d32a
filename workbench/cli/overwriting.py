"""No command writes over the file it reads, unless it is told to with `--force`."""

from __future__ import annotations

import argparse
import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.formats.files.paths import is_data_file

_OUTPUTS = ("out", "json_out", "csv_out")
_READ_WHOLE = ("paths", "pool", "path")
"""Options that name exports; all data files of a folder named there are read."""


def add_force(parser: argparse.ArgumentParser) -> None:
    """Adds `--force` to a command that has `--out`, and to the actions below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                add_force(below)
    if any("--out" in action.option_strings for action in parser._actions) and not parser.get_default("force"):
        parser.add_argument("--force", action="store_true", help="let --out replace a file that this command reads")


def refuse_overwriting(options: argparse.Namespace) -> None:
    """Stops where an output is one of the inputs.

    Raises
    ------
    WorkbenchError
        It is, and `--force` was not given.
    """
    if getattr(options, "force", False):
        return
    given = vars(options)
    outputs = [Path(given[name]) for name in _OUTPUTS if given.get(name) is not None]
    there = [path for path in outputs if path.exists()]
    if not there:
        return
    for option, value in given.items():
        if option in _OUTPUTS:
            continue
        for path in _inputs([value]):
            for out in there:
                if _same(out, path) or (option in _READ_WHOLE and _lies_in(out, path)):
                    raise WorkbenchError(
                        f"--out {out}: that is a file this command reads.",
                        "Choose another name, or say --force to replace it.",
                    )


def _inputs(values: Any) -> Iterator[Path]:
    """The files that options may name, those that a pattern stands for too."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from _inputs(value)
        elif isinstance(value, str | Path) and 0 < len(str(value)) < 4096 and "\0" not in str(value):
            yield Path(value)
            if glob.has_magic(str(value)):
                yield from map(Path, glob.glob(str(value), recursive=True))


def _same(out: Path, given: Path) -> bool:
    try:
        return given.exists() and os.path.samefile(out, given)
    except OSError:
        return False


def _lies_in(out: Path, folder: Path) -> bool:
    """Whether an output is one of the files that are opened where a folder is named."""
    return folder.is_dir() and out.is_file() and is_data_file(out.name) and folder.resolve() in out.resolve().parents
