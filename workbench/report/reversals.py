"""Reversals: between annotators, within one, by order, in circles, and what they come from."""

from __future__ import annotations

from workbench.auditing.audit import Audit
from workbench.figures.palette import GREY
from workbench.report.contents import Drawing, Figure, Section, of_estimate
from workbench.report.drawing import Row, forest
from workbench.reversals import PUBLISHED
from workbench.wording.reversals import cycles_sentence, parts_sentence, reversals_sentence


def reversals_section(result: Audit, code: str) -> Section:
    """Which judgements contradict each other, and why?"""
    found = result.reversals
    between, within, order, parts = found.between, found.within, found.order, found.decomposition
    base = "result.reversals"
    rates = [
        of_estimate(
            "reversals.between",
            "Opposite choices of two annotators",
            between.rate,
            f"{base}.between.rate",
            unit="share",
            measure="reversals_between",
        ),
        of_estimate(
            "reversals.within",
            "Opposite choices of one annotator, seeing a pair again",
            within.rate,
            f"{base}.within.rate",
            unit="share",
            counted="repeated pairs",
            measure="reversals_within",
        ),
        of_estimate(
            "reversals.within.same_order",
            "… in the same order",
            within.same_order,
            f"{base}.within.same_order",
            unit="share",
            counted="repeats",
            measure="reversals_within",
        ),
        of_estimate(
            "reversals.within.swapped",
            "… with the sides exchanged",
            within.swapped,
            f"{base}.within.swapped",
            unit="share",
            counted="repeats",
            measure="reversals_within",
        ),
        of_estimate(
            "reversals.within.tie_flips",
            "A choice one time, a tie the other",
            within.tie_flips,
            f"{base}.within.tie_flips",
            unit="share",
            counted="repeats",
            measure="tie_flips",
        ),
        of_estimate(
            "reversals.order.first_position",
            "The response shown first was chosen",
            order.first_position,
            f"{base}.order.first_position",
            unit="share",
            counted="choices",
            measure="first_position_rate",
        ),
        of_estimate(
            "reversals.position_bias",
            "Position bias",
            parts.position_bias,
            f"{base}.decomposition.position_bias",
            unit="share",
            counted="repeats",
            measure="position_bias",
        ),
        of_estimate(
            "reversals.self_noise",
            "Self-noise",
            parts.self_noise,
            f"{base}.decomposition.self_noise",
            unit="share",
            counted="repeats",
            measure="self_noise",
        ),
        of_estimate(
            "reversals.ambiguity",
            "Ambiguity",
            parts.ambiguity,
            f"{base}.decomposition.ambiguity",
            unit="share",
            counted="repeats",
            measure="ambiguity",
        ),
    ]
    figures = [
        *rates,
        Figure(
            name="reversals.order.p_value",
            title="Chance of so one-sided an order effect",
            value=order.p_value,
            python=f"{base}.order.p_value",
            unit="p",
            n=order.groups or order.first_position.n,
            counted="pairs in both orders" if order.groups else "choices",
            reason=None if order.p_value is not None else order.first_position.reason or "there is too little to test",
            note=order.test or "",
            measure="first_position_rate",
            exact="" if order.p_value is None else "a chance under a hypothesis, not an estimate",
        ),
    ]
    for key, whose, triads in (
        ("within_annotator", "within single annotators", found.cycles.within_annotator),
        ("majority", "in the majority", found.cycles.majority),
    ):
        none = None if triads.triads else triads.reason or "there is nothing to count"
        note = (
            ""
            if triads.expected is None
            else f"Noise alone would give about {triads.expected:.1f}, coin tosses {triads.by_chance:.0f}."
        )
        figures.append(
            Figure(
                name=f"reversals.cycles.{key}",
                title=f"Circles {whose}",
                value=triads.cyclic if none is None else None,
                python=f"{base}.cycles.{key}.cyclic",
                unit="count",
                n=triads.triads,
                counted="triples",
                reason=none,
                note=note,
                measure="cycles",
            )
        )
    drawn = (
        ("Two annotators, opposite choices", rates[0]),
        ("One annotator, opposite choices", rates[1]),
        ("The response shown first", rates[5]),
    )
    rows = [
        Row(name=called, value=float(f.value), same=same, new=new, beside=f"{f.n:,} {f.counted}")
        for called, f in drawn
        if f.value is not None
        for same, new in [_spans(f)]
    ]
    rows += [Row(name=called, value=value, colour=GREY, beside=source) for called, value, source in PUBLISHED]
    drawing = Drawing(
        "Reversals, and between annotators of published sets (grey)",
        forest(
            rows,
            unit="share",
            alt="Rates of reversal with both intervals, beside those of published sets.",
            lines=((0.1, "10%"), (0.5, "a coin")),
            within=(0.0, 1.0),
        ),
    )
    says = [
        reversals_sentence(found),
        parts_sentence(parts),
        cycles_sentence(found.cycles.within_annotator, "within single annotators"),
        cycles_sentence(found.cycles.majority, "in the majority"),
    ]
    if within.rate.value is not None or between.rate.value is not None:
        says.append("The line at 10% is a common house rule; no published set meets it between annotators.")
    return Section(
        name="reversals",
        title="Reversals",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=(),
        drawings=(drawing,),
    )


def _spans(figure: Figure) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    of = {s.about: (s.low, s.high) for s in figure.spans}
    return of.get("same crew"), of.get("new crew")
