"""One entry of the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One entry.

    Attributes
    ----------
    title : the field's name for it.
    question : what it answers, in one sentence.
    formula : in LaTeX, or empty.
    range : the values it can take.
    reading : how to read it.
    beware : when not to use it, or what it does not see.
    source : where it is defined.
    """

    title: str
    question: str
    formula: str
    range: str
    reading: str
    beware: str
    source: str

    def to_markdown(self) -> str:
        """The entry as Markdown with LaTeX, for a help bubble or a page of the manual."""
        formula = f"$$ {self.formula} $$\n\n" if self.formula else ""
        return (
            f"**{self.title}.** {self.question}\n\n{formula}**Range.** {self.range}\n\n**Reading it.**"
            f" {self.reading}\n\n**Beware.** {self.beware}\n\n**Source.** {self.source}"
        )
