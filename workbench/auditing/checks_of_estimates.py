"""The checks of the verdict that rest on estimates: figure, line and sentence. All lines come from `Thresholds`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import hypot, inf, sqrt

from workbench.auditing.check import BothOrders, Check, Status
from workbench.auditing.thresholds import Thresholds
from workbench.estimates import Estimate, Interval
from workbench.findings import Fact, Finding
from workbench.statistics.proportions import normal_quantile

_ERRORS = 3.0
"""Standard errors that are allowed for chance, so that a small set is not sent back for what a fair coin does."""


def agreement(alpha: Estimate, t: Thresholds) -> Check:
    """Do annotators agree beyond chance?"""
    status: Status = "review"
    low = alpha.value
    if alpha.value is None:
        why = f"Agreement is undefined: {alpha.reason}."
    else:
        low = alpha.same_crew.low if alpha.same_crew else alpha.value
        said = f"alpha on direction is {_two(alpha.value)}"
        if alpha.same_crew:
            said += f", at least {_two(low)} for this crew"
        if low <= t.alpha_stop < alpha.value and alpha.few:
            why = (
                f"{said}; the interval {alpha.few}, too few to tell agreement from chance, or to say that it cannot be"
                " told."
            )
        elif low <= t.alpha_stop:
            status, why = "stop", f"{said}: it cannot be told from chance."
        elif low < t.alpha_review:
            why = f"{said}: below what published preference sets show (about 0.26 to 0.55)."
        else:
            status, why = "ready", f"{said}."
    return _resting(
        Check(
            name="agreement beyond chance",
            status=status,
            value=low,
            threshold=t.alpha_review,
            why=why,
            page="agreement",
            figure="alpha, lower end" if alpha.same_crew else "alpha",
            unit="alpha",
        ),
        alpha,
        "items",
    )


def sides(first: Estimate | None, t: Thresholds) -> Check | None:
    """Is the response shown first chosen more often, or less, than one in two?"""
    if first is None or first.value is None:
        return None
    off = abs(first.value - 0.5)
    line = max(t.side, _by_chance(first.same_crew, first.value))
    swayed = off > line
    why = f"The response shown first was chosen in {first.value:.1%} of {first.n:,} choices" + (
        "; the position sways the choice, or the sides were not randomised." if swayed else "."
    )
    found = _resting(
        Check(
            name="sides",
            status="review" if swayed else "ready",
            value=off,
            threshold=line,
            why=why,
            page="reversals",
            sense="at most",
            figure="distance from one half",
        ),
        first,
        "choices",
    )
    return replace(found, intervals=tuple(_from_half(i, first.value) for i in found.intervals))


def order(found: BothOrders | None, t: Thresholds) -> Check | None:
    """Does the order move the choice, where the same pair was judged in both?"""
    if found is None or found.groups == 0:
        return None
    changed = found.always_first + found.always_second
    moved = abs(found.always_first - found.always_second) / (2 * found.groups)
    error = sqrt(changed) / (2 * found.groups)
    line, reach = max(t.order, _ERRORS * error), normal_quantile() * error
    swayed = moved > line
    favoured = "first" if found.always_first > found.always_second else "second"
    why = (
        f"Of {found.groups:,} pairs judged in both orders, {found.always_first:,} went to the first place both times"
        f" and {found.always_second:,} to the second"
    )
    if swayed:
        why += f": the order sways the choice towards the {favoured}"
        why += "." if found.p_value is None else f" (McNemar, p = {found.p_value:.1g})."
    return Check(
        name="order",
        status="review" if swayed else "ready",
        value=moved,
        threshold=line,
        why=why if swayed else f"{why}.",
        page="reversals",
        sense="at most",
        figure="choices moved by the order",
        intervals=(Interval(max(moved - reach, 0.0), moved + reach, "same crew", "normal, over pairs in both orders"),),
        n=found.groups,
        of=found.groups,
        counted="pairs judged in both orders",
    )


def contradictions(within: Estimate | None, t: Thresholds) -> Check | None:
    """Do annotators who judge a pair again choose as before?"""
    if within is None or within.value is None:
        return None
    low = None if within.same_crew is None else within.same_crew.low
    said = f"Of {within.n:,} pairs judged again by the same annotator, {within.value:.0%} got the opposite choice"
    status: Status = "ready"
    why = f"{said}."
    if low is None:
        why = f"{said}; too few to tell more."
    else:
        said += f", at least {low:.0%}"
        why = f"{said}."
        if low > t.contradictions_review:
            status, why = "review", f"{said}: single labels are that noisy, whoever gives them."
        if low > t.contradictions_stop:
            status, why = "stop", f"{said}: hardly better than coins."
    return _resting(
        Check(
            name="own judgements",
            status=status,
            value=low,
            threshold=t.contradictions_review,
            why=why,
            page="reversals",
            sense="at most",
            figure="contradicted, lower end",
        ),
        within,
        "pairs judged again",
    )


def on_gold(by_method: Mapping[str, Estimate], t: Thresholds) -> Check | None:
    """Do the aggregated labels find the gold, by the method that finds it best?

    What the data are worth is what the best method makes of them; whether the default does is asked by `aggregation`.
    """
    name, found = _best(by_method)
    # The default corrects itself by gold where there is enough. Votes that contradict the gold cannot be mended by it:
    # one of the two is the wrong way round.
    for plain in list(by_method)[1:]:
        span = by_method[plain].same_crew
        if span is not None and span.high <= 0.5:
            name, found = plain, by_method[plain]
    if found is None or found.value is None or found.same_crew is None:
        return None
    low, high = found.same_crew.low, found.same_crew.high
    status: Status = "ready" if low >= t.gold else "review"
    if high <= 0.5:
        status = "stop"
    by = f" by {name}" if len(by_method) > 1 and name != next(iter(by_method)) else ""
    return _resting(
        Check(
            name="labels on gold",
            status=status,
            value=low,
            threshold=t.gold,
            why=(
                f"The items' labels{by} name the side of the gold on {found.value:.0%} ({low:.0%} to {high:.0%}) of"
                f" {found.n:,} gold items."
            ),
            page="labels",
            figure="on gold, lower end",
        ),
        found,
        "gold items",
    )


def aggregation(by_method: Mapping[str, Estimate], findings: Iterable[Finding]) -> Check | None:
    """Is it the way one label is made of several that fails, and not the data?

    Parameters
    ----------
    by_method : method -> how often its labels name the side of the gold, the default first.
    findings : of the aggregation.
    """
    default = next(iter(by_method), None)
    name, best = _best(by_method)
    if default is not None and name != default and best is not None and best.same_crew is not None:
        own = by_method[default]
        if own.value is not None and own.value < best.same_crew.low:
            why = (
                f"{default} names the side of the gold on {own.value:.0%}, {name} on {best.value:.0%}: the method"
                f" fails here, not the labels. Take {name}."
            )
            return _resting(
                Check(
                    name="one label an item",
                    status="review",
                    value=own.value,
                    threshold=best.same_crew.low,
                    why=why,
                    page="labels",
                    figure=f"{default} on gold",
                ),
                own,
                "gold items",
            )
    said = next((f for f in findings if f.code == Fact.METHODS_DISAGREE), None)
    if said is None:
        return None
    why = f"{said.message} This is about how one label is made of several, and says nothing against the judgements."
    return Check(
        name="one label an item", status="review", value=None, threshold=None, why=why, page="labels", n=said.count
    )


def steady(name: str, unit: str, parts: Iterable[tuple[str, Estimate]], whole: Estimate, t: Thresholds) -> Check | None:
    """Does some part agree less than the whole does, by more than matters and more than chance allows?

    The difference of the two is known to the square root of the summed squares of their reaches (Newcombe). With k
    parts one falling below by chance is likelier, so each part's reach is widened as a Bonferroni correction would.
    """
    known = [(label, part) for label, part in parts if part.value is not None and part.same_crew is not None]
    if len(known) < 2 or whole.same_crew is None or whole.value is None:
        return None
    widening = normal_quantile(1 - 0.05 / len(known)) / normal_quantile(0.95)
    middle, down = whole.value, whole.value - whole.same_crew.low

    def gap_and_reach(part: Estimate) -> tuple[float, float]:
        if part.value is None or part.same_crew is None:
            return -inf, inf
        return middle - part.value, hypot(widening * (part.same_crew.high - part.value), down)

    held = [(label, part, *gap_and_reach(part)) for label, part in known]
    low = sorted((each for each in held if each[2] > max(each[3], t.uneven)), key=lambda each: -each[2])
    label, part, gap, reach = max(held, key=lambda each: each[2] - max(each[3], t.uneven))
    around = Interval(gap - reach, gap + reach, "same crew", "square-and-add of the two, Bonferroni over the parts")
    if low:
        listed = ", ".join(f"{label} ({_two(part.value)})" for label, part, _, _ in low[:3])
        plural = f"{len(low)} {unit}s agree" if len(low) > 1 else f"One {unit} agrees"
        why = f"{plural} clearly less than the whole ({_two(whole.value)}): {listed}."
    else:
        why = f"No {unit} agrees clearly less than the whole ({_two(whole.value)}); nearest to it is the {unit}"
        why += f"{' of' if unit == 'week' else ''} {label}, alpha {_two(part.value)}."
    found = Check(
        name=name,
        status="review" if low else "ready",
        value=gap,
        threshold=max(t.uneven, reach),
        why=why,
        page="agreement",
        sense="at most",
        figure=f"alpha of {label} below the whole",
        unit="alpha",
    )
    return replace(_resting(found, part, f"items of {label}"), intervals=(around,))


def _from_half(i: Interval, value: float) -> Interval:
    """The interval of the distance from one half; 0 where one half lies in it."""
    low, high = (i.low - 0.5, i.high - 0.5) if value >= 0.5 else (0.5 - i.high, 0.5 - i.low)
    return replace(i, low=max(low, 0.0), high=high)


def _best(by_method: Mapping[str, Estimate]) -> tuple[str, Estimate | None]:
    """The method that names the gold's side most often; the default, which comes first, where it is no worse."""
    known = {name: e for name, e in by_method.items() if e.value is not None}
    if not known:
        return "", None
    name = max(known, key=lambda each: (known[each].value or 0.0, each == next(iter(by_method))))
    return name, known[name]


def _by_chance(interval: Interval | None, value: float) -> float:
    """Three standard errors, from the farther end of the interval; everything where there is none."""
    if interval is None:
        return 1.0
    return _ERRORS * max(value - interval.low, interval.high - value) / normal_quantile(interval.level)


def _resting(check: Check, found: Estimate, counted: str) -> Check:
    """The check with what a report says of the estimate behind it."""
    intervals = tuple(i for i in (found.same_crew, found.new_crew) if i is not None)
    return replace(check, intervals=intervals, n=found.n, of=found.n + found.n_set_aside, counted=counted)


def _two(value: float | None) -> str:
    """A coefficient in two decimals, with a true minus sign."""
    return "undefined" if value is None else f"{value:z.2f}".replace("-", "−")
