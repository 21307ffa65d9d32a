"""Figures hold the numbers they were given, whatever their names are made of, and nothing is left out unsaid."""

import json
import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from workbench.agreement.bands import CEILINGS, Band, Ceiling
from workbench.dataset.scales import FIVE, categories
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.forest import forest_plot, published
from workbench.figures.labels import label_bars
from workbench.figures.pairs import by_mean, pair_heat_map
from workbench.figures.profile import over_label_counts, over_weeks
from workbench.figures.resampled import bootstrap_histogram, leave_one_out_bars
from workbench.figures.shares import share_forest
from workbench.figures.tables import label_table

HOSTILE = '<b onmouseover="x()">&'


def estimate(value, same=0.02, new=0.1, n=100):
    return Estimate(
        name="alpha",
        value=value,
        same_crew=Interval(value - same, value + same, "same crew", "t"),
        new_crew=Interval(value - new, value + new, "new crew", "t"),
        n=n,
        n_set_aside=5,
    )


SET = Ceiling(0.65, 0.7, "percent_agreement", "set <b>", "paper")
UNDEFINED = Estimate(name="alpha", value=None, n=4, reason="only one label was used")
PAIRS = pd.DataFrame(
    [
        ("ann", "bob", 10, 0.5, None),
        ("ann", "cyd", 30, -0.2, None),
        ("bob", HOSTILE, 5, np.nan, "both constant"),
        ("cyd", "dee", 2, 0.9, None),
    ],
    columns=["first", "second", "items", "kappa", "reason"],
)
GIVEN = {"ann": 40, "bob": 30, "cyd": 20, "dee": 3, HOSTILE: 10}

BARS = pd.DataFrame({"from": [0.0, 0.5], "to": [0.5, 1.0], "replicates": [3, 7]})
WITHOUT = pd.DataFrame(
    {
        "annotator": ["ann", "bob", HOSTILE],
        "labels": [5, 6, 7],
        "without": [0.41, np.nan, 0.1],
        "change": [0.01, np.nan, -0.3],
    }
)

FIGURES = {
    "forest": lambda: forest_plot(
        {"a": estimate(0.4), HOSTILE: UNDEFINED}, bands=[Band(0, 0.667, "low", "someone")], marks={"a": [SET]}
    ),
    "weeks": lambda: over_weeks(
        {"2026-03-02": estimate(0.3), "2026-03-09": UNDEFINED, "2026-03-16": estimate(0.5)}, reference=0.4
    ),
    "label counts": lambda: over_label_counts({2: estimate(0.3), 3: UNDEFINED}),
    "pairs": lambda: pair_heat_map(PAIRS, GIVEN),
    "labels": lambda: label_bars({"A>>": 1, "=": 3}, FIVE),
    "categories": lambda: label_bars({HOSTILE: 1, "x": 3}, categories([HOSTILE, "x"])),
    "bootstrap": lambda: bootstrap_histogram(BARS, 0.5, 0.3, 0.9),
    "leave one out": lambda: leave_one_out_bars(WITHOUT, 0.4),
}


@pytest.fixture(params=FIGURES, name="figure")
def _figure(request):
    return FIGURES[request.param]()


class TestEveryFigure:
    def test_is_described_in_a_sentence(self, figure):
        assert len(describe(figure)) > 20
        assert describe(figure).endswith(".")

    def test_takes_its_ground_and_its_text_colour_from_the_page(self, figure):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None

    def test_draws_no_markup_of_the_data(self, figure):
        spec = json.loads(figure.to_json())
        del spec["layout"]["meta"], spec["layout"]["template"]

        def drawn(node, key=""):
            if isinstance(node, dict):
                return [t for k, v in node.items() if k != "customdata" for t in drawn(v, k)]
            if isinstance(node, list):
                return [t for v in node for t in drawn(v, key)]
            return [node] if isinstance(node, str) else []

        assert not [text for text in drawn(spec) if "<b on" in text]

    def test_is_small(self, figure):
        spec = json.loads(figure.to_json())
        del spec["layout"]["template"]
        assert len(json.dumps(spec)) < 20_000

    def test_keeps_the_readers_zoom(self, figure):
        assert figure.layout.uirevision == "const"


