"""The first page of the report: verdict, what to do next, six figures with their intervals, one chart."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.actions import Action
from workbench.aggregation import DEFAULT
from workbench.auditing.audit import Audit
from workbench.estimates import Estimate, Interval
from workbench.figures.badges import badge_html, verdict_html
from workbench.report.contents import Drawing, Section
from workbench.report.page import text
from workbench.wording.actions import NOTHING, effect_sentence
from workbench.wording.numbers import percent, percent_bounds, short

MEANS = {
    "alpha": "1 is perfect agreement, 0 is what chance gives",
    "percent": "two people who judge the same item give the same label",
    "gold": "the one label made of all judgements names the side of the known answer",
    "between": "two people who take a side take opposite ones",
    "within": "somebody who judges a pair again takes the other response",
    "first": "the response shown first is chosen; half is right where sides are random",
}
"""Figure -> what it says, in words a manager reads."""


def front_section(result: Audit, actions: Sequence[Action], below: str, drawing: Drawing | None) -> Section:
    """What has to be known in a minute?

    Parameters
    ----------
    actions : of `next_actions(result)`.
    below : what the verdict is about.
    drawing : the one chart.
    """
    return Section(
        name="summary",
        title="In one page",
        boxes=(verdict_html(result.verdict, below), _to_look_at(result), _next(actions), _six(result)),
        drawings=() if drawing is None else (drawing,),
        listed=False,
    )


def _to_look_at(result: Audit) -> str:
    """The checks that are not ready, a line each."""
    rows = [
        f"<tr><td>{badge_html(c.status, 1.1)}</td><td><b>{text(c.name[:1].upper() + c.name[1:])}</b>:"
        f" {text(c.why)}</td></tr>"
        for c in result.verdict.checks
        if c.status != "ready"
    ]
    if not rows:
        return "<p>Every check is ready.</p>"
    return f'<div class="wide few"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _next(actions: Sequence[Action]) -> str:
    if not actions:
        return f"<h3>What to do next</h3><p>{text(NOTHING)}</p>"
    rows = "".join(
        f"<p>{place}. <b>{text(a.title)}.</b> {text(effect_sentence(a))}</p>" for place, a in enumerate(actions, 1)
    )
    return f"<h3>What to do next</h3>{rows}"


def _six(result: Audit) -> str:
    """Six figures with both intervals."""
    turned = result.reversals
    figures: list[tuple[str, str, Estimate]] = [
        ("Alpha on direction", "alpha", result.direction["krippendorff_alpha.nominal"]),
        ("Percent agreement", "percent", result.agreement["percent_agreement"]),
        ("Labels right on gold", "gold", result.labelled.scores[DEFAULT].on_direction()),
        ("Opposite choices between people", "between", turned.between.rate),
        ("Own judgement contradicted", "within", turned.within.rate),
        ("Shown first and chosen", "first", turned.order.first_position),
    ]
    rows = "".join(
        f'<tr><th scope="row">{title}<small>{MEANS[key]}</small></th><td class="n"><b>{_value(key, e)}</b></td>'
        f'<td class="n">{_bounds(key, e.same_crew)}</td><td class="n">{_bounds(key, e.new_crew)}</td></tr>'
        for title, key, e in figures
    )
    return (
        '<h3>Six figures</h3><div class="wide few"><table><thead><tr><th>Figure</th><th class="n">Value</th><th'
        ' class="n">Same crew</th><th class="n">New crew</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _value(key: str, e: Estimate) -> str:
    if e.value is None:
        return f"undefined<small>{text(e.reason or '')}</small>"
    return short(e.value) if key == "alpha" else percent(e.value)


def _bounds(key: str, interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{short(interval.low)} to {short(interval.high)}" if key == "alpha" else percent_bounds(interval)
