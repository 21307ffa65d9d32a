"""Annotators in a sentence, before any chart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.annotators.close_up import Over, WorkTest
from workbench.annotators.flags import Flags, annotator_findings
from workbench.annotators.planning import Design, Detection
from workbench.annotators.sequential import SequentialTest
from workbench.annotators.survey import Survey
from workbench.annotators.suspect_gold import DOUBTFUL, SuspectGold
from workbench.errors import counted
from workbench.wording.numbers import percent

_NUMBERS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_FEW_GOLD = 50


def flags_sentence(flags: Flags, shown: int = 4) -> str:
    """How many annotators are flagged, who, and for what.

    >>> flags_sentence(Flags({}, 18, None))
    'None of 18 annotators is flagged.'
    """
    n, whole = len(flags.flagged), flags.annotators
    if n == 0:
        return (
            f"{_NUMBERS[0]} of {whole:,} annotators is flagged." if whole != 1 else "The one annotator is not flagged."
        )
    count = _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"
    if whole == 1:
        count = "The one annotator"
    who = [
        f"{name} ({', '.join(f.kind for f in flags.by_annotator[name] if f.kind != 'few-labels')})"
        for name in flags.flagged[:shown]
    ]
    more = f" and {n - shown:,} more" if n > shown else ""
    of = "" if whole == 1 else f" of {whole:,} annotators"
    return f"{count}{of} {'is' if n == 1 else 'are'} flagged: {', '.join(who)}{more}."


def notices(found: Survey, flags: Flags) -> dict[str, str]:
    """What to know before trusting a number about the annotators, one line each: code of the finding -> line; empty
    where there is nothing.
    """
    lines = {each.code: each.message for each in annotator_findings(found, flags)}
    n, whole = int((found.gold.items["chance_wrong"] > DOUBTFUL).sum()), len(found.gold.items)
    if "suspect-gold" in lines:
        lines["suspect-gold"] = (
            f"{n:,} of {counted(whole, 'gold label')} {'looks' if n == 1 else 'look'} wrong, and"
            f" {'is' if n == 1 else 'are'} held against nobody."
        )
    if "confused-weeks" in lines:
        weeks = list(found.confused)
        more = f" and {len(weeks) - 3} more" if len(weeks) > 3 else ""
        lines["confused-weeks"] = (
            f"In the {'week' if len(weeks) == 1 else 'weeks'} of {', '.join(weeks[:3])}{more} nearly the whole crew was"
            " worse than usual."
        )
    return lines


def annotator_sentence(row: Mapping[str, Any], why: Sequence[str], chance: float | None = None) -> str:
    """One annotator: how likely its labels are right, and what it is flagged for; or whether it is low for this crew
    without a flag.

    Parameters
    ----------
    row : of `workbench.annotators.annotator_table`.
    why : what the flags say.
    chance : how often labels given without a look would be right.

    >>> row = {"annotations": 718, "reliability": 0.39, "reliability_low": 0.32, "reliability_high": 0.48, "crew": 0.42}
    >>> annotator_sentence(row, [], 0.31)
    '718 labels; a label is right with a chance of 39% (32 to 48%). Low for this crew (60% is usual), but above
    guessing (31%): worth a talk.'
    """
    n = counted(row["annotations"], "label")
    reason = row.get("reliability_reason")
    if row["reliability"] != row["reliability"]:
        unknown = f"{n}; how good they are is not known" + (
            f": {reason}." if isinstance(reason, str) and reason else "."
        )
        return unknown + ("" if not why else " " + " ".join(why))
    said = (
        f"{n}; a label is right with a chance of {percent(row['reliability'])} ({100 * row['reliability_low']:.0f} to"
        f" {percent(row['reliability_high'])})."
    )
    if why:
        return f"{said} {' '.join(why)}"
    usual = 1 / (1 + math.exp(-float(row["crew"])))
    if not row["reliability_high"] < usual:
        return f"{said} Nothing stands out."
    low = f"{said} Low for this crew ({percent(usual)} is usual)"
    if chance is None or chance != chance:
        return f"{low}: worth a talk."
    if row["reliability_low"] > chance:
        return f"{low}, but above guessing ({percent(chance)}): worth a talk."
    return f"{low}, and guessing ({percent(chance)}) is not ruled out: worth a talk."


def gold_sentence(row: Mapping[str, Any]) -> str:
    """One annotator's answers on gold: how many are right, what that makes likely, and what guessing would give.

    >>> row = {
    ...     "gold_n": 15,
    ...     "gold_direction_correct": 5,
    ...     "gold_exact_accuracy": 0.2,
    ...     "gold_estimate": 0.43,
    ...     "gold_low": 0.24,
    ...     "gold_high": 0.64,
    ...     "gold_chance": 0.4,
    ... }
    >>> gold_sentence(row)
    'Right side on 5 of 15 gold items, the exact label on 3. By that the chance to be right on such items is 43% (24 to
    64%), leaning on what is usual in the crew as few answers do; guessing evenly would give 40%.'
    """
    n, hits = int(row["gold_n"]), int(row["gold_direction_correct"])
    exact = round(float(row["gold_exact_accuracy"]) * n)
    same = "" if exact == hits else f", the exact label on {exact:,}"
    leaning = ", leaning on what is usual in the crew as few answers do" if n < _FEW_GOLD else ""
    return (
        f"Right side on {hits:,} of {counted(n, 'gold item')}{same}. By that the chance to be right on such items is"
        f" {percent(row['gold_estimate'])} ({100 * row['gold_low']:.0f} to {percent(row['gold_high'])}){leaning};"
        f" guessing evenly would give {percent(row['gold_chance'])}."
    )


def suspect_sentence(gold: SuspectGold) -> str:
    """How much gold good annotators contradict, and what to do."""
    n, whole = int((gold.items["chance_wrong"] > DOUBTFUL).sum()), len(gold.items)
    if whole == 0:
        return "No gold item was judged, so no gold can be doubted."
    line = f"likelier than {percent(DOUBTFUL)} to be wrong"
    if n == 0:
        return (
            f"None of {counted(whole, 'gold label')} is {line} by what annotators who are right elsewhere say. The"
            " likeliest of those that somebody contradicts are listed."
        )
    it, are = ("it is", "is") if n == 1 else ("they are", "are")
    return (
        f"{n:,} of {counted(whole, 'gold label')} {are} {line} by what annotators who are right elsewhere say; {it}"
        " held against nobody. Have an expert look, and correct the gold or leave it out. The next likeliest are"
        " listed below them."
    )


def usual_sentence(usual: float, annotators: int) -> str:
    """What the line of the crew is, on the chart of its annotators.

    >>> usual_sentence(0.71, 872)
    'Usual here (71%): how often a label of the middle one of 872 annotators is right.'
    """
    return f"Usual here ({percent(usual)}): how often a label of the middle one of {annotators:,} annotators is right."


def course_sentence(parts: pd.DataFrame, usual: float | None) -> str:
    """How often one annotator's labels look right, beside what is usual: that alone says little, as others are often
    unsure.

    Parameters
    ----------
    parts : of `workbench.annotators.close_up.over_time`.

    >>> course_sentence(pd.DataFrame({"right": [0.4, 0.3], "labels": [50, 50]}), 0.57)
    'Looks right in 35% of 100 labels, 22 points less often than is usual in this crew (57%).'
    """
    known = parts[parts["labels"] > 0]
    n = int(known["labels"].sum())
    right = float((known["right"] * known["labels"]).sum()) / max(n, 1)
    said = f"Looks right in {percent(right)} of {counted(n, 'label')}"
    if usual is None or usual != usual:
        return f"{said}."
    points = round(100 * (right - usual))
    beside = (
        "as is usual"
        if points == 0
        else f"{counted(abs(points), 'point')} {'more' if points > 0 else 'less'} often than is usual"
    )
    return f"{said}, {beside} in this crew ({percent(usual)})."


def signals_sentence(course: Over) -> str:
    """What the cumulative sum under an annotator's course says, and how rarely it does so of one who stays the same."""
    rises = "Below: the cumulative sum rises with every label that looks wrong"
    if not math.isfinite(course.cusum.signal_at):
        return f"{rises}; there are too few labels to tell a fall by it."
    rare = (
        f"; of those who stay as they are {percent(course.false_alarms)} ever get one"
        if course.false_alarms is not None
        else ""
    )
    line = f"{rises}; at {course.cusum.signal_at:.1f} it signals a fall (dotted){rare}."
    if not course.signals:
        return f"{line} There is no signal here."
    since = f" The first one looks back to label {course.began[0]:,}." if course.began else ""
    return (
        f"{line} There {'is one signal' if len(course.signals) == 1 else f'are {len(course.signals):,} signals'}"
        f" here.{since}"
    )


