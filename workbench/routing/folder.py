"""The folder of a live routing: its promise, its certified rule, labels with where each came from, tasks for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.collection.task_files import write_tasks
from workbench.collection.tasks import tasks_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import FIVE
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats.files.spreadsheet import defused
from workbench.judging.constitution import Constitution, read_constitution, write_constitution
from workbench.judging.thresholds import Threshold
from workbench.routing.certificate import hash_of
from workbench.routing.plan import Plan
from workbench.routing.tiers import PEOPLE, UNPAID, Rule
from workbench.routing.verdicts import constitution_of


def write_labels(
    data: AnnotationSet,
    plan: Plan,
    folder: Path,
    where: np.ndarray,
    labels: Sequence[str | None],
    rest: np.ndarray,
    sure: np.ndarray,
    chance: np.ndarray,
    to_check: np.ndarray,
    facts: dict[str, Any],
    certificate: dict[str, Any],
) -> None:
    """Labels with where each came from, and the certificate."""
    names = {place: tier.name for place, tier in enumerate(plan.tiers)}
    names |= {PEOPLE: "people", -2: "people (calibration)", UNPAID: "nobody (beyond the budget)"}
    table = pd.DataFrame({"item_id": data.items["item_id"], "label": [label or "" for label in labels]})
    table["labelled_by"] = [names[int(place)] for place in where]
    table["judge_version"] = [facts.get(name, {}).get("version", "") for name in table["labelled_by"]]
    for column, values in (("confidence", sure), ("check_chance", chance), ("check", to_check)):
        table[column] = pd.Series(values, index=rest).reindex(range(len(table))).to_numpy()
    scale = data.scale if data.has_pairs else FIVE
    table["scale"] = scale.directional().name
    with drafted(folder / "labels.csv") as draft:
        defused(table).to_csv(draft, index=False)
    with drafted(folder / "certificate.json") as draft:
        draft.write_text(json.dumps(certificate, indent=1, default=str), "utf-8")


def held_constitution(folder: Path, plan: Plan) -> Constitution:
    """The principles a live routing began with; later edits do not change what its judges are asked."""
    path = folder / "constitution.toml"
    if not path.exists():
        write_constitution(constitution_of(plan), path)
    return read_constitution(path)


def task_folder(folder: Path) -> Path:
    """Where tasks for people lie."""
    (folder / "tasks").mkdir(exist_ok=True)
    return folder / "tasks"


def hand_out(data: AnnotationSet, plan: Plan, folder: Path, items: np.ndarray, form: str) -> None:
    """One batch of what goes to people, the checks mixed in: nobody sees which is which."""
    if len(items):
        order = np.random.default_rng([plan.seed, 3]).permutation(items)
        write_tasks(tasks_of(data, order, plan.seed), form, task_folder(folder) / "people")


def hold_plan(folder: Path, data: AnnotationSet, plan: Plan, risk: float, delta: float) -> None:
    """Makes sure the folder is used for one plan, one promise and one set of pairs.

    Raises
    ------
    WorkbenchError : it holds another.
    """
    items = hash_of((item, "") for item in data.items["item_id"].astype(str))
    held = asdict(replace(plan, people_price=0.0, expert_price=0.0))
    held.pop("budget")  # more money does not change what was certified
    asked = json.dumps([held, risk, delta, items])
    mark = folder / "plan.lock"
    if mark.exists() and mark.read_text("utf-8") != hash_of([(asked, "")]):
        raise WorkbenchError(
            f"{folder}: this folder holds a routing of other pairs, another plan or another promise.",
            "Name another folder; a certified rule is not changed afterwards.",
        )
    mark.write_text(hash_of([(asked, "")]), "utf-8")


def keep_rule(folder: Path, rule: Rule) -> None:
    """Keeps a certified rule."""
    kept = {
        "thresholds": [t.__dict__ for t in rule.thresholds],
        "reach": rule.reach,
        "risk": rule.risk,
        "delta": rule.delta,
    }
    with drafted(folder / "rule.lock") as draft:
        draft.write_text(json.dumps(kept), "utf-8")


def kept_rule(folder: Path) -> Rule | None:
    """The rule as it was certified: looked at again with more labels it would have to spend delta again."""
    path = folder / "rule.lock"
    if not path.exists():
        return None
    kept = json.loads(path.read_text("utf-8"))
    return Rule(tuple(Threshold(**t) for t in kept["thresholds"]), tuple(kept["reach"]), kept["risk"], kept["delta"])
