"""What to do next, as one would tell a colleague."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.actions import Action, Predicted
from workbench.errors import counted
from workbench.wording.numbers import percent, short, signed

NOTHING = "Nothing stands out: no action would change these labels by more than chance."


def effect_sentence(action: Action) -> str:
    """What the action would change, with its interval.

    >>> effect_sentence(
    ...     Action(
    ...         kind="gold",
    ...         title="",
    ...         predicted=None,
    ...         target=None,
    ...         addresses="",
    ...         status="ready",
    ...         points=0,
    ...         asked=3,
    ...         of=9,
    ...         counted="rows",
    ...         reason="it depends",
    ...     )
    ... )
    'It depends.'
    """
    p = action.predicted
    if p is None:
        return f"{action.reason[:1].upper()}{action.reason[1:]}."
    told = {"alpha": _alpha, "labels": _labels, "gold": _gold}[p.unit](p)
    paid = "" if action.usd is None else f" for ${action.usd:,.0f}"
    return f"{told[:1].upper()}{told[1:]}{paid}."


def action_line(action: Action) -> str:
    """Title and effect in a line."""
    return f"{action.title}: {effect_sentence(action)}"


def next_step(action: Action) -> dict[str, object]:
    """An action for programs, with its sentence."""
    return action.to_dict() | {"says": effect_sentence(action)}


def actions_lines(actions: Sequence[Action], reason: str | None = None) -> list[str]:
    """The actions for a terminal, first things first; or why they could not be worked out."""
    if reason:
        return ["What to do next", f"  Not worked out: {reason}."]
    if not actions:
        return ["What to do next", f"  {NOTHING}"]
    return ["What to do next", *(f"  {i}. {action_line(a)}" for i, a in enumerate(actions, 1))]


def _alpha(p: Predicted) -> str:
    if p.before is None or p.after is None:
        return f"{p.what} {signed(p.change)}"
    most = "up to " if p.most else ""
    beside = "" if p.placebo is None else f"; as many at random: {signed(p.placebo)}"
    return (
        f"{p.what} {short(p.before)} to {most}{short(p.after)} (change {signed(p.low)} to {signed(p.high)},"
        f" {p.about}{beside})"
    )


def _labels(p: Predicted) -> str:
    of = max(p.of or 1, 1)
    return (
        f"{p.change:.0f} more of them right ({max(p.low, -of):.0f} to {p.high:.0f}; {percent((p.before or 0) / of)} are"
        f" right now)"
    ).replace("-", "−")


def _gold(p: Predicted) -> str:
    return f"{p.low:.0f} to {p.high:.0f} of the {counted(p.of or 0, 'label')} are wrong"
