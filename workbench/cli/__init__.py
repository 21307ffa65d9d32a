"""The command line: `python -m workbench COMMAND`.

Results go to standard output (or `--out`), progress and errors to standard error. Exit code 0 = done, 1 = the data
failed the check, 2 = could not run, with one readable line that says why.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from workbench.cli import (
    browsing,
    collecting,
    cycling,
    delivering,
    generating,
    judging,
    labelling,
    making,
    money,
    planning,
    policies,
    quality,
    reporting,
    routing,
    running,
    scoring,
    selecting,
    serving,
    sharding,
    studying,
    training,
    trusting,
)
from workbench.cli.overwriting import add_force, refuse_overwriting
from workbench.cli.saying import line_of
from workbench.cli.terminal import plain_streams
from workbench.errors import WorkbenchError, shortened
from workbench.extras import missing_extra, need
from workbench.version import __version__

_ROOMS = (
    browsing,
    quality,
    delivering,
    cycling,
    labelling,
    training,
    scoring,
    serving,
    policies,
    selecting,
    judging,
    trusting,
    routing,
    generating,
    collecting,
    studying,
    money,
    planning,
    reporting,
    making,
    sharding,
    running,
)
"""Modules that add commands, in the order of `--help`."""
STOPPED = 130
"""Exit code after Ctrl-C, as shells have it: a loop of a script ends with it."""
LONGEST = 1_500
"""Characters of a message; the middle of a longer one is left out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    with plain_streams():
        try:
            options = build_parser().parse_args([each for each in given if each != "--debug"])
            if extra := getattr(options, "extra", ""):
                need(extra, f"workbench {options.command}")
            refuse_overwriting(options)
            return int(options.run(options))
        except BrokenPipeError:
            sys.stderr.close()
            return 0
        except KeyboardInterrupt:
            _fail("Stopped.")
            return STOPPED
        except Exception as error:
            if debug:
                traceback.print_exc()
            _fail(why(error))
            return STOPPED if isinstance(error.__cause__, KeyboardInterrupt) else 2


def why(error: Exception) -> str:
    """What to tell a person of an error: one line, whatever it is."""
    if isinstance(error, WorkbenchError):
        return line_of(error)
    if isinstance(error, ModuleNotFoundError) and (missing := missing_extra(error)) is not None:
        return line_of(missing)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Open fewer files at once, or convert the export to Parquet first."
    if isinstance(error, OSError):
        said = (error.strerror or str(error)).lower()
        return f"{error.filename or 'The file'}: {said}. Check the path, the rights and the free space."
    reason = shortened(f"{type(error).__name__}: {error}", 200)
    return (
        f"Something that nobody foresaw went wrong ({reason}). Run it again with --debug to see where, and report that;"
        " nothing was written."
    )


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = _Parser(
        prog=_called(),
        description="Decide whether preference annotations are good enough to train a reward model on.",
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the trace of an error; may stand anywhere")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True, parser_class=_Parser
    )
    for room in _ROOMS:
        room.add_commands(commands)
    for command in commands.choices.values():
        add_force(command)
    return parser


def _called() -> str:
    """What was typed to get here."""
    return "workbench" if Path(sys.argv[0]).stem == "workbench" else "python -m workbench"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the help is."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: {shortened(message, LONGEST)}. See {self.prog} --help\n")


def _fail(message: str) -> int:
    print(f"workbench: {shortened(message, LONGEST)}", file=sys.stderr)
    return 2
