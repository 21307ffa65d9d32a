"""Data to look at before opening one's own: the committed demo, and seeded sets of other kinds made on the spot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.locations import demo_folder
from workbench.simulation.demo import EXPORT
from workbench.simulation.simulate import simulate, simulate_preset


@dataclass(frozen=True)
class Demo:
    """One data set to try.

    Attributes
    ----------
    name : short, stable, for addresses; without settings, of the preset that `workbench.simulate.simulate_preset`
        makes.
    title : for people.
    about : what is in it and what there is to find.
    settings : of `workbench.simulate`.
    """

    name: str
    title: str
    about: str
    settings: dict[str, Any] = field(default_factory=dict)

    def open(self) -> AnnotationSet:
        """The data: the committed export (the demo named `demo`), else simulated."""
        if self.name == "demo":
            return load(demo_folder() / EXPORT)
        return simulate(**self.settings).data if self.settings else simulate_preset(self.name).data

    def to_python(self) -> str:
        """The lines that give the same data, as `data`, in a notebook."""
        return f"from workbench.workspace.demos import demo\n\ndata = demo({self.name!r})"


DEMOS = (
    Demo(
        "demo",
        "A crew with trouble in it",
        "A Label Studio export: 602 pairs, 18 annotators, five weeks. One clicks at random, one hurries, one always"
        " picks the left, one gives up half way, two copy; one week and one category go wrong.",
    ),
    Demo("clean", "A healthy crew", "The same task with nobody who clicks through: what good labels look like here."),
    Demo(
        "judge-vs-crowd",
        "AI judges beside a crowd",
        "Three AI judges saw every pair in both orders, next to a crowd of 24 and two experts.",
    ),
    Demo(
        "large",
        "300,000 judgements",
        "A large project of 200 annotators, to try how quickly the pages answer.",
        {"annotations": 300_000, "seed": 9, "annotators": 200, "weeks": 12},
    ),
)
"""The demos, the one to begin with first."""


def demo(name: str) -> AnnotationSet:
    """A demo by its name.

    Raises
    ------
    WorkbenchError
        There is no such demo.

    Examples
    --------
    >>> len(demo("clean").annotators) > 5
    True
    """
    for each in DEMOS:
        if each.name == name:
            return each.open()
    raise WorkbenchError(f"There is no demo {name!r}.", f"Demos are {', '.join(each.name for each in DEMOS)}.")
