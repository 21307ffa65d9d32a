"""What the usual rules set aside and what that changes, beside what setting aside as much at random changes."""

from __future__ import annotations

import pandas as pd

from workbench.annotators import KINDS
from workbench.cleaning import Cleaning, Effect
from workbench.figures.cleaning_tables import effect_table, readable_table
from workbench.figures.palette import BLUE, GREEN, GREY
from workbench.report.contents import Column, Drawing, Figure, Section, Table, of_estimate
from workbench.report.drawing import Row, forest
from workbench.report.names import Name
from workbench.report.written import Span
from workbench.wording.cleaning import cleaning_sentence, flips_sentence, gold_sentence


def cleaning_section(effect: Effect | str, name: Name) -> Section:
    """Would setting labels aside help, more than making the data smaller does?"""
    if isinstance(effect, str):
        return Section(name="cleaning", title="Cleaning", absent=f"Not tried: {effect}.")
    e, before, after = effect, effect.before, effect.after
    rules = e.cleaning.to_python()
    code = (
        "from workbench.cleaning import Cleaning, cleaning_effect, gather_evidence\n\neffect = cleaning_effect(data,"
        f" {rules}, gather_evidence(data))"
    )
    says = [f"The rules tried here set aside {_in_words(e.cleaning)}."] + [
        s for s in (cleaning_sentence(e), gold_sentence(e), flips_sentence(e), *e.notes) if s
    ]
    figures = [
        Figure(
            name="cleaning.set_aside",
            title="Judgements set aside",
            value=e.n_set_aside,
            python="effect.n_set_aside",
            unit="count",
            n=e.n_set_aside,
            of=before.annotations,
            counted="judgements",
            measure="cleaning",
        ),
        Figure(
            name="cleaning.annotators",
            title="Annotators set aside",
            value=len(e.annotators_gone),
            python="len(effect.annotators_gone)",
            unit="count",
            n=len(e.annotators_gone),
            of=before.annotators,
            counted="annotators",
            measure="cleaning",
        ),
        Figure(
            name="cleaning.items",
            title="Items with a label left",
            value=after.items,
            python="effect.after.items",
            unit="count",
            n=after.items,
            of=before.items,
            measure="cleaning",
        ),
        Figure(
            name="cleaning.overlapping",
            title="Items with two labels or more left",
            value=after.overlapping,
            python="effect.after.overlapping",
            unit="count",
            n=after.overlapping,
            of=before.overlapping,
            measure="cleaning",
        ),
        of_estimate(
            "cleaning.alpha_before", "Alpha before", e.alpha_before, "effect.alpha_before", measure="krippendorff_alpha"
        ),
        of_estimate(
            "cleaning.alpha_after", "Alpha after", e.alpha_after, "effect.alpha_after", measure="krippendorff_alpha"
        ),
        of_estimate(
            "cleaning.gold_before",
            "Right sides on gold before",
            e.gold_before,
            "effect.gold_before",
            unit="share",
            counted="gold items",
            measure="gold_accuracy_labels",
        ),
        of_estimate(
            "cleaning.gold_after",
            "Right sides on gold after",
            e.gold_after,
            "effect.gold_after",
            unit="share",
            counted="gold items",
            measure="gold_accuracy_labels",
        ),
        of_estimate(
            "cleaning.gold_change",
            "Change on the same gold items",
            e.gold_change,
            "effect.gold_change",
            unit="points",
            counted="gold items",
            measure="gold_accuracy_labels",
        ),
        Figure(
            name="cleaning.flips",
            title="Labels that change",
            value=e.flips.label,
            python="effect.flips.label",
            unit="count",
            n=e.flips.items,
            counted="items",
            note=f"{e.flips.direction:,} of them change sides." if e.flips.label else "",
            measure="flips",
        ),
    ]
    if e.placebo and e.placebo.alpha and e.alpha_change is not None:
        drawn = e.placebo.alpha
        span = (Span("random draws", min(drawn.changes), max(drawn.changes)),)
        figures += [
            Figure(
                name="cleaning.alpha_change",
                title="Change of alpha",
                value=e.alpha_change,
                python="effect.alpha_change",
                n=e.alpha_after.n,
                measure="krippendorff_alpha",
                exact="before and after share most of their items; it is held against the random draws below instead",
            ),
            Figure(
                name="cleaning.placebo_alpha",
                title="Change of alpha at random, mean",
                value=drawn.mean,
                python="effect.placebo.alpha.mean",
                spans=span,
                n=len(drawn.changes),
                of=e.placebo.draws,
                counted="draws",
                note=_beyond(drawn.beyond(e.alpha_change)),
                measure="placebo",
            ),
        ]
    if e.placebo and e.placebo.gold:
        gold = e.placebo.gold
        span = (Span("random draws", min(gold.changes), max(gold.changes)),)
        figures.append(
            Figure(
                name="cleaning.placebo_gold",
                title="Change on gold at random, mean",
                value=gold.mean,
                python="effect.placebo.gold.mean",
                unit="points",
                spans=span,
                n=len(gold.changes),
                of=e.placebo.draws,
                counted="draws",
                measure="placebo",
            )
        )
    plain = readable_table(e)
    whole = effect_table(e)
    shown = pd.concat([whole, plain.iloc[:, 1:].add_prefix("written_")], axis=1)
    columns = (Column("figure", "Figure"), *(Column(f"written_{c}", c) for c in plain.columns[1:]))
    tables = [Table(name="cleaning", title="Before and after", frame=shown, columns=columns, python="effect", shown=0)]
    gone = pd.DataFrame({"annotator": [name(who) for who in e.annotators_gone]})
    if len(gone):
        tables.append(
            Table(
                name="cleaning_annotators",
                title="Annotators who go",
                frame=gone,
                columns=(Column("annotator", "Annotator", "id"),),
                python="effect.annotators_gone",
                shown=0,
            )
        )
        says.insert(
            1,
            f"Who goes: {', '.join(gone['annotator'][:12])}"
            + (f" and {len(gone) - 12:,} more" if len(gone) > 12 else "")
            + ".",
        )
    drawings = (
        (Drawing("Alpha before, after, and with as much set aside at random", _drawn(e)),)
        if e.n_set_aside and e.alpha_before.value is not None
        else ()
    )
    return Section(
        name="cleaning",
        title="Cleaning",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=tuple(tables),
        drawings=drawings,
    )


def _in_words(rules: Cleaning) -> str:
    chosen = rules.chosen
    if set(chosen) == {"flags"}:
        return "annotators with a flag: " + "; ".join(f"{flag} ({KINDS.get(flag, 'a flag')})" for flag in rules.flags)
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in chosen.items()) or "nothing"


def _beyond(where: str) -> str:
    return {
        "above": "The change by the rules is larger than in every random draw.",
        "below": "The change by the rules is smaller than in every random draw.",
        "within": "The change by the rules is no more than random draws show.",
    }[where]


def _drawn(e: Effect) -> str:
    base = e.alpha_before.value or 0.0
    rows = [Row.of("Before", e.alpha_before, colour=GREY), Row.of("After", e.alpha_after, colour=GREEN)]
    if e.placebo and e.placebo.alpha:
        drawn = e.placebo.alpha
        rows.append(
            Row(
                name="As much at random",
                value=base + drawn.mean,
                colour=BLUE,
                ticks=tuple(base + c for c in drawn.changes),
                beside=f"{len(drawn.changes)} draws",
            )
        )
    return forest(
        rows,
        unit="number",
        alt="Alpha before and after cleaning with both intervals, and each random removal as a stroke.",
        within=(-1.0, 1.0),
    )
