"""The inputs of the Costs page: a slider for each, or, for exact values, a field to type into."""

from __future__ import annotations

from typing import Any

import _costs
import streamlit as st

from workbench.economics import CHOICES, Input, Scenario
from workbench.economics.amounts import amount
from workbench.economics.fields import CHOICE_TITLES, CHOICE_WORDS, as_shown
from workbench.economics.inputs import CHOICE_HELP, InputKind

REACH: dict[str, tuple[float, float]] = {
    "label_price": (0, 10),
    "wage": (0, 100),
    "seconds_per_label": (1, 600),
    "labels_per_item": (1, 9),
    "hours_per_week": (1, 60),
    "ramp_weeks": (0, 12),
    "gold_share": (0, 0.5),
    "rejected_share": (0, 0.6),
    "unusable_share": (0, 0.6),
    "expert_price": (0, 50),
    "expert_seconds": (10, 1_800),
    "ai_judges": (0, 9),
    "ai_samples": (1, 9),
    "ai_price": (0, 0.2),
    "price_in": (0, 20),
    "price_out": (0, 60),
    "price_cached": (0, 5),
    "retry_share": (0, 0.5),
    "generation_price": (0, 0.5),
    "selection_pool": (1, 20),
    "selection_gain": (0.5, 4),
    "annotators": (1, 200),
    "experts": (1, 50),
    "gold_labels": (1, 9),
    "audit_items": (0, 5_000),
    "gold_items": (0, 2_000),
    "platform_fee": (0, 0.5),
    "tokens_in": (50, 8_000),
    "tokens_out": (1, 2_000),
    "selection_price": (0, 0.01),
    "fixed_cost": (0, 100_000),
}
"""How far a slider reaches; the allowed range is wider, can be typed, and a value beyond the slider's reach widens it.
"""

PAIRS = (
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
)
PAIRS_HELP = "Pairs that training can use, after everything set aside."


def pairs_field(s: _costs.State, exact: bool) -> None:
    """How many usable pairs: steps of 1, 2 and 5, or any number."""
    pairs = s.pairs or s.start.pairs
    key = _costs.key_of("cst_n_exact" if exact else "cst_n", "fields")
    _in_step(key, pairs, "pairs" in s.wrong)
    if exact:
        st.number_input(
            "Usable pairs",
            step=1_000,
            key=key,
            format="%d",
            on_change=_costs.chosen_pairs,
            args=(key,),
            help=PAIRS_HELP,
        )
    else:
        options = sorted({*PAIRS, pairs})
        st.select_slider(
            "Usable pairs",
            options,
            key=key,
            on_change=_costs.chosen_pairs,
            args=(key,),
            format_func=lambda n: f"{n:,}",
            help=PAIRS_HELP,
        )
    _complaint(s, "pairs")


def number_field(s: _costs.State, kind: InputKind, value: float, start: Scenario, exact: bool) -> None:
    """One input, in per cent where it is a share."""
    shown: Any = as_shown(kind.name, value)
    low, high = (kind.low, kind.high) if exact else REACH.get(kind.name, (kind.low, kind.high))
    low, high, step = (as_shown(kind.name, x) for x in (min(low, value), max(high, value), kind.step))
    shown, low, high, step = (
        int(x) if kind.whole else float(x) for x in (shown, low, high, max(step, 1) if kind.whole else step)
    )
    key = _costs.key_of(f"cst_{'is' if exact else 'in'}_{kind.name}", "fields")
    _in_step(key, shown, kind.name in s.wrong)
    first = start.inputs[kind.name]
    mark = " · measured" if first.measured and value == first.value else ""
    told = {"on_change": _costs.moved, "args": (kind.name, key, start), "help": _help(kind, first)}
    if exact:
        # No bounds here: the field itself would put back in silence what lies outside them.
        st.number_input(
            f"{kind.title}{_sign(kind)}{mark}", step=step, key=key, format="%d" if kind.whole else "%.10g", **told
        )
    else:
        st.slider(f"{kind.title}{mark}", low, high, step=step, key=key, format=_format(kind, step, value), **told)
    _complaint(s, kind.name)


def choice_field(name: str, value: str, start: Scenario) -> None:
    """A choice between words."""
    key, words = _costs.key_of(f"cst_in_{name}", "fields"), CHOICE_WORDS[name]
    _in_step(key, value, False)
    st.segmented_control(
        CHOICE_TITLES[name],
        CHOICES[name],
        format_func=lambda v: words[v],
        required=True,
        key=key,
        on_change=_costs.moved,
        args=(name, key, start),
        help=f"{CHOICE_HELP[name][:1].upper()}{CHOICE_HELP[name][1:]}.".replace("`", ""),
    )


def _in_step(key: str, value: Any, wrong: bool) -> None:
    """A field shows the scenario's value, however it came there; what cannot be taken stays where it was typed, above
    the reason."""
    if key not in st.session_state or (not wrong and st.session_state[key] != value):
        st.session_state[key] = value


def _complaint(s: _costs.State, name: str) -> None:
    if name in s.wrong:
        st.error(_costs.line(s.wrong[name]))


def _sign(kind: InputKind) -> str:
    if kind.unit.name == "share":
        return ", %"
    return ", $" if kind.unit.name.startswith("$") else ""


def _format(kind: InputKind, step: float, value: float) -> str:
    """As many decimals as the steps have; one more where the value lies between them."""
    digits = len(f"{step:.9f}".rstrip("0").partition(".")[2])
    digits += not kind.whole and abs(value - round(value, digits)) > 1e-9 and kind.unit.name != "share"
    if kind.unit.name == "share":
        return f"%.{digits}f%%"
    if kind.unit.name.startswith("$"):
        return f"$%.{digits}f"
    return "%d" if kind.whole else f"%.{digits}f"


def _help(kind: InputKind, start: Input) -> str:
    """What the input means, its unit, and where the value it starts from comes from."""
    origin = f"{start.source}{', ' + start.date if start.date else ''}{'. ' + start.note if start.note else ''}"
    text = (
        f"{kind.description} Counted in {kind.unit.name}; {kind.low:g} to {kind.high:,.10g}. Starts at"
        f" {amount(start.value, kind.unit)} ({origin})."
    )
    return text.replace("`", "").replace("$", "\\$").replace("[", "\\[").replace("<", "‹")
