"""Whom to talk to, and why: every suspicion with its evidence and a p-value corrected for the many annotators looked
at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy import stats

from workbench.annotators.bias import lean_to_a
from workbench.annotators.peer_posterior import FLOOR
from workbench.annotators.speed import SKIM
from workbench.annotators.survey import Survey, survey
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Finite
from workbench.findings import Finding, finding
from workbench.statistics.multiplicity import false_discovery_adjusted

KINDS: Mapping[str, str] = {
    "random": "labels do not follow the content",
    "speeding": "judges faster than the texts can be read",
    "side": "chooses one side whatever the content",
    "drift": "became less accurate at some time",
    "collusion": "gives the same answers as somebody else, beyond what skill, habits and popular answers explain",
    "straight-lining": "repeats one label",
    "few-labels": "too few labels to say anything; never a flag by itself",
}
"""What each kind of flag means."""


@dataclass(frozen=True, kw_only=True)
class FlagThresholds:
    r"""Where lines are drawn.

    Attributes
    ----------
    level : share of the flags of each kind that may be false (Benjamini-Hochberg). Where nobody is to blame it is the
        chance that somebody is flagged all the same, of each kind; the odds make it less.
    odds : one whose labels speak less than so many to one for a suspicion is not flagged, however small the p-value; 20
        to 1 is where evidence is called strong (Kass & Raftery 1995, *Bayes factors*). A p-value alone, where no line
        says what would be material (runs, leans, one label), speaks with odds of at most $1 / (-e p \ln p)$ (Sellke,
        Bayarri & Berger 2001, *The American Statistician* 55).
    floor : one who keeps at least this share of the crew's usual margin over chance counts as judging.
    pace : one whose median time is at least this share of the crew's is not speeding.
    rapid_share : and neither is one with fewer judgements than this below the reading floor, or, without texts, in the
        rapid component.
    skim : how many times the usual reading speed is impossible.
    side : one whose rate for one side is within this of what is expected is not flagged for it; where nothing tells
        which response was shown first, a larger lean to A or B must be clear, too.
    one_label : nobody is flagged for giving one label to up to this share of the items.
    few_labels : with fewer labels to compare, a note says so.
    """

    level: float = 0.05
    odds: float = 20.0
    floor: float = FLOOR
    pace: float = 0.6
    rapid_share: float = 0.25
    skim: float = SKIM
    side: float = 0.15
    one_label: float = 0.8
    few_labels: int = 20

    @property
    def least_evidence(self) -> float:
        """The odds in nats, as evidence is counted."""
        return float(np.log(self.odds))

    def convinces(self, adjusted: np.ndarray) -> np.ndarray:
        """Which corrected p-values are small enough, and speak for the suspicion with such odds at the best; bool.

        >>> FlagThresholds().convinces(np.array([0.003, 0.02, np.nan])).tolist()
        [True, False, False]
        """
        p = np.clip(np.nan_to_num(adjusted, nan=1.0), 1e-300, 1 / math.e)
        return np.asarray((adjusted <= self.level) & (-math.e * p * np.log(p) * self.odds <= 1))

    def to_dict(self) -> dict[str, float]:
        """Names and values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Flag(Finite):
    """One suspicion about one annotator.

    Attributes
    ----------
    annotator : its id.
    kind : one of `KINDS`.
    why : one sentence with the figures.
    value : the evidence: a log Bayes factor (random, drift, collusion), pace as a share of the crew's (speeding), rate
        (side, or of the one label), length of the run, labels.
    p_value : corrected for all annotators (or pairs) looked at; None for `few-labels`.
    with_whom : the other annotator of a pair.
    """

    annotator: str
    kind: str
    why: str
    value: float
    p_value: float | None
    with_whom: str | None = None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, eq=False)
