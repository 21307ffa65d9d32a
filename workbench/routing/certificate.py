"""What was promised and how it was kept, with hashes that anyone can compute again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.routing.plan import Plan
from workbench.routing.tiers import UNPAID, Rule

FORM = 1
_RULE = (
    "half of the calibration items choose where the tests of a tier begin and how far down it may reach, the other half"
    " tests downwards (fixed sequence, one-sided Clopper-Pearson, delta shared out over the tiers); what a tier may"
    " reach and is not certified for goes to people"
)


def certificate_of(
    data: AnnotationSet,
    plan: Plan,
    rule: Rule,
    where: np.ndarray,
    labels: Sequence[object],
    *,
    mode: str,
    usd: float,
    judges: Mapping[str, Mapping[str, Any]],
    calibration_hash: str,
) -> dict[str, Any]:
    """The certificate of a routed set.

    Parameters
    ----------
    where : tier of each item, -1 = people, -2 = calibration, -4 = not paid for.
    labels : the delivered label of each item, None where it is still to come.
    mode : `simulated` or `live`.
    judges : tier -> what is known of its judge: version, models asked and answered, parameters, prompt hash.
    calibration_hash : of the items and labels that the thresholds rest on.
    """
    found: dict[str, Any] = {
        "form": FORM,
        "mode": mode,
        "promise": {
            "risk": rule.risk,
            "delta": rule.delta,
            "text": (
                f"of the items that judges decide, at most {rule.risk:.1%} are decided against the people's reference,"
                f" in at least {1 - rule.delta:.0%} of all draws of the calibration items"
            ),
        },
        "rule": _RULE,
        "data_key": data.key,
        "seed": plan.seed,
        "plan": {
            "tiers": [tier.__dict__ for tier in plan.tiers],
            "check_share": plan.check_share,
            "unsure_times": plan.unsure_times,
            "calibration": plan.calibration,
        },
        "thresholds": [
            {
                "tier": t.name,
                "value": h.value,
                "n": h.n,
                "wrong": h.wrong,
                "upper_bound": h.upper_bound,
                "delta": h.delta,
                "reason": h.reason,
            }
            for t, h in zip(plan.tiers, rule.thresholds, strict=True)
        ],
        "judges": {name: dict(facts) for name, facts in judges.items()},
        "counts": {
            **{tier.name: int((where == place).sum()) for place, tier in enumerate(plan.tiers)},
            "people": int((where == -1).sum()),
            "calibration": int((where == -2).sum()),
            **({"beyond the budget": int((where == UNPAID).sum())} if (where == UNPAID).any() else {}),
        },
        "usd": usd,
        "labels_hash": hash_of(zip(data.items["item_id"].astype(str), (str(v) for v in labels), strict=True)),
        "calibration_hash": calibration_hash,
    }
    return {**found, "hash": own_hash(found)}


def hash_of(pairs: Any) -> str:
    """Hash of (item, label) pairs, whatever their order."""
    return blake2b(json.dumps(sorted([list(p) for p in pairs])).encode(), digest_size=16).hexdigest()


def own_hash(certificate: Mapping[str, Any]) -> str:
    """Hash of a certificate without its own hash: equal to the one it carries unless somebody changed it."""
    content = {k: v for k, v in certificate.items() if k != "hash"}
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()
