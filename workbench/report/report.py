"""The report as a whole: one page, one object, or tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.report.contents import About, Section
from workbench.report.page import page
from workbench.report.tables import tables


@dataclass(frozen=True)
class Report:
    """The report: `to_html`, `to_dict`, `to_csv`.

    Attributes
    ----------
    about : what it is about and how it was made.
    sections : in the order they are read.
    front : what stands before them on one page; its figures are those of the sections. None = nothing does.
    """

    about: About
    sections: tuple[Section, ...]
    front: Section | None = None

    def section(self, name: str) -> Section:
        """A section by its name."""
        return next(s for s in self.sections if s.name == name)

    def to_dict(self) -> dict[str, Any]:
        """All numbers for programs."""
        a = self.about
        return {
            "workbench": a.version,
            "made": a.made.isoformat(timespec="seconds"),
            "key": a.key,
            "sources": list(a.sources),
            "format": a.format,
            "annotators_shown": a.annotators_shown,
            "texts_shown": a.texts_shown,
            "sections": {s.name: s.to_dict(a.load) for s in self.sections},
        }

    def to_html(self) -> str:
        """The report as one page that needs nothing else."""
        return page(self.about, self.sections, self.front)

    def to_csv(self) -> dict[str, pd.DataFrame]:
        """The same numbers as tables: `figures`, one row a figure, and each table of the report by its name."""
        return tables(self.sections)
