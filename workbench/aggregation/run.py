"""Aggregation as a run: for methods that take longer than a page can wait, with their labels kept in the run's
folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from workbench.aggregation.asking import aggregate_asking
from workbench.aggregation.contract import Aggregation
from workbench.aggregation.gold_score import score
from workbench.aggregation.keeping import keep_aggregation, kept_aggregation
from workbench.dataset.annotation_set import AnnotationSet
from workbench.progress import Watch

LABELS = "labels"
"""Folder of a run in which its labels are kept."""


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""

    @property
    def folder(self) -> Path:
        """Where the labels are kept."""


def aggregate_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Labels the data at `config["paths"]` by `config["method"]`, with gold used as `config["gold"]` says (`judge` by
    default).

    Returns
    -------
    What the command `aggregate` prints: the summary, and how the labels match the gold they were not given. The labels
    are in `run.folder`.
    """
    from workbench.formats import load

    run.watch.step(0, 0, "Reading the data")
    data = load(list(config["paths"]))
    result = aggregate_asking(data, config["method"], gold_use=config.get("gold", "judge"), watch=run.watch)
    run.watch.step(0, 0, "Keeping the labels")
    keep_aggregation(result, run.folder / LABELS)
    return {**result.to_dict(), **score(result, data.gold, data.group_codes).to_dict()}


def labels_of_run(folder: Path, data: AnnotationSet) -> Aggregation:
    """The labels a finished run kept; errors as of `kept_aggregation`."""
    return kept_aggregation(folder / LABELS, data)
