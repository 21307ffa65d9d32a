"""What became of the judgements when each item got one label, said in a sentence before any chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workbench.aggregation.calibration import Calibration
from workbench.aggregation.comparison import Comparison, uniform_cost
from workbench.aggregation.paired import Lead
from workbench.aggregation.registry import METHODS
from workbench.errors import counted
from workbench.estimates import Interval
from workbench.wording.numbers import percent


def labels_sentence(comparison: Comparison, method: str) -> str:
    """How many items a method decides, and how its labels do against gold beside a plain majority."""
    result, got = comparison.results[method], comparison.scores[method]
    title = METHODS[method].title
    left = "".join(f", {n:,} {reason}" for reason, n in result.undecided_counts.items())
    items = counted(len(result.label), "item")
    said = (
        f"{title} gives a label to {result.n_decided:,} of {items} from"
        f" {counted(result.n_used, 'judgement')}{left and f' ({left[2:]})'}."
    )
    if got.accuracy is None:
        return f"{said} How many are right cannot be said: {got.reason}."
    around = f" ({100 * got.interval[0]:.0f} to {percent(got.interval[1])})" if got.interval else ""
    side = (
        f", and the right side on {percent(got.direction)}"
        if got.direction is not None and abs(got.direction - got.accuracy) > 1e-9
        else ""
    )
    plain = comparison.scores.get("majority")
    beside = (
        f"; a plain majority gives it on {percent(plain.accuracy)}"
        if method != "majority" and plain is not None and plain.accuracy is not None
        else ""
    )
    return (
        f"{said} Of {counted(got.n, 'item')} with gold it gives the right label on"
        f" {percent(got.accuracy)}{around}{side}{beside}."
    )


def why_sentence(comparison: Comparison, method: str) -> str:
    """Why the default weighs its methods as it does, and which of them cannot both be right; '' for other methods."""
    details = comparison.results[method].details
    title = METHODS[method].title
    found = " ".join(str(details[name]) for name in ("why", "contradiction") if details.get(name))
    shares = details.get("weights")
    if not found or shares is None:
        return found
    weights = np.asarray(shares, float)
    weights = weights / weights.sum()
    names = str(details["methods"]).split(", ")
    parts = ", ".join(f"{METHODS[name].title} {percent(w)}" for name, w in zip(names, weights.tolist(), strict=True))
    return f"{title} is a pool of {parts}. {found}"


def best_sentence(comparison: Comparison, over: str | None = None) -> str:
    """Whether one method is better by gold than the others, on the same items; and whose soft labels cost the least.

    Parameters
    ----------
    over : the method the others are held against; the default one where none is named.
    """
    base = over or comparison.base
    ahead = comparison.leads(base)
    if not ahead or base is None:
        return ""
    n = max(lead.accuracy.n for lead in ahead.values())
    few = next((lead.accuracy.few for lead in ahead.values() if lead.accuracy.few), None)
    warned = f" This {few}: other prompts may show another difference." if few else ""
    return (
        f"On the same {counted(n, 'gold item')} {_apart(METHODS[base].title, ahead)}{warned}"
        f" {_cheapest(comparison, base, ahead)}"
    )


def _apart(title: str, ahead: Mapping[str, Lead]) -> str:
    """Who is told apart from the method, and by how much."""
    better = sorted((lead for lead in ahead.values() if lead.told_apart and _value(lead) < 0), key=_value)
    worse = sorted((lead for lead in ahead.values() if lead.told_apart and _value(lead) > 0), key=_value, reverse=True)
    rest = [METHODS[name].title for name, lead in ahead.items() if not lead.told_apart]
    allowed = "" if len(ahead) == 1 else f", the {len(ahead)} comparisons allowed for"
    if not better and not worse:
        most = max(ahead.values(), key=lambda lead: abs(_value(lead)))
        if len(ahead) == 1:
            return f"{title} and {rest[0]} cannot be told apart: {rest[0]} is {_ahead_or_behind(most)}."
        return (
            f"no method can be told from {title}{allowed}; furthest from it is {METHODS[most.method].title},"
            f" {_ahead_or_behind(most)}."
        )
    said = []
    if better:
        said.append(
            "is right more often than"
            f" {_listed([f'{METHODS[lead.method].title} (by {_points(lead, -1)})' for lead in better])}"
        )
    if worse:
        said.append(
            f"{'and less' if better else 'is right less'} often than"
            f" {_listed([f'{METHODS[lead.method].title} (by {_points(lead)})' for lead in worse])}"
        )
    open_ = f" From {_listed(rest)} it cannot be told apart." if rest else ""
    return f"{title} {' '.join(said)}{allowed}.{open_}"


def _cheapest(comparison: Comparison, base: str, ahead: Mapping[str, Lead]) -> str:
    """Whose soft labels cost the least, and whether that is more than chance."""
    cost = {
        name: got.nll
        for name, got in comparison.scores.items()
        if got.nll is not None and (name == base or name in ahead)
    }
    least = min(cost, key=cost.__getitem__)
    if least == base:
        next_ = min((name for name in cost if name != base), key=cost.__getitem__)
        lead, sign = ahead[next_], 1
        said = (
            f"The soft labels of {METHODS[base].title} cost the least, {cost[base]:.3f} nats an item; those of"
            f" {METHODS[next_].title} cost"
        )
        how = "more"
    else:
        lead, sign = ahead[least], -1
        said = f"The soft labels of {METHODS[least].title} cost the least, {cost[least]:.3f} nats an item;"
        how = f"less than those of {METHODS[base].title}"
    around = lead.cost.same_crew
    spans = f" ({_between(around, sign, 3)})" if around else ""
    chance = "" if lead.costs_told_apart else ", which may be chance"
    return f"{said} {sign * (lead.cost.value or 0.0):.3f} {how}{spans}{chance}."


def cost_sentence(comparison: Comparison, method: str) -> str:
    """What the soft labels of a method cost, beside a guess that takes all labels for equally likely."""
    got = comparison.scores[method]
    if got.nll is None or got.direction_nll is None:
        return ""
    guess, side_guess = uniform_cost(comparison), uniform_cost(comparison, sides=True)
    n = len(comparison.results[method].scale)
    said = (
        f"The soft labels of {METHODS[method].title} cost {got.nll:.3f} nats an item; taking all {n} labels for equally"
        f" likely costs {guess:.3f} (ln {n})."
    )
    if abs(guess - side_guess) < 1e-9:
        return said
    sides = f" The side alone costs {got.direction_nll:.3f}, taking all sides for equally likely {side_guess:.3f}."
    strength = got.nll > 0.9 * guess and got.direction_nll < 0.9 * side_guess
    return said + sides + (" So the method knows which response is better, and not by how much." if strength else "")


def suspect_sentence(comparison: Comparison, without: Comparison, method: str, suspect: int) -> str:
    """What suspect gold does to a method's score.

    Parameters
    ----------
    without : `comparison.without(suspect gold)`.
    suspect : gold items that count in `comparison` and are suspect.
    """
    one, other = comparison.scores[method], without.scores[method]
    if one.accuracy is None or other.accuracy is None or one.nll is None or other.nll is None:
        return ""
    is_ = "is" if suspect == 1 else "are"
    return (
        f"{suspect:,} of {counted(one.n, 'gold label')} {is_} contradicted by annotators who are right elsewhere. With"
        f" {'it' if suspect == 1 else 'them'} {METHODS[method].title} is right on {percent(one.accuracy, 1)} at"
        f" {one.nll:.3f} nats, without on {percent(other.accuracy, 1)} at {other.nll:.3f}."
    )


def calibration_sentence(found: Calibration) -> str:
    """Whether the confidence can be taken at its word."""
    if found.error is None:
        return f"Whether the confidence can be taken at its word cannot be said: {found.reason}."
    over = float(
        ((found.bins["confidence"] - found.bins["right"]) * found.bins["items"]).sum() / found.bins["items"].sum()
    )
    lean = "neither too sure nor too timid"
    if abs(over) > 0.01:
        lean = "surer than right" if over > 0 else "less sure than right"
    return (
        f"Confidence misses the share right by {percent(found.error, 1)} on average over {counted(found.n, 'item')}"
        f" with gold; on the whole the method is {lean}."
    )


def _value(lead: Lead) -> float:
    return lead.accuracy.value or 0.0


def _ahead_or_behind(lead: Lead) -> str:
    if _value(lead) < 0:
        return f"behind by {_points(lead, -1)}"
    return f"ahead by {_points(lead)}" if _value(lead) > 0 else "right as often"


def _points(lead: Lead, sign: int = 1) -> str:
    """A lead in points with its interval; with -1 as seen from the other method."""
    around = lead.accuracy.same_crew
    return f"{100 * sign * _value(lead):.1f} points{f', {_between(around, sign, 1, 100)}' if around else ''}".replace(
        "-", "−"
    )


def _between(around: Interval, sign: int, digits: int, scale: float = 1.0) -> str:
    low, high = sorted((sign * scale * around.low, sign * scale * around.high))
    return f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
