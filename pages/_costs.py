"""The state of the Costs page: a scenario as a start and what was changed, kept in the session and in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import _ui
import streamlit as st

from workbench.economics import (
    DEFAULT_PRESET,
    INPUTS,
    Input,
    Link,
    Plan,
    Scenario,
    preset,
    presets,
    read_link,
    scenario_from,
    write_link,
)
from workbench.economics.amounts import amount
from workbench.economics.fields import as_kept, in_titles
from workbench.economics.link import PREFIX, YOURS
from workbench.economics.same_crew import as_measured, with_crew
from workbench.economics.scenario import checked_pairs
from workbench.errors import WorkbenchError
from workbench.wording.economics import title_of


@dataclass
class State:
    """What the reader chose.

    Attributes
    ----------
    preset : the preset it starts from; what an address says is told as a difference from it.
    own : scenarios of this session by name, uploaded or kept.
    kept : those of them that stay as they stood when they were kept -> the preset they are told from in the address.
    begun : the one of `own` it starts from; None = the preset.
    pairs : usable pairs; None = the scenario's own number.
    settings : what was changed.
    compared : scenarios beside it, presets or of `own`.
    measured : whether inputs of the open data set are wanted.
    at_hand : whether there are any.
    wrong : input (or `pairs`) -> why what was last set there is not possible. The scenario stays as it was before.
    problems : what in the link could not be understood.
    written : the address as this page last left it.
    refused : why the last file could not be read.
    turns : field (or `fields`, all inputs) -> how often the page itself set what it shows.
    """

    preset: str = DEFAULT_PRESET
    own: dict[str, Scenario] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    begun: str | None = None
    pairs: int | None = None
    settings: dict[str, float | str] = field(default_factory=dict)
    compared: list[str] = field(default_factory=lambda: ["human-1.50", "hybrid"])
    measured: bool = False
    at_hand: bool = False
    wrong: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    written: dict[str, str] | None = None
    refused: WorkbenchError | None = None
    turns: dict[str, int] = field(default_factory=dict)

    @property
    def start(self) -> Scenario:
        """The scenario before anything was changed."""
        return preset(self.preset) if self.begun is None else self.own[self.begun]

    @property
    def changed(self) -> bool:
        """Whether inputs are no longer those of the start."""
        return bool(self.settings) or (self.measured and self.at_hand)

    def names(self) -> list[str]:
        """Scenarios to start from: those of this session first."""
        return [*self.own, *presets()]

    def others(self) -> list[str]:
        """Scenarios to hold it against: all but itself."""
        return [name for name in self.names() if self.changed or name != (self.begun or self.preset)]


def state() -> State:
    """The state of this session; an address that says something else wins, and scenarios of the session stay at
    hand."""
    kept: State | None = st.session_state.get("cst")
    said = {k: v for k, v in st.query_params.items() if k.startswith(PREFIX)}
    if kept is None or (said and said != kept.written):
        link = read_link(said)
        fresh = State(
            link.preset,
            pairs=link.pairs,
            settings=dict(link.settings),
            measured=link.measured,
            problems=link.problems,
            written=said,
        )
        if said:
            fresh.compared = list(link.compared)
        if kept is not None:
            fresh.own, fresh.kept = kept.own, kept.kept
        take_kept(fresh, link)
        st.session_state["cst"] = kept = fresh
    return kept


def write_address(s: State) -> None:
    """Puts what was changed into the address, and nothing else; a scenario of the session is told by what differs from
    its preset."""
    settings = dict(s.settings)
    if s.begun is not None:
        settings = s.start.with_values(s.settings).changed_from(preset(s.preset))
    pairs = s.pairs if s.pairs is not None or s.begun is None else s.start.pairs
    kept = {name: Link(preset=of, settings=s.own[name].changed_from(preset(of))) for name, of in s.kept.items()}
    beside = tuple(name for name in s.compared if name in presets() or name in s.kept)
    said = write_link(
        Link(preset=s.preset, pairs=pairs, settings=settings, compared=beside, measured=s.measured, kept=kept)
    )
    if said == write_link(Link(compared=tuple(State().compared))):
        said = {}
    here = {k: v for k, v in st.query_params.items() if k.startswith(PREFIX)}
    if said != here:
        others = {k: v for k, v in st.query_params.items() if not k.startswith(PREFIX)}
        st.query_params.from_dict({**others, **said})
    s.written = said


def take_kept(s: State, link: Link) -> None:
    """Takes in the scenarios that a link keeps; one whose name is taken by another of this session gets the next."""
    for name, told in link.kept.items():
        found = told.scenario()
        shown = name
        if name in s.own and s.own[name].changed_from(found):
            shown = free_name(s)
            s.compared = [shown if each == name else each for each in s.compared]
        s.own[shown] = replace(found, name=shown, title=title_of(found), notes=(), claims={})
        s.kept[shown] = told.preset


def free_name(s: State) -> str:
    """What the next scenario that is kept is called."""
    return next(name for i in range(1, len(s.own) + 2) if (name := f"{YOURS} {i}") not in s.own)


def key_of(name: str, of: str | None = None) -> str:
    """The key of a field now.

    A field whose value the page itself changed is a new one: the browser sends the values of all fields with each
    click, and those that were on their way when the page changed them would otherwise put the old value back. A
    callback takes no value from a key that is not the key of now.
    """
    turn = state().turns.get(of or name, 0)
    return f"{name}_{turn}" if turn else name


def renew(name: str) -> None:
    """The page itself sets a field (`fields` = all inputs)."""
    turns = state().turns
    turns[name] = turns.get(name, 0) + 1


def showing(name: str, value: object) -> str:
    """The key of a field that shows the value; a new one where it showed something else."""
    key = key_of(name)
    if st.session_state.get(key, value) != value:
        renew(name)
        key = key_of(name)
    if key not in st.session_state:
        st.session_state[key] = value
    return key


# ---------------------------------------------------------------- scenarios


def before_changes(s: State, measured: Mapping[str, Input]) -> Scenario:
    """The start, with what was measured."""
    return as_measured(s.start, measured) if s.measured else s.start


def scenario_of(s: State, measured: Mapping[str, Input]) -> Scenario:
    """What the choices come to. Title, notes and claims of the start speak of its own inputs: what was changed goes
    without them."""
    found = before_changes(s, measured).with_values(s.settings, source="set on this page")
    return replace(found, name=YOURS, title=title_of(found), notes=(), claims={}) if s.changed else found


def beside(s: State, name: str, measured: Mapping[str, Input]) -> Scenario:
    """A scenario to compare with, done by the crew that was measured; one that was kept stays as it stood."""
    other = s.own[name] if name in s.own else preset(name)
    return with_crew(other, measured) if s.measured and name not in s.kept else other


# ---------------------------------------------------------------- what the reader does


def moved(name: str, key: str, start: Scenario) -> None:
    """Takes an input that was changed, if it can be; back at the start it counts as unchanged."""
    s, value = state(), st.session_state[key]
    if key not in (key_of(f"cst_{way}_{name}", "fields") for way in ("in", "is")):
        return
    s.wrong, s.problems = {}, ()
    settings = {k: v for k, v in s.settings.items() if k != name}
    try:
        if name in INPUTS:
            value = as_kept(name, value)
        if value != (start[name] if name in INPUTS else start.choices[name]):
            settings[name] = value
        start.with_values(settings)
    except WorkbenchError as error:
        stands = s.settings.get(name, start[name] if name in INPUTS else start.choices[name])
        said = amount(stands, INPUTS[name].unit) if isinstance(stands, float) else stands
        s.wrong = {name: f"{in_titles(error)} Until then it counts as {said}."}
        return
    s.settings = settings


def chosen_pairs(key: str) -> None:
    """Another number of pairs, if it is one."""
    s = state()
    if key not in (key_of(name, "fields") for name in ("cst_n", "cst_n_exact")):
        return
    s.wrong = {}
    try:
        s.pairs = checked_pairs(st.session_state[key])
    except WorkbenchError as error:
        s.wrong = {"pairs": f"{in_titles(error)} Until then it counts as {s.pairs or s.start.pairs:,}."}


def chosen_start(key: str) -> None:
    """Another scenario: everything starts from it."""
    s, name = state(), st.session_state[key]
    if key != key_of("cst_pick"):
        return
    begin(s, name)
    s.refused = None


def begin(s: State, name: str) -> None:
    """Starts from a scenario, with nothing changed."""
    s.begun = name if name in s.own else None
    s.preset = s.preset if s.begun else name
    s.pairs, s.settings, s.wrong, s.problems = None, {}, {}, ()
    renew("fields")


def undo() -> None:
    """Puts every input back."""
    s = state()
    s.settings, s.pairs, s.wrong, s.problems = {}, None, {}, ()
    renew("fields")


def keep(scenario: Scenario) -> None:
    """Keeps the scenario as it stands, and sets it beside what comes next."""
    s = state()
    name = free_name(s)
    s.own[name] = replace(
        scenario, name=name, title=scenario.title if s.changed else f"{s.start.name}: {s.start.title}"
    )
    s.kept[name] = s.preset
    s.compared = [*s.compared[-(MOST_COMPARED - 1) :], name]


MOST_COMPARED = 4


def compared(key: str) -> None:
    """Other scenarios beside it."""
    if key == key_of("cst_compare"):
        state().compared = list(st.session_state[key])


def take(best: Plan, start: Scenario) -> None:
    """Sets the inputs of a plan."""
    s = state()
    others = {name: value for name, value in s.settings.items() if name not in best.settings}
    s.settings = {**others, **{name: value for name, value in best.settings.items() if value != start[name]}}
    s.pairs, s.wrong = best.cost.pairs, {}
    renew("fields")


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
    stem = upload.name.removesuffix(".toml")
    name, title = (stem if said == upload.name else said for said in (read.name, read.title))
    if name in presets():
        s.preset = name
    # Two scenarios of one name could not be told apart in a table.
    shown = name if name not in presets() and name != YOURS and name not in s.kept else f"{name} (file)"
    s.own[shown] = replace(read, name=shown, title=title)
    begin(s, shown)


def line(sentence: str) -> str:
    """A sentence for the page: text stays text, and a number keeps its per cent sign on its own line."""
    return _ui.safe(sentence).replace(r" \%", "\N{NO-BREAK SPACE}\\%")