def differ_sentence(tested: pd.DataFrame) -> str:
    """Where the sequential test and the flags differ, and why they may.

    Parameters
    ----------
    tested : of `workbench.figures.people_tables.decision_rows`.
    """
    only_test = int(((tested["decision"] == "flag") & (tested["flags"] == "")).sum())
    only_flags = int(((tested["decision"] == "clear") & (tested["flags"] != "")).sum())
    why = (
        "The test asks one thing of the answers, whether they are right often enough; flags weigh all evidence: speed,"
        " sides, copies, runs and changes in time too."
    )
    if only_test == 0 and only_flags == 0:
        return f"{why} Here they do not contradict each other."
    parts = [f"the test flags {counted(only_test, 'annotator')} without another flag"] if only_test else []
    parts += [f"it clears {only_flags:,} flagged for something else"] if only_flags else []
    return f"{why} So they can differ: {' and '.join(parts)}."


def evidence_sentence(row: Mapping[str, Any]) -> str:
    """From what is usual in the crew to this annotator, all evidence together.

    Parameters
    ----------
    row : of `workbench.annotators.annotator_table`.

    >>> evidence_sentence({"crew": 0.9, "reliability": 0.4})
    'A label is right in 71% of cases where nothing else is known of the annotator; all evidence together makes that
    40% here.'
    """
    usual = 1 / (1 + math.exp(-float(row["crew"])))
    return (
        f"A label is right in {percent(usual)} of cases where nothing else is known of the annotator; all evidence"
        f" together makes that {percent(row['reliability'])} here."
    )


