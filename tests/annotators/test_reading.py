"""Words a minute, floors and who is above them, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.annotators.reading import (
    FLOORS,
    USUAL_FLOOR,
    faster_items,
    fastest,
    judgement_times,
    likeliest_rapid,
    pace_table,
    rapid_share,
    reading,
    time_bars,
    used_times,
)
from workbench.annotators.speed import speed
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.simulation.simulate import simulate


@pytest.fixture
def four() -> AnnotationSet:
    """A hundred words an item, read in 6, 12, 30 and 60 seconds: 1,000, 500, 200 and 100 words a minute."""
    text = " ".join(["word"] * 45)
    items = pd.DataFrame(
        {
            "item_id": list("1234"),
            "prompt": [f"{i} " + " ".join(["go"] * 9) for i in range(4)],
            "response_a": text,
            "response_b": text + "s",
        }
    )
    rows = pd.DataFrame(
        {"item_row": range(4), "annotator": list("xxyy"), "label": list("ABAB"), "seconds": [6.0, 12.0, 30.0, 60.0]}
    )
    return assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)])


def test_words_a_minute_by_hand(four: AnnotationSet) -> None:
    found = reading(four)
    assert found.words_a_minute.tolist() == [1000, 500, 200, 100]
    assert found.median == 350
    assert [found.faster(f) for f in (950, 1000, 450, 250)] == [(1, 4, 1), (0, 4, 0), (2, 4, 1), (2, 4, 1)]
    assert found.held.tolist() == [2, 2]
    assert faster_items(four, found, 450).tolist() == [0, 1]
    assert faster_items(four, found, 450, "y").tolist() == []
    assert fastest(four, found, speed(four), 450)["item_id"].tolist() == ["1", "2"]
    assert USUAL_FLOOR in FLOORS


def test_without_texts_or_labels_no_speed_is_known() -> None:
    rows = pd.DataFrame({"item_id": ["1", "2"], "annotator": "x", "label": ["A", None], "seconds": [3.0, 4.0]})
    found = reading(
        assemble(
            [
                Export(
                    items=rows[["item_id"]],
                    rows=rows[["annotator", "label", "seconds"]],
                    source="t",
                    format="t",
                    sides=True,
                )
            ]
        )
    )
    assert (found.faster(700), found.median) == ((0, 0, 0), None)


def test_bars_hold_every_timed_judgement_once() -> None:
    data = simulate(4_000, speeders=0.1, seed=5).data
    found = speed(data)
    bars = time_bars(found, data)
    assert (bars["rapid"] + bars["ordinary"]).sum() == np.isfinite(found.residual).sum()
    assert rapid_share(bars) == pytest.approx(np.nansum(found.rapid) / np.isfinite(found.residual).sum(), rel=1e-5)
    parts = [time_bars(found, data, k) for k in range(len(data.annotators))]
    assert sum(p["rapid"].sum() for p in parts) == pytest.approx(bars["rapid"].sum())
    assert rapid_share(bars * 0) is None


def test_planted_speeders_are_the_fast_ones() -> None:
    made = simulate(8_000, annotators=40, speeders=0.1, seed=5)
    table = pace_table(made.data, speed(made.data), reading(made.data), USUAL_FLOOR)
    behaviour = made.truth.annotators.set_index("annotator")["behaviour"]
    assert set(table.loc[table["fast"], "annotator"]) == set(behaviour.index[behaviour == "speeder"])
    assert table["fast"].tolist() == sorted(table["fast"], reverse=True)
    assert (np.diff(table["adjusted_p"]) >= 0).all()


def test_one_quick_judgement_is_less_evidence_than_many() -> None:
    """Twenty people take a minute, one takes 20 seconds forty times, one takes 10 seconds once."""
    rng = np.random.default_rng(1)
    times = {f"w{k:02}": np.full(40, 60.0) * rng.lognormal(0, 0.1, 40) for k in range(20)} | {
        "often": np.full(40, 20.0),
        "once": np.array([10.0]),
    }
    rows = pd.concat(
        [
            pd.DataFrame({"annotator": name, "seconds": s, "item_id": [str(i) for i in range(len(s))]})
            for name, s in times.items()
        ]
    )
    data = assemble(
        [
            Export(
                items=rows[["item_id"]],
                rows=rows[["annotator", "seconds"]].assign(label="A"),
                source="t",
                format="t",
                sides=True,
            )
        ]
    )
    table = pace_table(data, speed(data), reading(data), USUAL_FLOOR)
    assert table["annotator"].tolist()[:2] == ["often", "once"]
    assert table["pace"].iloc[1] < table["pace"].iloc[0]
    assert table[["pace_low", "pace_high"]].isna().any(axis=1).tolist() == [
        name == "once" for name in table["annotator"]
    ]


def test_the_interval_of_a_pace_by_hand() -> None:
    """Of 10 times the 2nd and the 9th hold the median in 1 - 2 (1 + 10) / 1024 = 97.9% of cases; the 3rd and the 8th
    in 89% only."""
    seconds = [float(2**i) for i in range(10)]
    rows = pd.DataFrame({"item_id": [str(i) for i in range(10)], "annotator": "x", "label": "A", "seconds": seconds})
    data = assemble(
        [
            Export(
                items=rows[["item_id"]],
                rows=rows[["annotator", "label", "seconds"]],
                source="t",
                format="t",
                sides=True,
            )
        ]
    )
    row = pace_table(data, speed(data), reading(data), USUAL_FLOOR).iloc[0]
    assert row["pace_high"] / row["pace_low"] == pytest.approx(2**7, rel=1e-4)


def test_the_last_bar_holds_what_took_four_times_as_long_and_more() -> None:
    rows = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(9)],
            "annotator": "x",
            "label": "A",
            "seconds": [10.0, 11, 9, 3, 30, 17, 6, 50, 10],
        }
    )
    data = assemble(
        [
            Export(
                items=rows[["item_id"]],
                rows=rows[["annotator", "label", "seconds"]],
                source="t",
                format="t",
                sides=True,
            )
        ]
    )
    bars = time_bars(speed(data), data)
    assert (bars["from"].iloc[0], bars["to"].iloc[-1]) == (0.0, np.inf)
    assert bars["ordinary"].iloc[-1] == 1
    assert bars["from"].iloc[-1] == pytest.approx(4.0)


def test_every_used_judgement_with_its_chance_to_be_rapid() -> None:
    data = simulate(4_000, speeders=0.1, seed=5).data
    found, read = speed(data), reading(data)
    table = judgement_times(data, read, found)
    used, left = used_times(data, found)
    assert len(table) == used == len(data.annotations) - sum(left.values())
    assert table["rapid"].between(0, 1).all()
    assert table["rapid"].sum() == pytest.approx(np.nansum(found.rapid), rel=1e-5)
    rapid = likeliest_rapid(data, read, found)
    assert len(rapid) == min(int((table["rapid"] > 0.5).sum()), 1_000)
    assert (np.diff(rapid["rapid"]) <= 0).all()


def test_what_is_not_used_is_named() -> None:
    rows = pd.DataFrame(
        {
            "item_id": list("12345"),
            "annotator": "x",
            "label": ["A", None, "B", "A", "A"],
            "seconds": [3.0, 4.0, np.nan, 0.0, 9.0],
        }
    )
    data = assemble(
        [
            Export(
                items=rows[["item_id"]],
                rows=rows[["annotator", "label", "seconds"]],
                source="t",
                format="t",
                sides=True,
            )
        ]
    )
    used, left = used_times(data, speed(data))
    assert used == 2
    assert left == {
        "skips": 1,
        "by AI judges, who do not read": 0,
        "without a time": 1,
        "with a time of zero or less": 1,
    }
