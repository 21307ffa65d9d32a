"""A plan run on pairs that people have not judged: calibrate, ask, decide, hand the rest to people, and come back with
their labels.

Each call goes on where the last one ended. Nothing is decided twice: the calibration items are drawn by a hash, a
certified rule is kept in the folder, and every answer stands in a ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.collection.task_files import write_tasks
from workbench.collection.tasks import tasks_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate
from workbench.judging.judged import Judged, Options
from workbench.progress import UNWATCHED, Watch
from workbench.routing.certificate import certificate_of, hash_of
from workbench.routing.checks import affordable, drawn, error_of_all, inclusion
from workbench.routing.folder import (
    hand_out,
    held_constitution,
    hold_plan,
    keep_rule,
    kept_rule,
    task_folder,
    write_labels,
)
from workbench.routing.plan import Plan
from workbench.routing.routed import Beside, Routed, TierOutcome
from workbench.routing.tiers import PEOPLE, UNPAID, Rule, Verdicts, asked_of, assign, certify
from workbench.routing.truth import directions, majority
from workbench.routing.verdicts import asked_verdicts, is_spec, recorded_verdicts

LABELLED_ENOUGH = 0.8
"""Share of the drawn calibration items that must have labels before thresholds are certified."""
_NAMES = {1.0: "A", 0.5: "=", 0.0: "B"}


@dataclass(frozen=True)
class NeedsLabels:
    """The run waits for people.

    Attributes
    ----------
    items : calibration items without a label, `of` drawn in all.
    tasks : the files to hand out.
    """

    items: int
    of: int
    tasks: tuple[Path, ...]

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "status": "needs labels",
            "items": self.items,
            "of": self.of,
            "tasks": [str(path) for path in self.tasks],
            "tiers": [],
            "to_people": self.items,
            "usd": 0.0,
            "error": Estimate(
                name="Error", value=None, reason="nothing is decided before the calibration items have labels"
            ).to_dict(),
            "certificate": None,
        }


def route_live(
    data: AnnotationSet,
    plan: Plan,
    folder: Path,
    *,
    risk: float,
    delta: float,
    options: Options | None = None,
    form: str = "csv",
    watch: Watch = UNWATCHED,
) -> Routed | NeedsLabels:
    """Routes these pairs, or says which labels it needs first.

    Parameters
    ----------
    data : all pairs, with what people said of some of them so far.
    plan : the tiers are judges to be asked, or annotators of the data.
    folder : of this routing: ledgers, rule, tasks, labels, certificate.
    risk, delta : the promise.
    options : how judges are asked; a budget is for each tier.
    form : of the task files.

    Raises
    ------
    WorkbenchError : the folder belongs to another plan, or a judge cannot be asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hold_plan(folder, data, plan, risk, delta)
    said = _people(data)
    items = np.arange(len(data.items))
    ids = data.items["item_id"].astype(str).to_numpy()
    chance = np.full(len(items), min(1.0, plan.calibration / max(len(items), 1)))
    calibration = items[drawn(ids, chance, plan.seed, "calibration")]
    labelled = calibration[np.isfinite(said[calibration])]
    if len(labelled) < LABELLED_ENOUGH * len(calibration) or len(labelled) < 2:
        open_items = np.setdiff1d(calibration, labelled)
        files = write_tasks(tasks_of(data, open_items, plan.seed), form, task_folder(folder) / "calibration")
        return NeedsLabels(len(open_items), len(calibration), tuple(files))
    rest = np.setdiff1d(items, calibration)
    verdicts, judged, rule = _asked(data, plan, folder, labelled, rest, said, risk, delta, options, watch)
    return _delivered(data, plan, folder, verdicts, judged, rule, labelled, calibration, rest, said, form)


def _people(data: AnnotationSet) -> np.ndarray:
    """What people say of each item: gold, else the majority; NaN where nobody did or they are divided."""
    if len(data.codes) == 0 and not (data.gold >= 0).any():
        return np.full(len(data.items), np.nan)
    gold = directions(data)[1]
    return np.where(np.isfinite(gold), gold, majority(data))


def _asked(
    data: AnnotationSet,
    plan: Plan,
    folder: Path,
    labelled: np.ndarray,
    rest: np.ndarray,
    said: np.ndarray,
    risk: float,
    delta: float,
    options: Options | None,
    watch: Watch,
) -> tuple[list[Verdicts], dict[str, Judged], Rule]:
    """Every judge about the calibration items, the rule, and then each judge about what reaches it."""

    def ask(place: int, items: np.ndarray) -> Verdicts:
        tier = plan.tiers[place]
        if not is_spec(tier.judge):
            return recorded_verdicts(data, tier)
        got, judged[tier.name] = asked_verdicts(
            data,
            tier,
            folder / f"tier-{place + 1}",
            constitution=constitution,
            items=items,
            options=options,
            watch=watch,
        )
        return got

    judged: dict[str, Judged] = {}
    constitution = held_constitution(folder, plan)
    verdicts = [ask(place, labelled) for place in range(len(plan.tiers))]
    rule = kept_rule(folder)
    if rule is None:
        rule = certify(verdicts, said, labelled, risk=risk, delta=delta, rng=np.random.default_rng(plan.seed))
        keep_rule(folder, rule)
    for place in range(len(plan.tiers)):
        wanted = rest[asked_of(rule, verdicts, rest)[place]]
        if len(wanted):
            verdicts[place] = ask(place, np.concatenate([labelled, wanted]))
    return verdicts, judged, rule


