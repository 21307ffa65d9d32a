"""What has to be asked about the columns of a table, and what answers it."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.errors import WorkbenchError, shortened
from workbench.formats.files.document import Document
from workbench.formats.tables.column_guessing import Guess
from workbench.formats.tables.doubt import Doubt
from workbench.formats.tables.mapping_fields import SAYS, USUAL
from workbench.messages import by, example, message

_SHOWN, _LONGEST = 40, 700
_UNKNOWN = dict.fromkeys(USUAL, "COLUMN")
"""What is said of the fields that are not found: no name that the file does not have."""
_IDENTIFIES = {"response_a", "model_a", "prompt", "winner"}


def asked(guess: Guess, document: Document, doubts: Sequence[Doubt]) -> WorkbenchError:
    """The weightiest of these doubts with its readings, each with the mapping that says it, or with what to do where
    no mapping can; without a doubt, what is missing.
    """
    columns = guess.document.columns
    they_are = f"The columns are {shortened(', '.join(columns[:_SHOWN]), _LONGEST)}."
    first = doubts[0] if doubts else None
    if first is not None and first.remedy:
        return WorkbenchError(f"{document.name}: {first.says}.", first.remedy)
    if first is not None and first.ways:
        ways = [piece for when, said in first.ways for piece in (f"; if {when}: ", by("mapping", said))]
        return WorkbenchError(f"{document.name}: {first.says}. {they_are}", message("Say which", *ways, "."))
    found = {f: ",".join(c) for f, c in guess.mapping.items() if f in ("item", "annotator", "label")}
    known = {f: c for f, c in found.items() if not any(f in doubt.about for doubt in doubts)}
    why = first.says if first is not None else guess.missing
    return WorkbenchError(
        f"{document.name}: it is not known what its columns hold; {why}. {they_are}",
        message("If it holds judgements, say which columns, ", example("mapping", _UNKNOWN | known), "."),
    )


def left_open(guess: Guess, named: set[str]) -> list[Doubt]:
    """The doubts that naming these fields has not settled."""
    settled = set(named)
    settled |= {"label"} if named & SAYS else set()
    settled |= {"item"} if named & _IDENTIFIES else set()
    return [doubt for doubt in guess.doubts if not doubt.about & settled]
