"""Annotators in charts, tables and sentences: intervals and lines where they belong, the unknown said, nothing heaped
without a word."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from workbench.annotators import Cusum, Flag, Flags, FlagThresholds, SequentialTest
from workbench.annotators.close_up import Over, WorkTest
from workbench.annotators.suspect_gold import SuspectGold
from workbench.dataset.usable_times import Times
from workbench.figures.canvas import describe
from workbench.figures.people import test_path as path_figure
from workbench.figures.people import work_over_time
from workbench.figures.people_tables import annotator_rows, decision_rows, pair_rows, suspect_rows, worst_first
from workbench.figures.reliability import least_reliable, reliability_forest
from workbench.figures.speed import length_sentence, pace_dots, pace_rows, speed_sentence, time_histogram
from workbench.wording.annotators import (
    annotator_sentence,
    course_sentence,
    differ_sentence,
    gold_sentence,
    signals_sentence,
    suspect_sentence,
)

HOSTILE = '<b onmouseover="x()">&'
TABLE = pd.DataFrame(
    {
        "annotator": ["ann", HOSTILE, "cyd"],
        "reliability": [0.8, 0.39, np.nan],
        "reliability_low": [0.7, 0.32, np.nan],
        "reliability_high": [0.9, 0.48, np.nan],
        "estimated_n": [10, 1, 0],
        "flagged": [False, True, False],
        "flags": ["", "random", "few-labels"],
        "annotations": [12, 1, 3],
        "crew": 0.9,
        "gold_n": [4, 0, 0],
        "gold_direction_correct": [3, 0, 0],
        "gold_exact_accuracy": [0.5, np.nan, np.nan],
        "gold_low": [0.4, np.nan, np.nan],
        "gold_high": [0.95, np.nan, np.nan],
        "gold_chance": [0.4, np.nan, np.nan],
        "agreement_with_others": [0.6234, 0.1, np.nan],
        "self_consistency": np.nan,
        "first_position_rate": [0.51234, np.nan, np.nan],
        "pace": [1.0142, 0.3, np.nan],
        "rapid_share": [0.0003, 0.9, np.nan],
        "skips": [0, 1, 0],
    }
)
PACE = pd.DataFrame(
    {
        "annotator": ["often", HOSTILE],
        "timed": [40, 1],
        "median_seconds": [20.0, 10.0],
        "pace": [0.3333, 0.17],
        "pace_low": [0.3, np.nan],
        "pace_high": [0.36, np.nan],
        "rapid_share": [0.8, 0.0003],
        "under_floor": [3, 0],
        "under_floor_share": [0.075, 0.0],
        "adjusted_p": [0.00001, 0.4],
        "fast": [True, False],
    }
)


class TestReliability:
    def test_the_unknown_are_left_out_and_the_lowest_stands_first(self) -> None:
        assert least_reliable(TABLE)["annotator"].tolist() == [HOSTILE, "ann"]
        assert worst_first(TABLE)["annotator"].tolist() == [HOSTILE, "ann", "cyd"]

    def test_intervals_are_called_what_they_are_and_the_flagged_are_squares(self) -> None:
        figure = reliability_forest(least_reliable(TABLE), chance=0.31, usual=0.71)
        interval, text, plain, flagged = figure.data
        assert interval.name == "95% interval"
        assert list(interval.x[:2]) == [0.32, 0.48]
        assert list(text.text) == ["\u200239%", "\u200280%"]
        assert (list(plain.customdata), plain.marker.symbol, plain.name) == (["ann"], "diamond", "estimate")
        assert (list(flagged.customdata), flagged.marker.symbol) == ([HOSTILE], "square")
        assert [(s.x0, a.text) for s, a in zip(figure.layout.shapes, figure.layout.annotations, strict=True)] == [
            (0.31, "guessing 31%"),
            (0.71, "usual here 71%"),
        ]
        assert figure.layout.yaxis.ticktext[0].endswith("(1)")
        assert "<b on" not in str(figure.layout.yaxis.ticktext) + str(flagged.hovertext)
        assert "guessing 31%" in describe(figure)

    def test_without_levels_and_without_rows_it_is_still_a_figure(self) -> None:
        assert not reliability_forest(least_reliable(TABLE), chance=float("nan")).layout.shapes
        assert describe(reliability_forest(least_reliable(TABLE.iloc[2:]))).endswith(".")


class TestTables:
    def test_gold_is_counted_and_shares_are_whole_per_cents(self) -> None:
        rows = annotator_rows(TABLE, "Right or wrong")
        assert rows["on_gold"].fillna("–").tolist() == ["3 of 4", "–", "–"]
        assert rows["on_gold_exact"].fillna("–").tolist() == ["2 of 4", "–", "–"]
        assert rows["gold_interval"].fillna("–").tolist() == ["40 to 95%", "–", "–"]
        assert rows["interval"].fillna("–").tolist() == ["70 to 90%", "32 to 48%", "–"]
        assert rows["agreement_with_others"].tolist()[:2] == [0.62, 0.1]
        assert TABLE["agreement_with_others"].iloc[0] == 0.6234

    def test_exact_says_nothing_new_where_labels_have_no_strength(self) -> None:
        assert "on_gold_exact" not in annotator_rows(
            TABLE.assign(gold_exact_accuracy=[0.75, np.nan, np.nan]), "Right or wrong"
        )

    def test_habits_leave_out_what_nobody_has(self) -> None:
        rows = annotator_rows(TABLE, "Habits")
        assert "self_consistency" not in rows
        assert rows["pace"].tolist()[:2] == [1.01, 0.3]
        assert rows["rapid_share"].tolist()[:2] == [0.0, 0.9]

    def test_columns_beside_stand_after_the_interval_in_the_order_of_the_rows(self) -> None:
        rows = annotator_rows(worst_first(TABLE), "Right or wrong", pd.DataFrame({"composite": [0.1, 0.2, 0.3]}))
        assert rows.columns.tolist()[3:6] == ["interval", "composite", "annotations"]
        assert rows["composite"].tolist() == [0.2, 0.1, 0.3]

    def test_decisions_stand_beside_the_flags_and_differences_are_counted(self) -> None:
        flags = Flags(
            {"b": (Flag("b", "drift", "w", 1.0, 0.01),), "c": (Flag("c", "few-labels", "w", 1.0, None),)},
            3,
            FlagThresholds(),
        )
        made = pd.DataFrame(
            {
                "annotator": list("abc"),
                "decision": ["flag", "clear", "clear"],
                "used": [3, 4, 5],
                "answers": [9, 9, 5],
                "evidence": [4.0, -3.0, -4.0],
            }
        )
        rows = decision_rows(made, flags)
        assert rows["flags"].tolist() == ["", "drift", ""]
        assert rows["answers"].tolist() == ["3 of 9", "4 of 9", "5 of 5"]
        assert differ_sentence(rows).endswith(
            "the test flags 1 annotator without another flag and it clears 1 flagged for something else."
        )
        assert "do not contradict" in differ_sentence(rows.iloc[2:])

    def test_suspect_gold_goes_on_below_the_line(self) -> None:
        items = pd.DataFrame(
            {
                "item": [5, 1, 2, 3],
                "item_id": list("abcd"),
                "gold": "A",
                "votes": 3,
                "against": [3, 2, 1, 0],
                "instead": "B",
                "chance_wrong": [0.95, 0.7, 0.1, 0.05],
            }
        )
        gold = SuspectGold(items, np.zeros(6, bool))
        rows = suspect_rows(gold, below=1)
        assert (rows["item_id"].tolist(), rows["set_aside"].tolist(), rows["against"].tolist()) == (
            ["a", "b"],
            [True, False],
            ["3 of 3", "2 of 3"],
        )
        assert suspect_rows(gold)["item_id"].tolist() == ["a", "b", "c"]
        assert suspect_sentence(gold).startswith("1 of 4 gold labels is likelier than 80% to be wrong")
        assert suspect_sentence(SuspectGold(items.iloc[1:], gold.distrusted)).startswith("None of 3 gold labels")
        assert "no gold can be doubted" in suspect_sentence(SuspectGold(items.iloc[:0], gold.distrusted))

    def test_pairs_have_names_and_p_in_words(self) -> None:
        pairs = pd.DataFrame(
            {"first": [0.0, 1.0], "second": [2.0, 2.0], "share": [0.81234, 0.5], "adjusted": [0.0001, 0.3]}
        )
        rows = pair_rows(pairs, ["ann", "bob", "cyd"], limit=1)
        assert rows[["first", "second", "p", "share"]].to_numpy().tolist() == [["ann", "cyd", "< 0.001", 0.81234]]


class TestSentences:
    def test_low_for_the_crew_is_said_without_a_flag(self) -> None:
        row = TABLE.iloc[1].to_dict()
        assert annotator_sentence(row, [], 0.3).startswith("1 label; ")
        assert annotator_sentence(row, [], 0.3).endswith(
            "Low for this crew (71% is usual), but above guessing (30%): worth a talk."
        )
        assert "and guessing (35%) is not ruled out" in annotator_sentence(row, [], 0.35)
        assert annotator_sentence(row, ["Why."], 0.3).endswith("(32 to 48%). Why.")
        assert annotator_sentence(TABLE.iloc[0].to_dict(), [], 0.3).endswith("Nothing stands out.")

    def test_the_unknown_say_why(self) -> None:
        row = TABLE.iloc[2].to_dict() | {"reliability_reason": "no gold answer"}
        assert annotator_sentence(row, []) == "3 labels; how good they are is not known: no gold answer."

    def test_one_gold_item_is_one(self) -> None:
        row = {
            "gold_n": 1,
            "gold_direction_correct": 1,
            "gold_exact_accuracy": 1.0,
            "gold_estimate": 0.8,
            "gold_low": 0.5,
            "gold_high": 0.99,
            "gold_chance": 0.4,
        }
        assert gold_sentence(row).startswith("Right side on 1 of 1 gold item. ")

    def test_points_beside_the_crew(self) -> None:
        parts = pd.DataFrame({"right": [0.6, np.nan], "labels": [1, 0]})
        assert (
            course_sentence(parts, 0.59)
            == "Looks right in 60% of 1 label, 1 point more often than is usual in this crew (59%)."
        )
        assert course_sentence(parts, 0.6) == "Looks right in 60% of 1 label, as is usual in this crew (60%)."
        assert course_sentence(parts, None) == "Looks right in 60% of 1 label."


PARTS = pd.DataFrame(
    {
        "from": [1, 11],
        "to": [10, 20],
        "since": pd.NaT,
        "until": pd.NaT,
        "right": [0.8, 0.4],
        "low": [0.5, 0.2],
        "high": [0.9, 0.7],
        "labels": [10, 10],
    }
)
PATH = pd.DataFrame({"label": [1, 20], "sum": [0.0, 2.5]})


class TestCourse:
    def test_what_is_usual_is_named_in_the_key_and_the_line_of_a_signal_is_drawn(self) -> None:
        found = Over(
            parts=PARTS,
            path=PATH,
            signals=(18,),
            dated=True,
            began=(12,),
            cusum=Cusum(signal_at=2.2),
            false_alarms=0.05,
        )
        figure = work_over_time(found, usual=0.57)
        assert [t.name for t in figure.data] == ["looks right", "cumulative sum", "usual in this crew (57%)"]
        assert [s.y0 for s in figure.layout.shapes if s.yref == "y2"] == [2.2]
        said = signals_sentence(found)
        assert (
            "at 2.2 it signals a fall (dotted); of those who stay as they are 5% ever get one. There is one signal"
            " here." in said
        )
        assert said.endswith("looks back to label 12.")

    def test_without_a_line_or_a_signal_that_is_said(self) -> None:
        assert "too few labels" in signals_sentence(
            Over(
                parts=PARTS,
                path=PATH,
                signals=(),
                dated=True,
                began=(),
                cusum=Cusum(signal_at=math.inf),
                false_alarms=0.05,
            )
        )
        calm = Over(
            parts=PARTS, path=PATH, signals=(), dated=True, began=(), cusum=Cusum(signal_at=2.2), false_alarms=None
        )
        assert signals_sentence(calm).endswith("There is no signal here.")
        assert not [s for s in work_over_time(calm).layout.shapes if s.yref == "y2"]


class TestSequentialPath:
    def test_evidence_is_told_as_odds(self) -> None:
        path = np.cumsum([math.log(10.0)] * 2)
        figure = path_figure(WorkTest("flag", 2, 2, path), SequentialTest())
        assert list(figure.data[1].hovertext) == [
            "answer 0: even for careless work",
            "answer 1: 10 to 1 for careless work",
            "answer 2: 100 to 1 for careless work",
        ]
        ticks = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
        assert ticks["even"] == 0.0
        assert ticks["10 to 1"] == pytest.approx(math.log(10))
        assert ticks["1 to 10"] == pytest.approx(-math.log(10))


class TestSpeed:
    def test_each_annotator_has_a_count_and_an_interval_or_none(self) -> None:
        figure = pace_dots(PACE)
        interval, text, slow, fast = figure.data
        assert [round(2**v, 3) for v in interval.x[:2]] == [0.3, 0.36]
        assert len(interval.x) == 3
        assert figure.layout.yaxis.ticktext == (
            "often (40)",
            '&lt;b onmouseover="x()"&gt;&amp; (1)',
        )
        assert (list(fast.customdata), list(slow.customdata)) == (["often"], [HOSTILE])
        assert "unknown: fewer than six times" in slow.hovertext[0]
        assert len(text.text) == 2

    def test_rows_show_whole_per_cents_and_small_p_in_words(self) -> None:
        rows = pace_rows(PACE)
        assert rows["pace"].tolist() == [0.33, 0.17]
        assert rows["rapid_share"].tolist() == [0.8, 0.0]
        assert rows["p"].tolist() == ["< 0.001", "0.400"]
        assert rows["interval"].fillna("–").tolist() == ["30 to 36%", "–"]

    def test_what_is_heaped_at_the_ends_is_named(self) -> None:
        bars = pd.DataFrame(
            {
                "from": [0.0, 1.0, 4.0],
                "to": [1 / 32, 1.0905, np.inf],
                "rapid": [1.0, 0.0, 0.0],
                "ordinary": [0.0, 5.0, 3.0],
            }
        )
        figure = time_histogram(bars)
        ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
        assert ticks["4 x and more"] == figure.data[0].x[2] == pytest.approx(2 + 1 / 16)
        assert ticks["1/32 and less"] == figure.data[0].x[0] == pytest.approx(-5 - 1 / 16)
        assert "4 x" not in ticks
        assert figure.data[0].hovertext[2].startswith("4 times the usual time and more: 3 judgements")
        assert "4 x" in time_histogram(bars.iloc[:2]).layout.xaxis.ticktext

    def test_no_key_for_a_rapid_kind_that_is_not_there(self) -> None:
        bars = pd.DataFrame({"from": [1.0], "to": [1.0905], "rapid": [0.0], "ordinary": [5.0]})
        assert [t.name for t in time_histogram(bars).data] == ["ordinary"]

    def test_sentence_says_batches_where_times_are_those_of_batches(self) -> None:
        class Read:
            def faster(self, floor: int) -> tuple[int, int, int]:
                return 6, 100, 2

        times = Times(usable=True, reason=None, median_seconds=40.0, known=200, annotations=200)
        said = speed_sentence(times, Read(), 0, 30, 0.0, 700, "batch")  # type: ignore[arg-type]
        assert "6 of 100 batches whose texts are known (6.0%)" in said
        assert (
            "No group of rapid judgements stands apart, and none of 30 annotators is clearly faster than the rest"
            in said
        )
        assert said.endswith("For 2 annotators it is a quarter of theirs or more.")
        assert "nobody to compare with" in speed_sentence(times, Read(), 0, 1, None, 700)  # type: ignore[arg-type]

    def test_length_in_words(self) -> None:
        assert length_sentence(1.0) == "Twice as long a text usually takes 2.0 times as long."
        assert "does not depend" in length_sentence(0.0)
        assert "does not depend" in length_sentence(float("nan"))
