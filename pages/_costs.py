"""The state of the Costs page: a scenario as a preset and what was changed, kept in the session and in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from workbench.economics import CHOICES, DEFAULT_PRESET, INPUTS, Input, Link, Plan, Scenario, preset, presets, read_link, scenario_from, write_link
from workbench.economics.amounts import amount
from workbench.economics.inputs import CHOICE_HELP, InputKind
from workbench.economics.link import PREFIX
from workbench.errors import WorkbenchError

REACH: dict[str, tuple[float, float]] = {
    "label_price": (0, 10), "wage": (0, 100), "seconds_per_label": (1, 600), "labels_per_item": (1, 9), "hours_per_week": (1, 60), "ramp_weeks": (0, 12),
    "gold_share": (0, 0.5), "rejected_share": (0, 0.6), "unusable_share": (0, 0.6), "expert_price": (0, 50), "expert_seconds": (10, 1_800), "ai_judges": (0, 9),
    "ai_samples": (1, 9), "ai_price": (0, 0.2), "price_in": (0, 20), "price_out": (0, 60), "price_cached": (0, 5), "retry_share": (0, 0.5), "generation_price": (0, 0.5),
    "selection_pool": (1, 20), "selection_gain": (0.5, 4), "annotators": (1, 200), "experts": (1, 50), "gold_labels": (1, 9), "audit_items": (0, 5_000), "gold_items": (0, 2_000),
    "platform_fee": (0, 0.5), "tokens_in": (50, 8_000), "tokens_out": (1, 2_000), "selection_price": (0, 0.01), "fixed_cost": (0, 100_000),
}  # fmt: skip
"""How far a slider reaches; the allowed range is wider, and a value beyond the slider's reach widens it."""

PAIRS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)


@dataclass
class State:
    """What the reader chose.

    Attributes
    ----------
    preset, file : the scenario it starts from: a preset, or one from a file.
    pairs : usable pairs; None = the scenario's own number.
    settings : what was changed.
    compared : presets beside it.
    measured : whether inputs of the open data set are used.
    problems : what in the link could not be understood.
    written : the address as this page last left it.
    refused : why the last file could not be read.
    """

    preset: str = DEFAULT_PRESET
    file: Scenario | None = None
    pairs: int | None = None
    settings: dict[str, float | str] = field(default_factory=dict)
    compared: list[str] = field(default_factory=lambda: ["human-1.50", "hybrid"])
    measured: bool = False
    problems: tuple[str, ...] = ()
    written: dict[str, str] | None = None
    refused: WorkbenchError | None = None

    @property
    def start(self) -> Scenario:
        """The scenario before anything was changed."""
        return self.file or preset(self.preset)


def state() -> State:
    """The state of this session; an address that says something else wins."""
    kept: State | None = st.session_state.get("cst")
    said = {k: v for k, v in st.query_params.items() if k.startswith(PREFIX)}
    if kept is None or (said and said != kept.written):
        link = read_link(said)
        fresh = State(link.preset, None, link.pairs, dict(link.settings), list(link.compared), said.get(f"{PREFIX}measured") == "yes", tuple(p for p in link.problems if f"{PREFIX}measured" not in p), said)  # fmt: skip
        if not said:
            fresh.compared = State().compared
        st.session_state["cst"] = kept = fresh
    return kept


def write_address(s: State) -> None:
    """Puts what was changed into the address, and nothing else; a file's scenario is told by what differs from its preset."""
    base = preset(s.preset)
    settings = dict(s.settings)
    if s.file is not None:
        try:
            settings = s.file.with_values(s.settings).changed_from(base)
        except WorkbenchError:
            settings = {**s.file.changed_from(base), **s.settings}
    pairs = s.pairs if s.pairs is not None else (s.file.pairs if s.file is not None else None)
    said = write_link(Link(s.preset, pairs, settings, tuple(s.compared)))
    if s.measured:
        said[f"{PREFIX}measured"] = "yes"
    if said == {f"{PREFIX}with": "human-1.50,hybrid"}:
        said = {}
    here = {k: v for k, v in st.query_params.items() if k.startswith(PREFIX)}
    if said != here:
        others = {k: v for k, v in st.query_params.items() if not k.startswith(PREFIX)}
        st.query_params.from_dict({**others, **said})
    s.written = said


def scenario_of(s: State, measured: Mapping[str, Input]) -> Scenario:
    """What the choices come to."""
    return before_changes(s, measured).with_values(s.settings, source="set on this page")


def before_changes(s: State, measured: Mapping[str, Input]) -> Scenario:
    """The preset or file, with what was measured."""
    start = s.start
    usable = {name: each for name, each in measured.items() if start["ai_judges"] > 0 or name != "escalated_share"}
    return start.with_inputs(usable) if s.measured else start


# ---------------------------------------------------------------- fields


