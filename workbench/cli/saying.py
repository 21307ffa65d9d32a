"""Messages of the library in the words of the command line: choices are its options."""

from __future__ import annotations

import shlex

from workbench.errors import WorkbenchError
from workbench.messages import Choice, Choices

OPTIONS = {
    "mapping": "--map",
    "spelling": "--labels",
    "scale": "--scale",
    "format": "--format",
    "keep_identical": "--keep-identical",
    "dates": "--dates",
    "gold": "--gold",
    "evaluation": "--eval",
    "to": "--to",
    "people": "--people",
    "overlap": "--overlap",
    "gold_share": "--gold-share",
    "store": "--store",
    "batch": "--batch",
    "make_batch": "`workbench batch POOL --store URL --people N`",
    "folder": "--out",
    "prices": "--prices",
    "budget": "--budget",
    "start": "--start",
    "reveal": "--reveal",
    "close_look": "--close-look",
    "again": "--again",
    "memory": "--memory",
    "probabilities": "--probabilities",
    "train_out": "`train --out`",
    "train_help": "`python -m workbench train --help`",
}
"""What the command line calls each choice."""

_LEAD = {"by": "with ", "example": "for example ", "name": "", "quoted": ""}


def on_the_command_line(piece: Choices) -> str:
    """Choices as options.

    >>> from workbench.messages import by, message
    >>> message("Name the label ", by("mapping", {"label": "COLUMN"}), ".").say(on_the_command_line)
    'Name the label with --map label=COLUMN.'
    """
    settles = piece.how in ("by", "example")
    return _LEAD[piece.how] + " ".join(_option(choice, settles) for choice in piece.choices)


def line_of(error: WorkbenchError) -> str:
    """An error as one line."""
    return " ".join(error.say(on_the_command_line))


def _option(choice: Choice, settles: bool) -> str:
    """One choice: `--map label=COLUMN`, `--map gold=` for no column, `--keep-identical`, `--labels 'class 0=A'`."""
    value = "" if isinstance(choice.value, bool) else choice.value
    said = "=".join(part for part in (choice.field, value) if part)
    if settles and choice.name == "mapping" and choice.field and not value:
        said += "="
    # What a method from another package needs has no option, and is given in Python.
    option = OPTIONS.get(choice.name, f"{choice.name} in Python")
    return " ".join(part for part in (option, shlex.quote(said) if said else "") if part)
