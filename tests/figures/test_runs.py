"""Figures of runs: what was measured, thinned without losing its peaks, told in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.figures.canvas import describe
from workbench.figures.runs import MOST_POINTS, compared_runs, learning_chart, stage_rows, thinned


def metrics(n: int = 30, stage: str = "Training", accuracy: bool = True) -> pd.DataFrame:
    rows = {
        "attempt": 1,
        "doing": stage,
        "done": range(1, n + 1),
        "of": n,
        "seconds": 1.0,
        "loss": np.linspace(1.0, 0.5, n),
    }
    return pd.DataFrame(rows | ({"accuracy": np.linspace(0.5, 0.8, n)} if accuracy else {}))


def test_losses_and_accuracies_have_axes_of_their_own() -> None:
    figure = learning_chart(metrics())
    assert [(t.name, t.yaxis) for t in figure.data] == [("loss", "y"), ("accuracy", "y2")]
    assert figure.layout.yaxis2.tickformat == ".1~%"
    assert describe(figure) == "Training 1 to 30: loss from 1.000 to 0.500; accuracy from 0.500 to 0.800."
    alone = learning_chart(metrics(accuracy=False))
    assert list(alone.layout.yaxis.domain) == [0.0, 1.0]


def test_the_last_stage_that_measured_something_is_drawn() -> None:
    both = pd.concat(
        [
            metrics(5, "Warming up", accuracy=False),
            metrics(8),
            pd.DataFrame({"attempt": [1], "doing": "Saving", "done": 1, "of": 1}),
        ]
    )
    assert learning_chart(both).data[0].x[-1] == 8
    assert learning_chart(both, "Warming up").data[0].x[-1] == 5
    assert stage_rows(both.iloc[:0]).empty
    assert describe(learning_chart(both.iloc[:0])) == "Nothing was measured yet."


def test_a_figure_measured_now_and_then_leaves_no_holes() -> None:
    frame = metrics()
    frame.loc[frame["done"] % 10 != 0, "accuracy"] = np.nan
    assert list(learning_chart(frame).data[1].x) == [10, 20, 30]


def test_thinning_keeps_ends_and_peaks() -> None:
    y = np.zeros(100_000)
    y[77_777] = 9.0
    x, kept = thinned(range(100_000), y.tolist())
    assert len(x) <= MOST_POINTS + 2
    assert (x[0], x[-1], max(kept)) == (0, 99_999, 9.0)
    assert x == sorted(x)


def test_runs_side_by_side_differ_in_dash_and_sign() -> None:
    figure = compared_runs({"one <b>": metrics(), "two": metrics(10), "none": metrics(5, accuracy=False)}, "accuracy")
    assert [t.name for t in figure.data] == ["one &lt;b&gt;", "two"]
    assert len({t.line.dash for t in figure.data}) == 2
    assert "two: 0.800 after 10 steps" in describe(figure)
    assert "None of these runs measured f1" in describe(compared_runs({"a": metrics()}, "f1"))


@pytest.mark.parametrize("name", ["<img src=x>", "a" * 300])
def test_names_stay_text(name: str) -> None:
    frame = metrics().rename(columns={"loss": name})
    assert "<img" not in learning_chart(frame).to_json()
