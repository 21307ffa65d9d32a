"""How much is enough: items and labels for an interval of some width, labels for a reliability, people to hire, gold to
write.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd
from scipy import stats

from workbench.annotators.planning import Design, Detection, sequential_plan
from workbench.annotators.sequential import SequentialTest
from workbench.economics.alpha import alpha_of, item_agreement_variance
from workbench.economics.cost import Cost
from workbench.economics.scenario import Scenario
from workbench.economics.votes import clear_accuracy
from workbench.errors import WorkbenchError


@dataclass(frozen=True)
class Needed:
    """A number that is needed, and how it came about.

    Attributes
    ----------
    what : of what.
    value : rounded up; None where no number is enough.
    because : what it is for, in words.
    reason : why there is none.
    figures : the numbers it follows from.
    """

    what: str
    value: int | None
    because: str
    reason: str | None = None
    figures: str = ""

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "what": self.what,
            "value": self.value,
            "because": self.because,
            "reason": self.reason,
            "figures": self.figures,
        }


def items_for_kappa(kappa: float, half_width: float, prevalence: float = 0.5, level: float = 0.95) -> Needed:
    r"""Items that two annotators must both label so that kappa's interval reaches no further than +- the half width.

    $n \operatorname{Var}(\hat\kappa) = (1 - \kappa) \left[ (1 - \kappa)(1 - 2\kappa) + \frac{\kappa (2 - \kappa)}{2 \pi
    (1 - \pi)} \right]$ (Donner & Eliasziw 1992, Statistics in Medicine 11, 1511-1519).

    >>> items_for_kappa(0.45, 0.05).value, items_for_kappa(0.45, 0.10).value
    (1226, 307)
    """
    _within("kappa", kappa, -0.99, 0.999)
    _within("prevalence", prevalence, 0.01, 0.99)
    variance = (1 - kappa) * ((1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / (2 * prevalence * (1 - prevalence)))
    n = _for_width(variance, half_width, level)
    figures = (
        f"kappa {kappa:.2f}, prevalence {prevalence:.2f}, n x variance {variance:.4f}, ±{half_width:g} at"
        f" {100 * level:g}%"
    )
    return Needed(
        "items with two labels",
        n,
        f"to know kappa within ±{half_width:g}, label {n:,} items twice each",
        figures=figures,
    )


def items_for_alpha(
    accuracy: float, labels_per_item: int, half_width: float, level: float = 0.95, split: float = 0.0
) -> Needed:
    """Items with m labels each for a same-crew interval of alpha of +- the half width, two sides equally common.

    >>> items_for_alpha((1 + 0.45**0.5) / 2, 2, 0.05).value, items_for_alpha((1 + 0.45**0.5) / 2, 3, 0.05).value
    (1226, 663)
    """
    _within("accuracy", accuracy, 0.5, 1.0)
    _within("labels per item", labels_per_item, 2, 25)
    variance = 4 * item_agreement_variance(accuracy, labels_per_item, split)
    n, figures = (
        _for_width(variance, half_width, level),
        f"accuracy {accuracy:.3f}, n x variance {variance:.4f}, ±{half_width:g} at {100 * level:g}%",
    )
    because = f"to know agreement (alpha) within ±{half_width:g}, label {n:,} items {_times(labels_per_item)} each"
    return Needed(f"items with {labels_per_item} labels", n, because, figures=figures)


def crew_for_alpha(
    accuracy: float,
    spread: float,
    items: int,
    labels_per_item: int,
    half_width: float,
    level: float = 0.95,
    split: float = 0.0,
) -> Needed:
    """Annotators for a new-crew interval of alpha of +- the half width: items alone cannot make it narrow.

    >>> crew_for_alpha(0.836, 0.05, 10_000, 3, 0.05).value
    33
    """
    _within("spread", spread, 0.0, 0.25)
    _within("half width", half_width, 1e-4, 1.0)
    from_items = 4 * item_agreement_variance(accuracy, labels_per_item, split) / max(items, 1)
    because = (
        f"to know what agreement another crew would reach within ±{half_width:g}, spread the labels over so many people"
    )
    figures = (
        f"accuracy {accuracy:.3f} with a spread of {spread:.3f} between annotators, {items:,} items with"
        f" {labels_per_item} labels"
    )
    slope = float(2 * clear_accuracy(accuracy, split) - 1)
    for a in range(2, 5_001):
        variance = from_items + 16 * slope**2 * spread**2 / a
        if float(stats.t.ppf((1 + level) / 2, a - 1)) * math.sqrt(variance) <= half_width:
            return Needed("annotators", a, because, figures=figures)
    return Needed(
        "annotators", None, because, "no number of annotators up to 5,000 is enough: label more items", figures
    )


def reliability_of_mean(reliability: float, labels: float) -> float:
    """Reliability of the mean of m labels: m rho / (1 + (m - 1) rho) (Spearman 1910, Brown 1910).

    >>> [round(reliability_of_mean(0.45, m), 3) for m in (3, 5, 10)]
    [0.711, 0.804, 0.891]
    """
    return labels * reliability / (1 + (labels - 1) * reliability)


def labels_for_reliability(reliability: float, wanted: float) -> Needed:
    """Labels per item until their mean has the wanted reliability, from that of one label (an intraclass correlation,
    or alpha).

    >>> labels_for_reliability(0.45, 0.8).value
    5
    """
    _within("wanted reliability", wanted, 0.01, 0.999)
    figures = f"reliability of one label {reliability:.3f}, wanted {wanted:.2f}"
    if reliability <= 0:
        none = "labels that do not agree more than by chance do not become reliable in numbers"
        return Needed("labels per item", None, f"one label has a reliability of {reliability:.2f}", none, figures)
    exact = wanted * (1 - reliability) / (reliability * (1 - wanted)) if reliability < 1 else 1.0
    n = max(1, math.ceil(exact - 1e-9))
    because = (
        f"one label has a reliability of {reliability:.2f}; the mean of {n} reaches"
        f" {reliability_of_mean(reliability, n):.2f}"
    )
    return Needed("labels per item", n, because, figures=f"{figures}: {exact:.1f}")


def items_for_share(share: float, half_width: float, level: float = 0.95) -> Needed:
    """Items to check for a share (accuracy on gold, error of a judge) known to +- the half width: z^2 p(1 - p) / w^2.

    >>> items_for_share(0.8, 0.05).value
    246
    """
    _within("share", share, 0.0, 1.0)
    n = _for_width(max(share * (1 - share), 1e-9), half_width, level)
    return Needed(
        "items",
        n,
        f"to know a share of about {100 * share:.0f}% within ±{100 * half_width:g} points, check {n:,} items",
        figures=f"share {share:.2f}, ±{half_width:g} at {100 * level:g}%",
    )


def people_to_hire(
    labels: float, seconds_per_label: float, weeks: float, hours_per_week: float = 30.0, utilisation: float = 0.8
) -> Needed:
    """Annotators who finish so many judgements, gold and redone ones included, within some weeks.

    >>> people_to_hire(39_216, 36.8, 2, 30, 0.8).value
    9
    """
    for name, value in (("weeks", weeks), ("hours per week", hours_per_week), ("utilisation", utilisation)):
        _within(name, value, 1e-6, 1e6)
    hours = labels * seconds_per_label / 3600
    return Needed(
        "annotators",
        max(1, math.ceil(hours / (weeks * hours_per_week * utilisation) - 1e-9)),
        f"{hours:,.0f} hours of labelling in {weeks:g} weeks of {hours_per_week:g} hours, {100 * utilisation:g}% of"
        " them on labels",
    )


@dataclass(frozen=True)
class GoldPlan:
    """Gold that finds annotators who click at random.

    Attributes
    ----------
    to_write : items with a known answer, so that nobody meets one twice.
    each : gold tasks one annotator gets.
    found : chance that a random clicker is flagged within them.
    tasks_to_decision : mean tasks, gold and others, until an honest or careless annotator is decided on.
    answers_to_decision : mean gold answers until a random clicker is flagged or cleared.
    """

    to_write: int
    each: int
    found: float
    tasks_to_decision: float
    answers_to_decision: float


def gold_to_write(labels_per_annotator: float, gold_share: float, test: SequentialTest | None = None) -> GoldPlan:
    """How many gold items must be written, and are they enough?

    Every annotator may get the same ones, so the pool is what one annotator gets; more, if answers are passed around.

    Parameters
    ----------
    labels_per_annotator : judgements that count; gold comes on top.
    gold_share : of all tasks.

    >>> plan = gold_to_write(1_800, 0.10)
    >>> plan.to_write, round(plan.found, 2), round(plan.answers_to_decision, 1)
    (200, 0.96, 13.8)
    """
    _within("gold share", gold_share, 1e-4, 0.9)
    each = math.ceil(labels_per_annotator * gold_share / (1 - gold_share) - 1e-9)
    plan = _answers_until_found(test or SequentialTest())
    answers = float(plan.mean_to_decision or 0.0)
    return GoldPlan(each, each, float(plan.flagged_by[min(each, 400)]), answers / gold_share, answers)


@lru_cache(maxsize=8)
def _answers_until_found(test: SequentialTest) -> Detection:
    """What a random clicker's gold answers do to the test; each task a gold one."""
    return sequential_plan(test, 0.5, Design(gold_share=1.0, overlap=0.0), tasks=400)


