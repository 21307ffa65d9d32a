"""The command line: `python -m workbench COMMAND`.

Results go to standard output (or `--out`), progress and errors to standard error. Exit code 0 = done, 1 = the data
failed the check, 2 = could not run, with one readable line that says why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from workbench.cli import (
    judging,
    labelling,
    making,
    money,
    planning,
    quality,
    reporting,
    running,
    selecting,
    studying,
    training,
)
from workbench.errors import WorkbenchError
from workbench.version import __version__

_ROOMS = (quality, labelling, training, selecting, judging, studying, money, planning, reporting, making, running)
"""Modules that add commands, in the order of `--help`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except WorkbenchError as error:
        return _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return _fail("Stopped.")
    except MemoryError:
        return _fail(
            "There is not enough memory for this. Open fewer files at once, or convert the export to Parquet first."
        )
    except OSError as error:
        return _fail(
            f"{error.filename or 'The file'}: {(error.strerror or str(error)).lower()}. Check the path, the rights and"
            " the free space."
        )


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = _Parser(
        prog="python -m workbench",
        description="Decide whether preference annotations are good enough to train a reward model on.",
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    for room in _ROOMS:
        room.add_commands(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the help is."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help\n")


def _fail(message: str) -> int:
    print(f"workbench: {' '.join(message.split())}", file=sys.stderr)
    return 2