class TestForest:
    def test_same_crew_is_the_thick_bar_and_new_crew_the_thin_line_with_caps(self):
        figure = forest_plot({"a": estimate(0.4)})
        new, same, value = figure.data
        assert [round(x, 6) for x in same.x[:2]] == [0.38, 0.42]
        assert [round(x, 6) for x in new.x[:2]] == [0.3, 0.5]
        assert same.line.width > 2 * new.line.width
        assert same.mode == "lines"
        assert new.mode == "lines+markers"
        assert value.x == (0.4,)
        assert value.customdata == ("a",)

    def test_rows_stand_in_the_order_given_from_the_top(self):
        figure = forest_plot({"first": estimate(0.1), "second": estimate(0.9)})
        assert figure.layout.yaxis.ticktext == ("first", "second")
        assert figure.layout.yaxis.tickvals[0] > figure.layout.yaxis.tickvals[1]

    def test_undefined_row_says_why_and_has_no_value(self):
        figure = forest_plot({"a": UNDEFINED})
        assert "only one label was used" in figure.data[-1].text[0]
        assert "undefined" in describe(figure)
        assert math.isnan(estimates_table({"a": UNDEFINED})["value"][0])

    def test_everything_drawn_is_inside_the_axis(self):
        figure = forest_plot(
            {"a": estimate(-0.3, new=0.4), "b": estimate(0.95, new=0.05)},
            marks={"a": [Ceiling(0.9, 0.99, "x", "m", "s")]},
        )
        low, high = figure.layout.xaxis.range
        assert low <= -0.7
        assert high >= 1.0

    def test_bands_carry_their_source_and_marks_sit_at_their_row_only(self):
        figure = forest_plot(
            {"a": estimate(0.4), "b": estimate(0.7)},
            bands=[Band(0.0, 0.667, "low", "Somebody 2004")],
            marks={"b": [SET], "c": [SET]},
        )
        assert "Somebody 2004" in str(figure.data)
        marks = next(t for t in figure.data if t.name == "people, published elsewhere")
        assert marks.x[:2] == (0.65, 0.7)
        assert marks.y[0] == pytest.approx(-1.24)

    def test_counts_stand_beside_the_names(self):
        assert forest_plot({"web": estimate(0.4, n=1234)}, counts=True).layout.yaxis.ticktext == (
            "web<br><span style='font-size:10px'>1,234 items</span>",
        )

    def test_nothing_to_draw_is_still_a_figure(self):
        assert isinstance(forest_plot({}), go.Figure)


class TestShareForest:
    def test_a_count_that_is_the_same_in_all_rows_is_said_once(self):
        figure = share_forest({"a": estimate(0.4, n=72), "b": estimate(0.5, n=72)}, counts="pairs", title="right")
        assert figure.layout.yaxis.ticktext == ("a", "b")
        assert figure.layout.xaxis.title.text == "right<br>(72 pairs in each row)"

    def test_counts_that_differ_stand_beside_the_names(self):
        figure = share_forest({"a": estimate(0.4, n=72), "b": estimate(0.5, n=9)}, counts="pairs", title="right")
        assert figure.layout.yaxis.ticktext == (
            "a<br><span style='font-size:10px'>72 pairs</span>",
            "b<br><span style='font-size:10px'>9 pairs</span>",
        )
        assert figure.layout.xaxis.title.text == "right"

    def test_published_percent_agreement_is_no_yardstick_for_a_scale_with_strengths(self):
        found = {
            "percent_agreement": Estimate(name="Percent agreement", value=0.5),
            "gwet_ac2": Estimate(name="Gwet's AC2", value=0.5),
        }
        assert set(published(found, 5, direction=False)) == {"Gwet's AC2"}
        assert set(published(found, 3, direction=True)) == {"Percent agreement"}
        assert len(published(found, 2, direction=False)["Percent agreement"]) == sum(
            c.measure == "percent_agreement" for c in CEILINGS
        )


