"""A plan tried on data that have all labels: what would it have cost, and how wrong would it have been?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.reward.ranking import clustered_share
from workbench.routing.certificate import certificate_of, hash_of
from workbench.routing.checks import affordable, drawn, error_of_all, inclusion
from workbench.routing.plan import Plan
from workbench.routing.routed import Beside, Routed, TierOutcome
from workbench.routing.tiers import PEOPLE, UNPAID, Rule, Verdicts, asked_of, assign, certify
from workbench.routing.truth import HeldOut, one_held_out

CALIBRATION = -2


def simulate_plan(
    data: AnnotationSet, plan: Plan, verdicts: Sequence[Verdicts], *, risk: float, delta: float
) -> Routed:
    """What would this plan come to on these data?

    One person an item is hired; judges and that person are held against the other people (or gold). Items that these
    are divided on, or that no judge's verdict is known of, are set aside and counted.

    Parameters
    ----------
    data : annotations with people's labels of all items.
    plan : prices, calibration, checks.
    verdicts : of each tier, for all items.
    risk, delta : the promise.

    Raises
    ------
    WorkbenchError : too few items have labels of people.
    """
    rng = np.random.default_rng(plan.seed)
    held = one_held_out(data, rng)
    group = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    used = np.flatnonzero(np.isfinite(held.reference) & np.isfinite(held.person))
    if len(used) < 2 * 30:
        raise WorkbenchError(
            f"Only {len(used)} items have a label of one person and a clear answer of others.",
            "A simulation needs data that several people (or people and gold) judged.",
        )
    calibration, rest = _split(used, min(plan.calibration, len(used) // 2), rng)
    rule = certify(verdicts, held.reference, calibration, risk=risk, delta=delta, rng=rng)
    return _outcome(data, plan, verdicts, held, group, calibration, rest, rule)


def _split(used: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """So many calibration items at random, as a live run draws them: the promise is about the other items of this
    set.
    """
    order = rng.permutation(used)
    return np.sort(order[:n]), np.sort(order[n:])


def _outcome(
    data: AnnotationSet,
    plan: Plan,
    verdicts: Sequence[Verdicts],
    held: HeldOut,
    group: np.ndarray,
    calibration: np.ndarray,
    rest: np.ndarray,
    rule: Rule,
) -> Routed:
    place = assign(rule, verdicts, rest)
    said = np.full(len(rest), np.nan)
    sure = np.full(len(rest), np.nan)
    for number, tier in enumerate(verdicts):
        mine = place == number
        said[mine], sure[mine] = tier.said[rest[mine]], tier.confidence[rest[mine]]
    decided = place != PEOPLE
    delivered = np.where(decided, said, held.person[rest])
    wrong = (delivered != held.reference[rest]).astype(float)

    chance = np.zeros(len(rest))
    chance[decided] = inclusion(sure[decided], plan.check_share, plan.unsure_times)
    ids = data.items["item_id"].astype(str).to_numpy()[rest]
    checked = decided & drawn(ids, chance, plan.seed, "checks")
    disagreed = checked & (held.person[rest] != delivered)

    asked = asked_of(rule, verdicts, rest)
    prices = [tier.price or 0.0 for tier in plan.tiers]
    per_tier = [int(a.sum()) + len(calibration) for a in asked]
    spent = [p * n for p, n in zip(prices, per_tier, strict=True)]
    item_price = plan.people_price * plan.people_labels
    parts = {
        "judges": float(sum(spent)),
        "calibration": len(calibration) * item_price,
        "checks": int(checked.sum()) * plan.people_price,
        "experts": int(disagreed.sum()) * plan.expert_price,
    }
    by_people = np.flatnonzero(~decided)
    if plan.budget is not None:
        by_people = by_people[affordable(ids[by_people], plan.budget - sum(parts.values()), item_price, plan.seed)]
    parts["people"] = len(by_people) * item_price
    labelled = decided.copy()
    labelled[by_people] = True
    delivered = np.where(labelled, delivered, np.nan)
    unpaid = int((~labelled).sum())
    tiers = tuple(
        TierOutcome(
            tier.name,
            per_tier[number],
            int((place == number).sum()),
            rule.thresholds[number].value,
            rule.thresholds[number].upper_bound,
            spent[number],
            _share(wrong[place == number], group[rest][place == number], f"Error of {tier.name}"),
            rule.thresholds[number].reason,
        )
        for number, tier in enumerate(verdicts)
    )
    where = np.full(len(data.items), -3)
    where[rest], where[calibration] = np.where(labelled, place, UNPAID), CALIBRATION
    labels = np.full(len(data.items), np.nan)
    labels[rest], labels[calibration] = delivered, held.person[calibration]
    usd = float(sum(parts.values()))
    total = len(rest) + len(calibration)
    calibrated = hash_of(
        zip(
            data.items["item_id"].astype(str).to_numpy()[calibration],
            map(str, held.reference[calibration]),
            strict=True,
        )
    )
    return Routed(
        tiers=tiers,
        rule=rule,
        items=total,
        calibration=len(calibration),
        to_people=len(by_people),
        checked=int(checked.sum()),
        disagreed=int(disagreed.sum()),
        usd=usd,
        parts=parts,
        error=_share(wrong[labelled], group[rest][labelled], "Error of the delivered labels"),
        decided_error=error_of_all(wrong[decided], chance[decided], checked[decided]),
        beside=_beside(plan, verdicts, held, group, rest, total, prices),
        where=where,
        chance=chance,
        checked_mask=checked,
        certificate=certificate_of(
            data, plan, rule, where, labels.tolist(), mode="simulated", usd=usd, judges={}, calibration_hash=calibrated
        ),
        notes=(
            f"{len(data.items) - total:,} items are set aside: people are divided on them, or too few judged them",
            *_over(plan, usd),
        ),
        unpaid=unpaid,
    )


def _over(plan: Plan, usd: float) -> tuple[str, ...]:
    """What to know where the budget does not even pay for what the plan cannot do without."""
    if plan.budget is None or usd <= plan.budget + 1e-9:
        return ()
    return (f"calibration, judges and checks alone cost ${usd:,.2f}, more than the budget of ${plan.budget:,.2f}",)


def _beside(
    plan: Plan,
    verdicts: Sequence[Verdicts],
    held: HeldOut,
    group: np.ndarray,
    rest: np.ndarray,
    total: int,
    prices: list[float],
) -> tuple[Beside, ...]:
    people = (held.person[rest] != held.reference[rest]).astype(float)
    others = [
        Beside(
            "people only",
            total * plan.people_price * plan.people_labels,
            _share(people, group[rest], "Error of one person"),
        )
    ]
    for tier, price in zip(verdicts, prices, strict=True):
        said = tier.said[rest]
        wrong = np.where(np.isfinite(said), (said != held.reference[rest]).astype(float), np.nan)
        others.append(Beside(f"{tier.name} only", total * price, _share(wrong, group[rest], f"Error of {tier.name}")))
    return tuple(others)


def _share(wrong: np.ndarray, group: np.ndarray, name: str) -> Estimate:
    if len(wrong) == 0 or not np.isfinite(wrong).any():
        return Estimate(name=name, value=None, reason="it decides no item")
    return clustered_share(wrong, group, name)
