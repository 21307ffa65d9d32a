"""What each measure is, for the help beside every number: formula, range, how to read it, when not to use it, source.

The entries are data: one TOML file a subject, one table a measure, its fields those of `Measure`.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

from workbench.glossary.entry import Measure

SUBJECTS = (
    "agreement",
    "reversals",
    "people",
    "annotator_work",
    "labelling",
    "aggregation_quality",
    "learning",
    "policies",
    "selecting",
    "studying",
    "judging",
    "cycles",
    "money",
)
"""Files of the glossary, in the order of the manual."""


def _entries(subject: str) -> dict[str, Measure]:
    """The measures of one file; lines of a text are joined."""
    tables = tomllib.loads((files("workbench.glossary") / f"{subject}.toml").read_text("utf-8"))
    return {
        name: Measure(**{field: " ".join(text.split()) for field, text in table.items()})
        for name, table in tables.items()
    }


GLOSSARY: dict[str, Measure] = {name: entry for subject in SUBJECTS for name, entry in _entries(subject).items()}
"""Measures by the name they have in the library and in the audit."""

__all__ = ["GLOSSARY", "Measure"]