class Flags:
    """All flags.

    Attributes
    ----------
    by_annotator : annotator id -> its flags, strongest first; only annotators that have any (`few-labels` included).
    annotators : how many annotators there are.
    thresholds : the lines drawn.
    """

    by_annotator: Mapping[str, tuple[Flag, ...]]
    annotators: int
    thresholds: FlagThresholds

    @property
    def flagged(self) -> tuple[str, ...]:
        """Annotators with a flag other than `few-labels`."""
        return tuple(
            name for name, flags in self.by_annotator.items() if any(flag.kind != "few-labels" for flag in flags)
        )

    @property
    def counts(self) -> dict[str, int]:
        """Kind -> annotators with it."""
        return dict(Counter(flag.kind for flags in self.by_annotator.values() for flag in flags))

    @property
    def note(self) -> str | None:
        """What to know before acting on the flags; None where there is nothing."""
        n, whole = len(self.flagged), self.annotators
        if n == whole and n:
            return (
                f"All {whole} annotators are flagged: without them nothing is left. Look at the guidelines, the task"
                " and the export before looking at people."
            )
        if 2 * n > whole:
            return (
                f"{n} of {whole} annotators are flagged: with fewer than half left, it is no longer clear who is the"
                " rule and who the exception."
            )
        return None

    def to_frame(self) -> pd.DataFrame:
        """One row a flag: annotator, kind, why, value, p_value, with_whom."""
        names = [f.name for f in fields(Flag)]
        return pd.DataFrame([flag.to_dict() for flags in self.by_annotator.values() for flag in flags], columns=names)


def flag_annotators(data: AnnotationSet | Survey, thresholds: FlagThresholds | None = None) -> Flags:
    """Whom to talk to, and why?

    A flag is a reason to look at somebody's work, not a verdict. Of each kind of flag, a share of `level` at most is
    expected to be false, however many annotators there are. One label, or labels nobody else has given, flag nobody.
    Slots of people without ids are nobody in particular and are not flagged.

    Parameters
    ----------
    data : the annotations, or what `survey` found in them.
    thresholds : where lines are drawn.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> made = simulate(
    ...     4_000, annotators=20, spammers=1, speeders=0, left_clickers=0, drifters=0, colluders=0, seed=3, texts=False
    ... )
    >>> flags = flag_annotators(made.data)
    >>> spammer = made.truth.annotators["annotator"][made.truth.troubled()[0]]
    >>> flags.by_annotator[spammer][0].kind
    'random'
    """
    t = thresholds or FlagThresholds()
    found = data if isinstance(data, Survey) else survey(data, level=t.level, floor=t.floor, skim=t.skim)
    names = found.data.annotators["annotator"].tolist()
    flags = [
        *_attention(found, names, t),
        *_speeding(found, names, t),
        *_side(found, names, t),
        *_lean(found, names, t),
        *_collusion(found, names),
        *_runs(found, names, t),
        *_few(found, names, t),
    ]
    slots = found.data.slots
    # One label for everything follows no content: that need not be said twice.
    constant = {flag.annotator for flag in flags if flag.kind == "straight-lining" and flag.value <= 1}
    flags = [
        flag
        for flag in flags
        if flag.annotator not in slots and (flag.kind != "random" or flag.annotator not in constant)
    ]
    order = {kind: i for i, kind in enumerate(KINDS)}
    flags.sort(key=lambda flag: (1.0 if flag.p_value is None else flag.p_value, order[flag.kind]))
    grouped: dict[str, list[Flag]] = {}
    for flag in flags:
        grouped.setdefault(flag.annotator, []).append(flag)
    return Flags({name: tuple(grouped[name]) for name in names if name in grouped}, len(names), t)


