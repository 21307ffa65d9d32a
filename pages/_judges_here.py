"""Which judges there are for the open data: those among its annotators, and those that a finished run asked."""

from __future__ import annotations

from workbench.dataset.annotation_set import AnnotationSet
from workbench.economics.judge_runs import usd_an_item
from workbench.runs import Run, all_runs, find

KINDS = ("judge",)
Judges = dict[str, tuple[str, str]]
"""Name on the page -> (annotator, run; empty where it stands in the data)."""


def judges_here(data: AnnotationSet) -> Judges:
    """Judges to be looked at."""
    ais = data.annotators.loc[data.annotators["kind"] == "ai", "annotator"].astype(str)
    found = {name: (name, "") for name in ais}
    seen = set()
    for run in finished(data):  # the last first: one that was asked again has the same answers
        result = run.result() or {}
        name = str(result.get("name", "judge"))
        asked = (name, result.get("judge_version"), *(run.config.get(part) for part in ("orders", "samples")))
        if asked not in seen:
            seen.add(asked)
            found[f"{name} (run {run.id[-6:]})"] = (name, run.id)
    return found


def finished(data: AnnotationSet) -> list[Run]:
    """Finished runs of judges about these data."""
    return [r for r in all_runs(KINDS) if r.config.get("data") == data.key and r.status().state == "done"]


def configurations(judges: Judges, names: list[str]) -> dict[str, dict]:
    """Of those that a run asked, what it was asked by: name on the page -> configuration."""
    return {name: dict(find(judges[name][1]).config) for name in names if judges.get(name, ("", ""))[1]}


def measured_price(judges: Judges, name: str) -> float | None:
    """$ an item as its run measured it; None where no run asked it."""
    result = find(judges[name][1]).result() if judges.get(name, ("", ""))[1] else None
    return usd_an_item(result) if result else None