def number_field(kind: InputKind, value: float, start: Input, wrong: str = "") -> None:
    """A slider for one input, in per cent where it is a share."""
    times = 100.0 if kind.unit.name == "share" else 1.0
    low, high = REACH.get(kind.name, (kind.low, kind.high))
    low, high, step = (round(x * times, 9) for x in (min(low, value), max(high, value), kind.step))
    shown: Any = round(value * times, 9)
    if kind.whole:
        low, high, step, shown = (int(x) for x in (low, high, max(step, 1), shown))
    key = f"cst_in_{kind.name}"
    if st.session_state.get(key) != shown:
        st.session_state[key] = shown
    mark = " · measured" if start.measured and value == start.value else ""
    st.slider(f"{kind.title}{mark}", low, high, step=step, key=key, format=_format(kind, step, value), on_change=moved, args=(kind.name, key, times, start.value), help=_help(kind, start))  # fmt: skip
    if wrong:
        st.error(wrong)


def choice_field(name: str, title: str, words: Mapping[str, str], value: str, start: str) -> None:
    """A choice between words."""
    key = f"cst_in_{name}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    st.segmented_control(title, CHOICES[name], format_func=lambda v: words[v], required=True, key=key, on_change=moved, args=(name, key, None, start), help=f"{CHOICE_HELP[name][:1].upper()}{CHOICE_HELP[name][1:]}.".replace("`", ""))  # fmt: skip


def moved(name: str, key: str, times: float | None, start: float | str) -> None:
    """Writes down that an input was changed; back at the start it counts as unchanged."""
    value = st.session_state[key]
    if times is not None:
        value = round(value / times, 12)
    s = state()
    s.settings = {k: v for k, v in s.settings.items() if k != name}
    if value != start:
        s.settings[name] = value
    s.problems = ()


def chosen_preset() -> None:
    """Another preset: everything starts from it."""
    s = state()
    s.preset, s.file, s.pairs, s.settings, s.problems = st.session_state["cst_pick"], None, None, {}, ()


def chosen_pairs() -> None:
    """Another number of pairs."""
    state().pairs = int(st.session_state["cst_n"])


def undo() -> None:
    """Puts every input back."""
    s = state()
    s.settings, s.pairs, s.problems = {}, None, ()


def take(best: Plan) -> None:
    """Sets the inputs of a plan."""
    s = state()
    s.settings = {**s.settings, **{name: value for name, value in best.settings.items() if value != s.start[name]}}
    s.settings = {name: value for name, value in s.settings.items() if name not in best.settings or best.settings[name] != s.start[name]}
    s.pairs = best.cost.pairs


def opened_file() -> None:
    """Starts from the scenario of an uploaded file, or says why it cannot."""
    s, upload = state(), st.session_state.get("cst_upload")
    s.refused = None
    if upload is None:
        return
    try:
        read = scenario_from(upload.getvalue(), upload.name)
    except WorkbenchError as error:
        s.refused = error
        return
    s.preset = read.name if read.name in presets() else s.preset
    s.file, s.pairs, s.settings, s.problems = read, None, {}, ()


def _format(kind: InputKind, step: float, value: float) -> str:
    """As many decimals as the steps have; one more where the value lies between them."""
    digits = len(f"{step:.9f}".rstrip("0").partition(".")[2])
    digits += not kind.whole and abs(value - round(value, digits)) > 1e-9 and kind.unit.name != "share"
    if kind.unit.name == "share":
        return f"%.{digits}f %%"
    return f"$%.{digits}f" if kind.unit.name.startswith("$") else ("%d" if kind.whole else f"%.{digits}f")


def _help(kind: InputKind, start: Input) -> str:
    """What the input means, its unit, and where the value it starts from comes from."""
    origin = f"{start.source}{', ' + start.date if start.date else ''}{'. ' + start.note if start.note else ''}"
    text = (
        f"{kind.description} Counted in {kind.unit.name}; {kind.low:g} to {kind.high:,.10g}. Starts at {amount(start.value, kind.unit)} ({origin})."
    )
    return text.replace("`", "").replace("$", "\\$").replace("[", "\\[").replace("<", "‹")


def names() -> list[str]:
    """Presets that can be chosen."""
    return list(presets())


def shown_inputs(group: str, scenario: Scenario) -> list[InputKind]:
    """Inputs of a group that play a part in this scenario."""
    hidden: set[str] = set()
    hidden |= {"wage"} if scenario.choices["pay"] == "label" else {"label_price"}
    by_token = ("tokens_in", "tokens_out", "price_in", "price_out", "cached_share", "price_cached")
    hidden |= {"ai_price"} if scenario.choices["ai_pay"] == "token" else set(by_token)
    if scenario["ai_judges"] == 0:
        hidden |= {k.name for k in INPUTS.values() if k.group == "AI judges" and k.name != "ai_judges"} | {"check_share", "check_disagreement"}
    if scenario["ai_judges"] < 2:
        hidden |= {"judge_correlation"}
    return [k for k in INPUTS.values() if k.group == group and k.name not in hidden]