def annotator_findings(found: Survey, flags: Flags) -> tuple[Finding, ...]:
    """What to know about the annotators before trusting a number: suspect gold, weeks in which all were worse, and too
    many flags.
    """
    names = found.data.annotators["annotator"].tolist()
    # Gold that a file contradicts because its A is another file's B is not to be repaired.
    findings = [*found.camps.findings(names), found.gold.finding() if found.camps.swapped is None else None]
    if found.confused:
        weeks, n = list(found.confused), sum(found.confused.values())
        findings.append(
            finding(
                "warning",
                "confused-weeks",
                f"In {len(weeks)} {'week' if len(weeks) == 1 else 'weeks'} (from {', '.join(weeks[:5])}) nearly the"
                f" whole crew was worse than usual; its {n:,} labels are not used to say who drifts.",
                "Look at what changed then: guidelines, kind of task, or tool.",
                weeks,
            )
        )
    if flags.note:
        findings.append(
            finding("warning", "many-flagged", flags.note, "See the Annotators page for the reasons.", flags.flagged)
        )
    return tuple(f for f in findings if f is not None)


def _attention(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    """Random and drift: two accounts of the same labels, so each annotator gets the one that explains them better."""
    seen, accuracy, table = found.attention, found.accuracy["estimated_accuracy"].to_numpy(), found.drift
    careless, stopped = false_discovery_adjusted(seen.p_careless), false_discovery_adjusted(seen.p_stopped)
    at_random = (np.nan_to_num(careless, nan=1.0) <= t.level) & (seen.careless >= t.least_evidence)
    gave_up = (np.nan_to_num(stopped, nan=1.0) <= t.level) & (seen.stopped >= t.least_evidence)
    flags = []
    for k in np.flatnonzero(at_random | gave_up):
        if gave_up[k] and (seen.stopped[k] > seen.careless[k] or not at_random[k]):
            row = table.iloc[k]
            why = (
                f"Right in about {row.accuracy_before:.0%} of {row.labels_before:,} labels until"
                f" {row.changed_at:%Y-%m-%d}, and in about {row.accuracy_after:.0%} of the {row.labels_after:,} since;"
                f" chance is {found.others.scale.chance:.0%}."
            )
            flags.append(Flag(names[k], "drift", why, float(seen.stopped[k]), float(stopped[k])))
            continue
        why = (
            f"Right in about {accuracy[k]:.0%} of {seen.used[k]:,} labels, by what gold and others say of the same"
            f" items; blind labels would be in {found.others.scale.chance:.0%}."
        )
        if np.isfinite(seen.backwards[k]) and seen.backwards[k] > np.log(20):
            why += " The labels read as if the scale were taken backwards."
        flags.append(Flag(names[k], "random", why, float(seen.careless[k]), float(careless[k])))
    return flags


def _speeding(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    if not found.speed.times.usable:
        return []
    table = found.speed.annotators
    share = table["under_floor_share"].fillna(table["rapid_share"])
    suspect = (table["pace"] < t.pace) & (share > t.rapid_share)
    # Everybody is tested; one who is not materially fast cannot be flagged.
    adjusted = false_discovery_adjusted(
        np.where(suspect, table["speed_p"], np.where(table["speed_p"].notna(), 1.0, np.nan))
    )
    flags = []
    for k in np.flatnonzero(np.nan_to_num(adjusted, nan=1.0) <= t.level):
        row, unit = table.iloc[k], "batches" if found.speed.unit == "batch" else "judgements"
        floor = (
            f", {row.under_floor_share:.0%} of them faster than the texts can be skimmed"
            if np.isfinite(row.under_floor_share)
            else ""
        )
        why = (
            f"Takes {row.pace:.0%} of the usual time for the length of the texts over {int(row.timed):,} {unit}{floor}."
        )
        flags.append(Flag(names[k], "speeding", why, float(row.pace), float(adjusted[k])))
    return flags


def _side(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    table = found.position
    far = (table["first_position_rate"] - table["first_position_expected"]).abs() >= t.side
    adjusted = false_discovery_adjusted(
        np.where(far, table["first_position_p"], np.where(table["first_position_p"].notna(), 1.0, np.nan))
    )
    flags = []
    for k in np.flatnonzero(np.nan_to_num(adjusted, nan=1.0) <= t.level):
        row = table.iloc[k]
        why = (
            f"Chose the response shown first in {row.first_position_rate:.0%} of {int(row.first_position_n):,} choices,"
            f" where {row.first_position_expected:.0%} is expected."
        )
        flags.append(Flag(names[k], "side", why, float(row.first_position_rate), float(adjusted[k])))
    return flags


def _lean(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    """One who says A, or B, of nearly everything, where nothing tells what was shown first."""
    table = lean_to_a(found.others, t.side)
    adjusted = false_discovery_adjusted(table["lean_p"].to_numpy())
    flags = []
    for k in np.flatnonzero(t.convinces(adjusted)):
        row = table.iloc[k]
        why = (
            f"Chose A in {row.lean_rate:.0%} of {int(row.lean_n):,} choices, where {row.lean_expected:.0%} is expected"
            " from what the others chose on the same items; nothing tells which response was shown first."
        )
        flags.append(Flag(names[k], "side", why, float(row.lean_rate), float(adjusted[k])))
    return flags


def _collusion(found: Survey, names: list[str]) -> list[Flag]:
    flags: dict[int, Flag] = {}
    for copy in found.copies:
        for k in copy.suspected:
            other = copy.second if k == copy.first else copy.first
            role = (
                f"This one {copy.why}."
                if copy.copier is not None
                else f"Who had whose answers, or whether both had them from elsewhere, is not known: {copy.why}."
            )
            why = (
                f"Same label as {names[other]} on {copy.alike:,} of {copy.items:,} items, oftener than skill, habits"
                f" and answers popular with everybody explain. {role} Ask how they worked."
            )
            flag = Flag(names[k], "collusion", why, copy.evidence, copy.p_value, names[other])
            if k not in flags or copy.evidence > flags[k].value:
                flags[k] = flag
    return list(flags.values())


def _runs(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    """One who gives a label many times in a row, or to nearly everything."""
    table, labels = found.mix, found.data.scale.labels
    runs = false_discovery_adjusted(table["run_p"].to_numpy())
    n = np.bincount(found.data.codes.annotator, minlength=len(names))
    given = np.rint(np.nan_to_num(table["commonest_share"].to_numpy(float)) * n)
    # What is let through: a habit of giving one label to four of five, or somewhat oftener than the items ask for.
    usual = np.clip(np.maximum(table["commonest_expected"].to_numpy(float) + t.side, t.one_label), 0.0, 0.99)
    one = false_discovery_adjusted(np.where(np.isfinite(usual) & (n > 0), stats.binom.sf(given - 1, n, usual), np.nan))
    in_a_row, always = t.convinces(runs), t.convinces(one)
    flags = []
    for k in np.flatnonzero(in_a_row | always):
        row = table.iloc[k]
        if in_a_row[k]:
            why = (
                f"{int(row.longest_run):,} times {labels[int(row.run_label)]} in a row; at its own rates and on these"
                f" items about {row.run_expected:.0f} are expected."
            )
            flags.append(Flag(names[k], "straight-lining", why, float(row.longest_run), float(runs[k])))
            continue
        why = (
            f"Gave {labels[int(row.commonest)]} in {row.commonest_share:.0%} of {n[k]:,} labels, where"
            f" {row.commonest_expected:.0%} is expected from what the others say of the same items."
        )
        flags.append(Flag(names[k], "straight-lining", why, float(row.commonest_share), float(one[k])))
    return flags


def _few(found: Survey, names: list[str], t: FlagThresholds) -> list[Flag]:
    used = found.attention.used
    return [
        Flag(
            names[k],
            "few-labels",
            f"{used[k]} labels can be held against gold or others; fewer than {t.few_labels} say little.",
            float(used[k]),
            None,
        )
        for k in np.flatnonzero(used < t.few_labels)
    ]