def _delivered(
    data: AnnotationSet,
    plan: Plan,
    folder: Path,
    verdicts: Sequence[Verdicts],
    judged: dict[str, Judged],
    rule: Rule,
    labelled: np.ndarray,
    calibration: np.ndarray,
    rest: np.ndarray,
    said: np.ndarray,
    form: str,
) -> Routed:
    place = assign(rule, verdicts, rest)
    decided = place != PEOPLE
    label, sure = np.full(len(rest), np.nan), np.full(len(rest), np.nan)
    for number, tier in enumerate(verdicts):
        mine = place == number
        label[mine], sure[mine] = tier.said[rest[mine]], tier.confidence[rest[mine]]
    ids = data.items["item_id"].astype(str).to_numpy()
    chance = np.zeros(len(rest))
    chance[decided] = inclusion(sure[decided], plan.check_share, plan.unsure_times)
    to_check = decided & drawn(ids[rest], chance, plan.seed, "checks")
    known = np.isfinite(said[rest])
    checked = to_check & known
    disagreed = checked & (said[rest] != label)
    open_checks = to_check & ~known

    delivered = np.full(len(data.items), np.nan)
    delivered[calibration] = said[calibration]
    delivered[rest] = np.where(checked | ~decided, said[rest], label)
    where = np.full(len(data.items), PEOPLE)
    where[rest], where[calibration] = place, -2
    item_price = plan.people_price * plan.people_labels
    spent = [_usd(plan, number, judged, rule, verdicts, rest, labelled) for number in range(len(plan.tiers))]
    parts = {
        "judges": float(sum(spent)),
        "calibration": len(calibration) * item_price,
        "checks": int(to_check.sum()) * plan.people_price,
        "experts": int(disagreed.sum()) * plan.expert_price,
    }
    paid = ~decided
    if plan.budget is not None:
        # What has a label is paid for already.
        waiting = np.flatnonzero(~decided & ~known)
        room = plan.budget - sum(parts.values()) - int((~decided & known).sum()) * item_price
        paid[waiting] = affordable(ids[rest[waiting]], room, item_price, plan.seed)
    parts["people"] = int(paid.sum()) * item_price
    open_people, unpaid = paid & ~known, ~decided & ~paid
    where[rest[unpaid]] = UNPAID
    usd = float(sum(parts.values()))
    labels = [_NAMES.get(value) for value in delivered]
    facts = {
        name: {
            "version": j.version,
            "answered": list(j.answered_models),
            "parameters": j.spec.parameters(),
            "usd": j.usd,
        }
        for name, j in judged.items()
    }
    calibrated = hash_of(zip(ids[labelled], map(str, said[labelled]), strict=True))
    certificate = certificate_of(
        data, plan, rule, where, labels, mode="live", usd=usd, judges=facts, calibration_hash=calibrated
    )
    error = error_of_all((said[rest] != label)[decided], chance[decided], checked[decided])
    write_labels(data, plan, folder, where, labels, rest, sure, chance, to_check, facts, certificate)
    hand_out(data, plan, folder, rest[open_people | open_checks], form)
    expert = rest[disagreed]
    if len(expert):
        write_tasks(tasks_of(data, expert, plan.seed + 1), form, task_folder(folder) / "experts")
    tiers = tuple(
        TierOutcome(
            tier.name,
            int(np.isfinite(tier.said).sum()),
            int((place == number).sum()),
            rule.thresholds[number].value,
            rule.thresholds[number].upper_bound,
            spent[number],
            Estimate(
                name=f"Error of {tier.name}", value=None, reason="known from the random checks of all tiers together"
            ),
            rule.thresholds[number].reason,
        )
        for number, tier in enumerate(verdicts)
    )
    notes = [
        f"{int(open_people.sum()):,} items and {int(open_checks.sum()):,} checks wait for people, mixed in one batch"
    ]
    return Routed(
        tiers=tiers,
        rule=rule,
        items=len(data.items),
        calibration=len(calibration),
        to_people=int(paid.sum()),
        checked=int(checked.sum()),
        disagreed=int(disagreed.sum()),
        usd=usd,
        parts=parts,
        error=error,
        decided_error=error,
        beside=(
            Beside(
                "people only",
                len(data.items) * item_price,
                Estimate(name="Error of people", value=None, reason="not measured here"),
            ),
        ),
        where=where,
        chance=chance,
        checked_mask=checked,
        certificate=certificate,
        notes=tuple(notes),
        unpaid=int(unpaid.sum()),
    )


def _usd(
    plan: Plan,
    place: int,
    judged: dict[str, Judged],
    rule: Rule,
    verdicts: Sequence[Verdicts],
    rest: np.ndarray,
    labelled: np.ndarray,
) -> float:
    """$ of a tier: its own price an item where the plan names one, else what the ledger measured."""
    tier = plan.tiers[place]
    if tier.price is None:
        return judged[tier.name].usd if tier.name in judged else 0.0
    return tier.price * (int(asked_of(rule, verdicts, rest)[place].sum()) + len(labelled))