def what_is_needed(found: Cost, half_width: float, reliability: float, weeks: float = 4.0) -> tuple[Needed, ...]:
    """All of the above for a scenario. Where an AI labels every pair, how many of them to check.

    Parameters
    ----------
    found : what the scenario comes to at a number of pairs.
    half_width : of the interval of alpha, or of the AI's accuracy.
    reliability : wanted of an item's labels together.
    weeks : within which people and experts are to be done, the weeks to start included.

    >>> from workbench.economics import cost, preset
    >>> [(n.what, n.value) for n in what_is_needed(cost(preset("ai-0.02")), 0.05, 0.8)]
    [('pairs that people check', 264)]
    """
    scenario = found.scenario
    needed: list[Needed] = []
    accuracy, split, gold = scenario["annotator_accuracy"], scenario["split_share"], scenario["gold_share"]
    if scenario["ai_judges"] > 0 and scenario["escalated_share"] < 1:
        check = items_for_share(scenario["ai_accuracy"], half_width)
        needed.append(
            replace(
                check,
                what="pairs that people check",
                because=f"to know the AI's accuracy within ±{100 * half_width:g} points, drawn at random",
            )
        )
    if scenario["escalated_share"] > 0:
        votes, judged = (
            max(2, round(scenario["labels_per_item"])),
            max(1, round(found.pairs * scenario["escalated_share"])),
        )
        crew = crew_for_alpha(accuracy, scenario["accuracy_spread"], judged, votes, half_width, split=split)
        needed += [
            items_for_alpha(accuracy, votes, half_width, split=split),
            replace(crew, what="annotators, for another crew's agreement"),
            labels_for_reliability(alpha_of(accuracy, split), reliability),
        ]
    if found.human_labels > 0:
        needed.append(_hired("annotators", found.human_labels, scenario["seconds_per_label"], scenario, weeks))
    if found.expert_labels > 0:
        needed.append(_hired("experts", found.expert_labels, scenario["expert_seconds"], scenario, weeks))
    if found.human_labels > 0:
        needed.append(_gold(found.human_labels * (1 - gold) / scenario["annotators"], gold))
    return tuple(needed)


