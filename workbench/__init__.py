"""Preference Workbench: are these preference annotations good enough to train a reward model on?

The names of `__all__` are public and stay. They load when they are first used, so that importing costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from workbench.version import __version__

if TYPE_CHECKING:
    from workbench import agreement, annotators, reversals
    from workbench.auditing.audit import Audit, audit
    from workbench.dataset.annotation_set import AnnotationSet
    from workbench.dataset.scales import LabelScale
    from workbench.errors import WorkbenchError
    from workbench.estimates import Estimate, Interval
    from workbench.findings import Finding
    from workbench.formats import load
    from workbench.simulation.simulate import Simulation, simulate

__all__ = [
    "AnnotationSet",
    "Audit",
    "Estimate",
    "Finding",
    "Interval",
    "LabelScale",
    "Simulation",
    "WorkbenchError",
    "__version__",
    "agreement",
    "annotators",
    "audit",
    "label",
    "load",
    "reversals",
    "simulate",
]

_HOME = {
    "AnnotationSet": "dataset.annotation_set",
    "Audit": "auditing.audit",
    "Estimate": "estimates",
    "Finding": "findings",
    "Interval": "estimates",
    "LabelScale": "dataset.scales",
    "Simulation": "simulation.simulate",
    "WorkbenchError": "errors",
    "audit": "auditing.audit",
    "label": "collection.notebook",
    "load": "formats",
    "simulate": "simulation.simulate",
}
"""Public name -> the module that has it; other names are modules of the package."""


def __getattr__(name: str) -> Any:
    if name in _HOME:
        found = getattr(import_module(f"workbench.{_HOME[name]}"), name)
    elif not name.startswith("_") and find_spec(f"workbench.{name}") is not None:
        found = import_module(f"workbench.{name}")
    else:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
