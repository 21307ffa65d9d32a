"""What the sliders offer makes a difference, and nothing it offers leaves nobody."""

import numpy as np
import pytest

from workbench.agreement import Choice, tally
from workbench.agreement.ranges import ranges
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def data():
    return simulate(3_000, seed=5, annotators=12, experts=3, expert_share=0.2).data


def test_the_most_that_can_be_asked_of_annotators_leaves_two(data):
    given = np.sort(np.bincount(data.codes.annotator))
    most = ranges(data).labels_per_annotator[-1]
    assert most <= given[-2]
    assert most > given[0]  # so that it sets somebody aside
    assert len(tally(data, Choice(min_labels_per_annotator=most)).cells.annotators) >= 2


def test_labels_per_item_end_at_the_most_labelled_item(data):
    assert ranges(data).labels_per_item[-1] == np.bincount(data.codes.item).max()


def test_weeks_are_mondays_and_hold_every_date(data):
    found = ranges(data)
    days = data.annotations["ended_at"].to_numpy().astype("datetime64[D]")
    assert all(np.datetime64(week, "D").item().weekday() == 0 for week in found.weeks)
    assert np.datetime64(found.weeks[0], "D") <= days.min()
    assert days.max() <= np.datetime64(found.days(found.weeks[0], found.weeks[-2])[1], "D") + 7
    assert found.days(found.weeks[0], found.weeks[-1]) is None


def test_without_usable_times_there_is_only_zero_and_the_reason(data):
    rows = data.annotations.assign(seconds=np.float32(83))
    from dataclasses import replace

    found = ranges(replace(data, annotations=rows))
    assert found.seconds == (0,)
    assert "placeholder" in found.why_no_seconds
    assert len(ranges(data).seconds) > 3


def test_judgements_not_looked_at_are_counted_by_reason(data):
    found = ranges(data).not_looked_at
    assert len(data.annotations) - sum(found.values()) == len(data.codes)
    assert found["repeats"] > 0