class TestProfile:
    def test_a_week_without_value_interrupts_line_and_ribbons_but_keeps_its_bar(self):
        figure = over_weeks({"2026-03-02": estimate(0.3), "2026-03-09": UNDEFINED, "2026-03-16": estimate(0.5)})
        new, same, line, bars = figure.data
        assert line.y == (0.3, None, 0.5)
        assert line.connectgaps is False
        assert bars.y == (100, 4, 100)
        assert None in same.x
        assert None in new.x
        assert "only one label was used" in bars.hovertext[1]

    def test_the_new_crew_ribbon_has_dotted_edges_and_the_fainter_fill(self):
        new, same, *_ = over_weeks({"2026-03-02": estimate(0.3), "2026-03-09": estimate(0.4)}).data
        assert new.line.dash == "dot"
        assert same.line.dash == "solid"
        assert float(new.fillcolor.split(",")[3][:-1]) < float(same.fillcolor.split(",")[3][:-1])

    def test_a_ribbon_is_a_closed_outline_of_the_bounds(self):
        _, same, *_ = over_weeks({"2026-03-02": estimate(0.3), "2026-03-09": estimate(0.5)}).data
        assert [round(y, 6) for y in same.y] == [0.28, 0.48, 0.52, 0.32, 0.28]

    def test_sentence_names_lowest_and_highest_week(self):
        said = describe(over_weeks({"2026-03-02": estimate(0.3), "2026-03-09": estimate(0.5)}))
        assert "lowest 0.300 (2026-03-02" in said
        assert "highest 0.500 (2026-03-09" in said

    def test_label_counts_are_picked_by_their_number(self):
        figure = over_label_counts({2: estimate(0.3), 5: estimate(0.4)})
        assert figure.data[2].customdata == ("2", "5")
        assert figure.data[2].x == ("2 labels", "5 labels")


class TestPairs:
    def test_each_pair_once_below_the_diagonal(self):
        figure = pair_heat_map(PAIRS, GIVEN)
        z = np.array([[np.nan if v is None else v for v in row] for row in figure.data[0].z], float)
        assert np.isfinite(z).sum() == 3
        assert not np.isfinite(z[np.triu_indices(5)]).any()
        assert set(z[np.isfinite(z)]) == {0.5, -0.2, 0.9}

    def test_undefined_pair_is_grey_with_a_cross_and_its_reason(self):
        marks = pair_heat_map(PAIRS, GIVEN).data[2]
        at = [i for i, symbol in enumerate(marks.marker.symbol) if symbol == "x-thin"]
        assert len(at) == 1
        assert "both constant" in marks.hovertext[at[0]]

    def test_most_active_only_and_the_rest_is_counted(self):
        figure = pair_heat_map(PAIRS, GIVEN, limit=3)
        assert "2 more are in the table" in figure.layout.xaxis.title.text
        assert {name for pair in figure.data[2].customdata for name in pair} == {"ann", "bob", "cyd"}
        assert "2 annotators with fewer labels are not drawn" in describe(figure)

    def test_order_is_by_mean_weighted_by_items(self):
        # ann: (.5 * 10 - .2 * 30) / 40 = -.025; bob: .5; cyd: (-.2 * 30 + .9 * 2) / 32 = -.131; dee: .9
        assert by_mean(PAIRS, ["ann", "bob", "cyd", "dee", "eve"], "kappa") == ["dee", "bob", "ann", "cyd", "eve"]

    def test_no_pairs_at_all(self):
        assert "no pair" in describe(pair_heat_map(PAIRS.iloc[:0], {"ann": 3}))


class TestLabels:
    def test_labels_nobody_gave_are_zero_and_the_order_is_the_scales(self):
        table = label_table({"=": 3, "A>>": 1}, FIVE)
        assert table["label"].to_list() == list(FIVE.labels)
        assert table["judgements"].to_list() == [1, 0, 3, 0, 0]
        assert table["share"].to_list() == [0.25, 0.0, 0.75, 0.0, 0.0]

    def test_no_labels_at_all(self):
        assert label_table({}, FIVE)["share"].to_list() == [0.0] * 5
        label_bars({}, FIVE)


class TestResampled:
    def test_histogram_marks_value_and_the_middle_95_percent_and_pales_the_rest(self):
        figure = bootstrap_histogram(BARS, 0.6, 0.5, 0.9)
        assert [shape.x0 for shape in figure.layout.shapes] == [0.5, 0.6, 0.9]
        outside, inside = figure.data[0].marker.color
        assert outside != inside
        assert "10 bootstrap replicates" in describe(figure)

    def test_largest_change_either_way_first_undefined_not_drawn(self):
        figure = leave_one_out_bars(WITHOUT, 0.4)
        assert figure.data[0].customdata == (HOSTILE, "ann")
        assert figure.data[0].x == (-0.3, 0.01)

    def test_bars_beyond_the_limit_are_counted(self):
        table = pd.DataFrame(
            {"annotator": [f"w{i}" for i in range(30)], "labels": 1, "without": 0.5, "change": np.arange(30) / 1000}
        )
        figure = leave_one_out_bars(table, 0.4, limit=20)
        assert len(figure.data[0].x) == 20
        assert "10 more" in figure.layout.xaxis.title.text
