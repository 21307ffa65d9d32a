"""Parts that other packages bring, found through entry points: readers, aggregation methods, selection strategies.

A package names a module of its own under one of the groups, and from then on the part stands beside those of the
workbench, on the command line and on the pages, and is bound by the same contract tests:

    [project.entry-points."workbench.readers"]
    my-tool = "my_package.my_reader"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Generic, TypeVar

from workbench.errors import WorkbenchError

READERS, METHODS, STRATEGIES = "workbench.readers", "workbench.aggregation", "workbench.selection"
"""Group of entry points -> what a module of it has at its top level is said in CONTRIBUTING.md."""
_ASKED = {
    READERS: ("NAME", "TITLE", "recognise", "read"),
    METHODS: ("TITLE", "SUMMARY", "fit"),
    STRATEGIES: ("TITLE", "SUMMARY", "pick"),
}
Part = TypeVar("Part")


class Parts(Mapping[str, Part], Generic[Part]):
    """Parts of one kind by name: those of the workbench first, then those of other packages, which are looked for when
    somebody first asks.

    Parameters
    ----------
    own : the workbench's, by name.
    group : of entry points.
    made : makes a part of an entry's name, the module's name, and the module.
    """

    def __init__(self, own: Mapping[str, Part], group: str, made: Callable[[str, str, ModuleType], Part]) -> None:
        self.own, self.group, self.made = own, group, made

    @cached_property
    def _all(self) -> dict[str, Part]:
        found = dict(self.own)
        for entry in sorted(entry_points(group=self.group), key=lambda entry: entry.name):
            if entry.name in found:
                raise _wrong(entry, "there is a part of this name already", "Uninstall one of them")
            found[entry.name] = self.made(entry.name, entry.value, _module(entry, _ASKED[self.group]))
        return found

    def __getitem__(self, name: str) -> Part:
        return self.own[name] if name in self.own else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _module(entry: EntryPoint, asked: tuple[str, ...]) -> ModuleType:
    """The module behind an entry.

    Raises
    ------
    WorkbenchError : it does not load, or is no such part.
    """
    try:
        module = entry.load()
    except Exception as error:  # whatever a foreign module does while it loads, its package has to be named
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise _wrong(entry, f"it does not load ({reason})") from error
    missing = [name for name in asked if not hasattr(module, name)]
    if missing:
        raise _wrong(entry, f"{entry.value} has no {', '.join(missing)}")
    if getattr(module, "NAME", entry.name) != entry.name:
        raise _wrong(entry, f"its module calls itself {module.NAME!r}")
    return module


def _wrong(entry: EntryPoint, why: str, remedy: str = "Update it, or uninstall it") -> WorkbenchError:
    package = entry.dist.name if entry.dist else "another package"
    return WorkbenchError(f"{entry.name} ({entry.group}) of {package} cannot be used: {why}.", f"{remedy}.")