def _hired(who: str, labels: float, seconds: float, scenario: Scenario, weeks: float) -> Needed:
    what, left = f"{who}, to be done in {weeks:g} {'week' if weeks == 1 else 'weeks'}", weeks - scenario["ramp_weeks"]
    if left <= 0:
        return Needed(
            what,
            None,
            "",
            f"the first label comes after {scenario['ramp_weeks']:g} weeks: give more time, or start sooner",
        )
    return replace(
        people_to_hire(labels, seconds, left, scenario["hours_per_week"], scenario["utilisation"]), what=what
    )


def _gold(labels_per_annotator: float, gold_share: float) -> Needed:
    if gold_share <= 0:
        return Needed(
            "gold items to write", None, "", "the gold share is 0, so careless annotators are not found by gold"
        )
    found = gold_to_write(labels_per_annotator, gold_share)
    because = (
        f"each annotator gets as many; a random clicker is found with {100 * found.found:.0f}%, after"
        f" {found.tasks_to_decision:,.0f} tasks on average"
    )
    return Needed("gold items to write", found.to_write, because)


def needed_table(needed: Sequence[Needed]) -> pd.DataFrame:
    """What is needed as a table for people: `What`, `Needed`, `Because`."""
    shown = [(n.what, "–" if n.value is None else f"{n.value:,}", n.reason or n.because) for n in needed]
    return pd.DataFrame(shown, columns=["What", "Needed", "Because"])


def needed_figures(needed: Sequence[Needed]) -> pd.DataFrame:
    """The same with the numbers it follows from: `what`, `value`, `because`, `reason`, `figures`."""
    return pd.DataFrame([n.to_dict() for n in needed]).astype({"value": "Int64"})


def _times(n: int) -> str:
    return {2: "twice", 3: "three times"}.get(n, f"{n} times")


def _for_width(variance: float, half_width: float, level: float) -> int:
    _within("half width", half_width, 1e-4, 1.0)
    _within("level", level, 0.5, 0.9999)
    z = float(stats.norm.ppf((1 + level) / 2))
    return max(2, math.ceil(z**2 * variance / half_width**2 - 1e-9))


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise WorkbenchError(f"{name}: {value:g} is not possible.", f"Give a number from {low:g} to {high:g}.")
