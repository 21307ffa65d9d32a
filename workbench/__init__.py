"""Preference Workbench: are these preference annotations good enough to train a reward model on?"""

from workbench import agreement, annotators, reversals
from workbench.auditing.audit import Audit, audit
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate, Interval
from workbench.findings import Finding
from workbench.formats import load
from workbench.simulation.simulate import Simulation, simulate
from workbench.version import __version__

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
    "load",
    "reversals",
    "simulate",
]
