"""The sentences, the chart and the table of an effect, against figures given by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.cleaning.crowds import crowd
from workbench.cleaning import Cleaning, Compared, Counts, Effect, Flips, Placebo, cleaning_effect, gather_evidence
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import describe
from workbench.figures.cleaning import cleaning_chart
from workbench.figures.cleaning_tables import effect_table, readable_table
from workbench.wording.cleaning import cleaning_sentence, flips_sentence, gold_sentence, money_sentence, remedy_sentence


def alpha(value: float | None, reason: str | None = None) -> Estimate:
    around = None if value is None else Interval(value - 0.05, value + 0.05, "same crew", "")
    return Estimate(name="Krippendorff's alpha, ordinal", value=value, same_crew=around, n=600, reason=reason)


EFFECT = Effect(
    cleaning=Cleaning(least_reliability=0.6),
    before=Counts(2_000, 1_900, 600, 590, 18),
    after=Counts(1_500, 1_450, 590, 500, 14),
    set_aside={"by annotators: reliability below 60%": 500},
    annotators_gone=("a", "b", "c", "d"),
    by_annotator=500,
    alpha_before=alpha(0.51),
    alpha_after=alpha(0.58),
    flips=Flips(590, 12, 6, 10),
    gold_before=Estimate(name="gold", value=0.84, same_crew=Interval(0.8, 0.9, "same crew", ""), n=60),
    gold_after=Estimate(name="gold", value=0.87, same_crew=Interval(0.8, 0.9, "same crew", ""), n=58),
    gold_change=Estimate(name="gold", value=0.03, same_crew=Interval(-0.01, 0.07, "same crew", ""), n=58),
    cost_per_label=0.5,
    spent=250.0,
    placebo=Placebo(
        draws=3,
        items=600,
        of_items=600,
        annotators=4,
        judgements=450,
        items_gone=0,
        alpha=Compared((0.01, 0.03, 0.02), 0.51),
        gold=Compared((-0.01, 0.0, 0.01), 0.84),
        flips=Compared((0.04, 0.05, 0.06), 0.0),
        items_left=Compared((-10.0, -12.0, -8.0), 600.0),
        overlapping=Compared((-80.0, -90.0, -100.0), 590.0),
        labels_per_item=Compared((-0.7, -0.7, -0.7), 3.2),
    ),
)


def test_the_sentence_holds_the_change_against_random_removals() -> None:
    assert (
        cleaning_sentence(EFFECT)
        == "Setting aside 4 of 18 annotators raises alpha from 0.51 to 0.58, 0.05 more than setting aside as many at"
        " random."
    )
    worse = replace(EFFECT, alpha_after=alpha(0.40))
    assert (
        cleaning_sentence(worse)
        == "Setting aside 4 of 18 annotators lowers alpha from 0.51 to 0.40, 0.13 less than setting aside as many at"
        " random."
    )
    within = replace(EFFECT, alpha_after=alpha(0.53))
    assert (
        cleaning_sentence(within)
        == "Setting aside 4 of 18 annotators raises alpha from 0.51 to 0.53, no more than setting aside as many at"
        " random can do (+0.01 to +0.03)."
    )
    more = replace(EFFECT, set_aside={"x": 500, "faster than 5 seconds": 20})
    assert cleaning_sentence(more).startswith("Setting aside 4 of 18 annotators and 20 more of 2,000 judgements raises")
    rows = replace(EFFECT, annotators_gone=(), by_annotator=0)
    assert cleaning_sentence(rows).startswith("Setting aside 500 of 2,000 judgements raises")


def test_the_other_sentences() -> None:
    assert (
        gold_sentence(EFFECT)
        == "On the 58 gold items with a label before and after, the labels get 3.0 points better (95% interval −1.0 to"
        " +7.0); as many set aside at random change that by 0.0 points."
    )
    assert (
        flips_sentence(EFFECT)
        == "12 of 590 labels change (2.0%), 6 of them sides; 10 items are left without a label. At random 5.0% change"
        " (4.0% to 6.0%)."
    )
    assert money_sentence(EFFECT) == "250.00 of the 1,000.00 paid so far went for what is set aside."
    assert money_sentence(replace(EFFECT, cost_per_label=None, spent=None)) == ""


def test_undefined_is_said_with_its_reason() -> None:
    gone = replace(EFFECT, alpha_after=alpha(None, "no item has labels from two annotators"))
    assert cleaning_sentence(gone).endswith("leaves alpha undefined: no item has labels from two annotators.")
    found = replace(EFFECT, alpha_before=alpha(None, "every label is 'A'"))
    assert "gives alpha a value, 0.58; before, every label is 'A'." in cleaning_sentence(found)
    for effect in (gone, found):
        assert cleaning_chart(effect).layout.meta["alt"]
        assert effect_table(effect)["change"].isna().any()


def test_the_table_has_what_the_chart_shows() -> None:
    table = effect_table(EFFECT).set_index("figure")
    row = table.loc["Krippendorff's alpha"]
    assert row[["before", "after", "change", "at_random", "random_low", "random_high"]].to_list() == pytest.approx(
        [0.51, 0.58, 0.07, 0.02, 0.01, 0.03]
    )
    assert row[["before_same_crew_low", "before_same_crew_high", "after_same_crew_low"]].to_list() == pytest.approx(
        [0.46, 0.56, 0.53]
    )
    assert table.loc["Items with two labels or more", ["change", "at_random"]].to_list() == [-90, -90]
    assert table.loc["Annotators", "change"] == -4
    shown = readable_table(EFFECT).set_index("")
    assert shown.loc["Annotators"].to_list() == ["18", "14", "−4", "–"]
    assert shown.loc["Krippendorff's alpha"].to_list() == ["0.510", "0.580", "+0.070", "+0.020 (+0.010 to +0.030)"]
    assert shown.loc["Items with a label"].to_list() == ["600", "590", "−10", "−10 (−12 to −8)"]
    assert len(shown) == len(table)


def test_intervals_have_lines_of_their_own_under_the_figure_they_are_about() -> None:
    shown = readable_table(EFFECT, intervals=True)
    at = shown[""].tolist().index("Krippendorff's alpha")
    assert shown.iloc[at + 1].to_list() == ["– same crew, 95%", "0.460 to 0.560", "0.530 to 0.630", "", ""]
    assert shown.iloc[-1].to_list() == ["– same crew, 95%", "", "", "−1.0 to +7.0 points", ""]


def test_the_chart_says_what_its_bars_are() -> None:
    title = cleaning_chart(EFFECT).layout.xaxis.title.text
    assert all(word in title for word in ("same crew", "new crew", "one random removal"))


def test_where_nothing_is_left_the_rule_that_took_most_is_named() -> None:
    gone = replace(
        EFFECT,
        after=Counts(0, 0, 0, 0, 0),
        set_aside={"by annotators: flagged: random": 300, "on items whose label is less than 99% sure": 1_700},
    )
    assert (
        cleaning_sentence(gone)
        == "Nothing is left: these rules set all 1,900 labels aside, most of them on items whose label is less than 99%"
        " sure."
    )
    assert "lower that threshold" in remedy_sentence(gone)
    people = replace(gone, set_aside={"by annotators: flagged: random": 1_900})
    assert "keep annotators in by name" in remedy_sentence(people)


def test_every_draw_is_drawn() -> None:
    figure = cleaning_chart(EFFECT)
    drawn = [t for t in figure.data if t.hovertemplate and t.hovertemplate.startswith("a random removal")]
    assert np.allclose(drawn[0].x, [0.52, 0.54, 0.53])
    assert np.allclose(drawn[1].x, [0.83, 0.84, 0.85])
    assert describe(figure).startswith("Before, after and random removals. Setting aside 4 of 18")


def test_with_nothing_set_aside_there_is_no_after() -> None:
    data = crowd(items=60)
    found = cleaning_effect(data, Cleaning(), gather_evidence(data))
    assert list(cleaning_chart(found).layout.yaxis.ticktext) == ["Now"]
    assert cleaning_sentence(found).startswith("Nothing is set aside yet: alpha is 0.")
    assert (flips_sentence(found), money_sentence(found)) == ("", "")
