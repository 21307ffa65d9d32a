"""Figures said in a sentence, before any chart."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.agreement.bands import Band, assured_band
from workbench.errors import counted
from workbench.estimates import Estimate, Interval
from workbench.wording.numbers import short


def agreement_sentence(percent: Estimate, coefficient: Estimate, *, direction: bool = False, sides: bool = True) -> str:
    """What the data say about agreement, as one would tell a colleague.

    Parameters
    ----------
    percent : percent agreement.
    coefficient : the coefficient looked at.
    direction : whether strength was ignored.
    sides : whether the labels choose between two responses.

    >>> found = Estimate(
    ...     name="Krippendorff's alpha, ordinal",
    ...     value=0.374,
    ...     same_crew=Interval(0.33, 0.41, "same crew", ""),
    ...     new_crew=Interval(0.25, 0.48, "new crew", ""),
    ...     n=90,
    ... )
    >>> agreement_sentence(Estimate(name="Percent agreement", value=0.641, n=90), found)
    "Two annotators give the same label to 64% of items; Krippendorff's alpha, ordinal, is 0.37: between 0.33 and 0.41
    for this crew, and between 0.25 and 0.48 for a new one."
    """
    if percent.value is None:
        return f"How far annotators agree cannot be said: {percent.reason}."
    same = "name the same side on" if direction and sides else "give the same label to"
    first = f"Two annotators {same} {percent.value:.0%} of items"
    if coefficient.name == percent.name:
        return f"{first}{_spans(coefficient, percent=True)}."
    name = coefficient.name + ("," if "," in coefficient.name else "")
    if coefficient.value is None:
        return f"{first}; {name} is undefined: {coefficient.reason}."
    return f"{first}; {name} is {short(coefficient.value)}{_spans(coefficient)}."


def reading_sentence(estimate: Estimate, bands: tuple[Band, ...]) -> str:
    """Which band the data assure, and whose words these are.

    >>> from workbench.agreement.bands import LANDIS_KOCH
    >>> reading_sentence(
    ...     Estimate(name="alpha", value=0.3, same_crew=Interval(0.25, 0.35, "same crew", "")), LANDIS_KOCH
    ... )
    'At 95% assurance alpha is at least “fair”, in the words of Landis & Koch (1977), Biometrics 33, 159-174; the
    authors call the divisions arbitrary.'
    """
    band = assured_band(estimate, bands)
    if band is None:
        return ""
    return f"At 95% assurance {estimate.name} is at least “{band.name}”, in the words of {band.source}."


def along_sentence(out: int, whole: int, one: str, how: str) -> str:
    """How many lie outside what a slider keeps, below it.

    >>> along_sentence(12, 1690, "item", "with fewer")
    '12 of 1,690 items with fewer'
    """
    return f"{out:,} of {counted(whole, one)} {how}" if out else counted(whole, one)


def undefined_reasons(estimates: Mapping[str, Estimate]) -> list[str]:
    """One line for each estimate without a value or without an interval: which, and why."""
    lines = [f"{e.name} is undefined: {e.reason}." for e in estimates.values() if e.value is None]
    notes: dict[str, list[str]] = {}
    for e in estimates.values():
        for note in e.interval_notes:
            notes.setdefault(note, []).append(e.name)
    return lines + [
        f"{note[:1].upper()}{note[1:]} ({', '.join(names) if len(names) < len(estimates) else 'all coefficients'})."
        for note, names in notes.items()
    ]


def _spans(estimate: Estimate, percent: bool = False) -> str:
    def between(interval: Interval) -> str:
        low, high = (f"{b:.0%}" if percent else short(b) for b in (interval.low, interval.high))
        return f"between {low} and {high}"

    same, new = estimate.same_crew, estimate.new_crew
    if same is None:
        return ""
    few = (
        f" (the interval{'s rest' if new else ' rests'} on {estimate.few.removeprefix('rests on ')})"
        if estimate.few
        else ""
    )
    return f": {between(same)} for this crew" + (f", and {between(new)} for a new one" if new else "") + few