def copies_sentence(copies: int, tested: int) -> str:
    """How many pairs give the same answers too often.

    >>> copies_sentence(0, 82)
    'None of 82 pairs that share ten items or more give the same answers oftener than skill, habits and popular answers
    explain, after correction for all pairs.'
    """
    who = {0: "None", 1: "One"}.get(copies, f"{copies:,}")
    return (
        f"{who} of {tested:,} pairs that share ten items or more {'gives' if copies == 1 else 'give'} the same answers"
        " oftener than skill, habits and popular answers explain, after correction for all pairs."
    )


def test_sentence(run: WorkTest, test: SequentialTest, peers: bool) -> str:
    """What the sequential test decided."""
    kind = "labels that gold or others speak to" if peers else "gold answers"
    if run.answers == 0:
        return f"There are no {kind}, so there is nothing to test."
    if run.answers == 1:
        kind = "label that gold or others speak to" if peers else "gold answer"
    if run.decision == "undecided":
        return (
            f"Undecided after {'the one' if run.answers == 1 else f'all {run.answers:,}'} {kind}: more are needed to"
            f" tell {percent(test.p_good)} from {percent(test.p_bad)}."
        )
    word = "Flagged" if run.decision == "flag" else "Cleared"
    return f"{word} after {run.used:,} of {run.answers:,} {kind}."


test_sentence.__test__ = False  # type: ignore[attr-defined]


def plan_sentence(
    design: Design,
    test: SequentialTest,
    clicker: Detection,
    honest: Detection,
    rule_clicker: Detection,
    rule_honest: Detection,
) -> str:
    """How soon the sequential test finds a random clicker and what that costs, beside the usual floor rule."""
    peers = f" and two peers on {percent(design.overlap)} of the rest" if design.overlap > 0 else ""
    first = f"With {percent(design.gold_share)} gold{peers}, "
    if clicker.mean is None:
        found = "a random clicker is not found"
    else:
        found = f"a random clicker is found after {clicker.mean:.0f} tasks on average ({percent(clicker.ever)} are)"
    return (
        f"{first}{found}; {percent(honest.ever, 1)} of honest annotators who are right in {percent(test.p_good)} are"
        " flagged. The usual rule, gold accuracy below 60% from the fifth gold answer on, has found half of the"
        f" clickers after {rule_clicker.median or 0:,} tasks, and in the end flags {percent(rule_honest.ever, 1)} of"
        " the honest."
    )
