"""Each kind of action that may be worth taking: proposed where the data call for it, else None."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.actions.action import Action, Predicted, Target
from workbench.actions.alpha_change import AlphaChange, alpha_change
from workbench.actions.more_labels import more_labels
from workbench.aggregation import DEFAULT
from workbench.annotators.peers import agreement_with_others
from workbench.annotators.suspect_gold import DOUBTFUL
from workbench.auditing.audit import Audit
from workbench.auditing.check import Status
from workbench.cleaning import Effect
from workbench.cleaning.evidence import alpha_key
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.estimates import Estimate
from workbench.statistics.proportions import normal_quantile

ABOUT_ALPHA = "new items, same crew"
_LEAST_ITEMS = 30
"""Items with overlap below which a slice or a week is too small to be picked out."""


def status_of(result: Audit, name: str) -> Status:
    """How a check of the verdict stands; `ready` where it was not asked."""
    return next((c.status for c in result.verdict.checks if c.name == name), "ready")


def set_aside_flagged(result: Audit, effect: Effect | None) -> Action | None:
    """Set aside those flagged for labels that do not follow the content, where that does more than a placebo."""
    if effect is None or not effect.annotators_gone or effect.nothing_left:
        return None
    data, placebo = result.data, effect.placebo
    if placebo is None or placebo.alpha is None or effect.alpha_change is None:
        return None
    if placebo.alpha.beyond(effect.alpha_change) != "above":
        return None
    ids = data.annotators["annotator"].to_numpy()
    stays = ~np.isin(ids, effect.annotators_gone)[data.codes.annotator]
    found = alpha_change(data, stays, key=alpha_key(data.scale))
    if not np.isfinite([found.change, found.low, found.high]).all() or found.low <= 0:
        return None
    gone = len(effect.annotators_gone)
    # They were chosen on these items, where chance made some look worse than they are: less of it comes on new ones.
    luck = (1 - _real_part(data, effect.annotators_gone)) * max(found.change, 0.0)
    return Action(
        kind="set aside",
        title=f"Set aside {gone} of {counted(effect.before.annotators, 'annotator')}",
        predicted=Predicted(
            what="alpha, with the order of the labels" if data.scale.has_sides else "alpha",
            unit="alpha",
            before=found.before,
            after=found.after,
            change=found.change,
            low=found.low - luck,
            high=found.high,
            about=ABOUT_ALPHA,
            placebo=placebo.alpha.mean,
        ),
        target=Target("cleaning", {"cln_flags": effect.cleaning.flags}),
        addresses="annotators",
        status=status_of(result, "annotators"),
        points=_points(found),
        asked=gone,
        of=effect.before.annotators,
        counted="annotators",
        names=effect.annotators_gone,
    )


def _real_part(data: AnnotationSet, names: tuple[str, ...]) -> float:
    r"""How much of the distance of some annotators from the others is theirs rather than chance:
    $\tau^2 / (\tau^2 + s^2)$, as in `_clearly_lower`, for how often they agree with others.
    """
    found = agreement_with_others(data)
    agreement, error = (found[c].to_numpy(float) for c in ("agreement", "standard_error"))
    known = np.isfinite(agreement) & np.isfinite(error)
    chosen = known & np.isin(data.annotators["annotator"].to_numpy(), names)
    if not chosen.any():
        return 1.0
    between = max(float(agreement[known].var() - (error[known] ** 2).mean()), 0.0)
    return float((between / np.maximum(between + error[chosen] ** 2, 1e-12)).mean())


def ask_more_labels(result: Audit, price: float, each: int = 2) -> Action | None:
    """Ask for more labels on the items in doubt."""
    labelled = result.labelled.results[DEFAULT]
    found = more_labels(result.data, labelled, each=each)
    if len(found.items) == 0 or found.change <= 0:
        return None
    n, decided = len(found.items), result.counts["items"]
    return Action(
        kind="ask",
        title=f"Ask {each} more labels on {counted(n, 'item')} in doubt",
        predicted=Predicted(
            what="labels right among the items asked about",
            unit="labels",
            before=found.right,
            after=found.right + found.change,
            change=found.change,
            low=found.low,
            high=found.high,
            about="these items, same crew",
            of=n,
        ),
        target=Target("items", {}, tuple(found.items.tolist())),
        addresses="one label an item",
        status=status_of(result, "one label an item"),
        points=found.change / max(decided, 1),
        asked=n,
        of=decided,
        counted="items",
        usd=price * each * n,
    )


def repair_gold(result: Audit) -> Action | None:
    """Have an expert look at the gold that good annotators fail."""
    if result.surveyed is None:
        return None
    rows = result.surveyed.gold.items
    suspect = rows[rows["chance_wrong"] > DOUBTFUL] if len(rows) else rows
    if len(suspect) == 0:
        return None
    chance = suspect["chance_wrong"].to_numpy(float)
    low, high = _count_of(chance)
    n = len(suspect)
    return Action(
        kind="gold",
        title=f"Repair {n} suspect gold {'label' if n == 1 else 'labels'}",
        predicted=Predicted(
            what="gold labels that are wrong among these",
            unit="gold",
            before=None,
            after=None,
            change=float(chance.sum()),
            low=low,
            high=high,
            about="these gold labels",
            of=n,
        ),
        target=Target("annotators", {"ann_tab": "Suspect gold"}, tuple(int(i) for i in suspect["item"])),
        addresses="labels on gold",
        status=status_of(result, "labels on gold"),
        points=float(chance.sum()) / max(result.counts["items"], 1),
        asked=n,
        of=len(rows),
        counted="gold labels",
    )


def weakest_part(result: Audit) -> Action | None:
    """Retrain on the slice, or ask what happened in the week, that pulls alpha down most."""
    data = result.data
    whole = result.direction["krippendorff_alpha.nominal"]
    if whole.value is None:
        return None
    parts = [
        *((("slice", column, name), e) for column, values in result.slices.items() for name, e in values.items()),
        *((("week", "", name), e) for name, e in result.weeks.items()),
    ]
    lower, kept = _clearly_lower([(key, e) for key, e in parts if _large(e)], whole.value)
    if not lower:
        return None
    level = whole.value
    (kind, column, name), worst = max(lower, key=lambda each: each[1].n * (level - (each[1].value or 0.0)))
    inside = _slice(data, column, name) if kind == "slice" else _week(data, name)
    found = alpha_change(data, ~inside[data.codes.item], direction=True)
    if not np.isfinite([found.change, found.low, found.high]).all() or found.low <= 0:
        return None
    reach = (found.high - found.low) / 2
    check = "consistency across slices" if kind == "slice" else "consistency over time"
    tab = "By slice" if kind == "slice" else "By week"
    choices: Mapping[str, str] = {"agr_read": "Direction", "agr_coef": "Alpha, nominal", "agr_tab": tab}
    return Action(
        kind="slice" if kind == "slice" else "week",
        title=f"Retrain on {name}" if kind == "slice" else f"Find out what happened in the week of {name}",
        predicted=Predicted(
            what=f"alpha on direction ({worst.value:.2f} there)",
            unit="alpha",
            before=found.before,
            after=found.before + kept * found.change,
            change=kept * found.change,
            low=kept * found.change - reach,
            high=kept * found.change + reach,
            about=ABOUT_ALPHA,
            most=True,
        ),
        target=Target("agreement", choices),
        addresses=check,
        status=status_of(result, check),
        points=_points(found),
        asked=int(inside.sum()),
        of=len(data.items),
        counted="items",
    )


def mend_reading(result: Audit) -> Action | None:
    """Look at rows that could not be read as they stand in the file."""
    wrong = [f for f in result.data.findings if f.level != "info"]
    rows = sum(f.count for f in wrong)
    if not wrong or rows == 0:
        return None
    worst = max(wrong, key=lambda f: (f.level == "error", f.count))
    read = max(result.counts["rows_read"], 1)
    return Action(
        kind="reading",
        title=f"Look at how the file was read: {worst.message.rstrip('.')}",
        predicted=None,
        target=Target("start"),
        addresses="missing labels",
        status="stop" if worst.level == "error" else status_of(result, "missing labels"),
        points=min(rows / read, 1.0) if worst.level == "error" else 0.0,
        asked=rows,
        of=read,
        counted="rows",
        reason="what these rows hold decides what mending them changes",
    )


def _points(found: AlphaChange) -> float:
    r"""Change of how often one label is right, from that of alpha: $\alpha = (2a - 1)^2$ for two sides as common.

    >>> round(_points(AlphaChange(0.25, 0.36, 0, 1)), 3)
    0.05
    """
    before, after = (max(v, 0.0) ** 0.5 for v in (found.before, found.after))
    return (after - before) / 2


def _large(part: Estimate) -> bool:
    return part.value is not None and part.same_crew is not None and part.n >= _LEAST_ITEMS


Part = tuple[tuple[str, str, str], Estimate]


def _clearly_lower(parts: list[Part], whole: float) -> tuple[list[Part], float]:
    r"""Parts that lie below the whole by more than the worst of so many would by chance, and how much of a distance is
    real: $\tau^2 / (\tau^2 + s^2)$, with $\tau^2$ what parts vary beyond their errors $s^2$ (DerSimonian & Laird 1986).
    """
    if len(parts) < 2:
        return [], 0.0
    off = np.array([(e.value or 0.0) - whole for _, e in parts])
    error = np.array([e.same_crew.width if e.same_crew else np.inf for _, e in parts]) / (2 * normal_quantile())
    between = max(float((off**2 - error**2).mean()), 0.0)
    line = normal_quantile(1 - 0.05 / len(parts))
    lower = [part for part, d, s in zip(parts, off, error, strict=True) if d < -line * s]
    return lower, between / (between + float((error**2).mean())) if between else 0.0


def _slice(data: AnnotationSet, column: str, name: str) -> np.ndarray:
    return np.asarray((data.items[column].astype(object).astype(str) == name).to_numpy(), bool)


def _week(data: AnnotationSet, name: str) -> np.ndarray:
    from workbench.agreement.drill_down import items_of_week

    inside = np.zeros(len(data.items), bool)
    inside[items_of_week(data, name)] = True
    return inside


def _count_of(chances: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Between which numbers a sum of independent chances comes to lie (Poisson binomial).

    >>> _count_of(np.array([0.9, 0.9, 0.9]))
    (1.0, 3.0)
    """
    mass = np.ones(1)
    for p in chances:
        mass = np.convolve(mass, [1 - p, p])
    below = np.cumsum(mass)
    tail = (1 - level) / 2
    return float(np.searchsorted(below, tail)), float(np.searchsorted(below, 1 - tail))
