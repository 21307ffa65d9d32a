import numpy as np
import pandas as pd
import pytest

from workbench.formats.records.times import elapsed, seconds_between, shared_times, to_moment, to_seconds

NINE = "2026-03-02T09:14:05.000"


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T09:14:05Z",
        "2026-03-02T09:14:05.000000Z",
        "2026-03-02T11:14:05+02:00",
        "2026-03-02 09:14:05",
        "2026-03-02 09:14:05.0 UTC",
        "Mon Mar 02 09:14:05 UTC 2026",
        "Mon Mar 02 01:14:05 PST 2026",
        "Mon Mar  2 09:14:05 2026",
        "3/2/2026 9:14:05",
        "3/2/2026 09:14:05 AM",
        "2.3.2026 09:14:05",
        "Mon, 02 Mar 2026 09:14:05 GMT",
        1772442845,
        1772442845.0,
        1772442845000,
        1772442845000000,
        1772442845000000000,
        "1772442845",
        "1772442845000",
        pd.Timestamp("2026-03-02 09:14:05"),
        pd.Timestamp("2026-03-02 01:14:05", tz="US/Pacific"),
        np.datetime64("2026-03-02T09:14:05"),
    ],
)
def test_one_moment_in_every_spelling(written):
    assert to_moment([written]).astype(str).tolist() == [NINE]


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        "",
        "x",
        "N/A",
        float("nan"),
        float("inf"),
        "1e999",
        10**400,
        True,
        [1],
        {"a": 1},
        0,
        -5,
        12,
        "7",
        "May",
        "0001-01-01",
        "9999-12-31",
        "2026-13-45",
        pd.NaT,
    ],
)
def test_what_is_no_moment_is_none_and_raises_nothing(nothing):
    assert np.isnat(to_moment([nothing])).all()


def test_a_day_above_twelve_decides_the_order_for_the_whole_column():
    assert to_moment(["13/2/2026 1:00", "1/2/2026 1:00"]).astype("datetime64[D]").astype(str).tolist() == [
        "2026-02-13",
        "2026-02-01",
    ]
    assert to_moment(["2/13/2026 1:00", "1/2/2026 1:00"]).astype("datetime64[D]").astype(str).tolist() == [
        "2026-02-13",
        "2026-01-02",
    ]


def test_columns_of_numbers_and_of_datetimes_are_read_without_going_through_text():
    assert to_moment(pd.Series([1772442845.0, np.nan])).astype(str).tolist() == [NINE, "NaT"]
    assert to_moment(pd.Series(pd.to_datetime(["2026-03-02 09:14:05"]))).astype(str).tolist() == [NINE]
    assert to_moment(pd.Series(pd.to_datetime(["2026-03-02 10:14:05+01:00"]))).astype(str).tolist() == [NINE]


def test_seconds_are_the_gap_and_nothing_where_the_end_comes_first():
    start, end = (
        to_moment(["2026-03-02T09:00:00Z"] * 3),
        to_moment(["2026-03-02T09:01:30.5Z", "2026-03-02T08:00:00Z", None]),
    )
    assert seconds_between(start, end)[0] == 90.5
    assert np.isnan(seconds_between(start, end)[1:]).all()
    assert [(f.code, f.count) for f in elapsed(start, end).findings] == [("negative-times", 1)]


def test_one_constant_time_is_a_placeholder_but_not_for_a_handful_of_rows():
    start = to_moment(["2019-03-25T07:39:42Z"] * 12)
    all_alike = elapsed(start, start + np.timedelta64(83, "s"))
    assert np.isnan(all_alike.seconds).all()
    assert [f.code for f in all_alike.findings] == ["no-usable-times"]
    assert elapsed(start[:3], start[:3] + np.timedelta64(83, "s")).seconds.tolist() == [83.0] * 3


def test_durations_in_milliseconds_are_told_by_their_size():
    read = to_seconds(["24700", "8100", "31000"])
    assert read.seconds.tolist() == [24.7, 8.1, 31.0]
    assert [f.code for f in read.findings] == ["times-in-milliseconds"]
    assert to_seconds([24.7, "8.1"]).findings == ()


def test_durations_that_cannot_be_are_unknown():
    read = to_seconds([-3, float("inf"), "x", True, [1], 5])
    assert np.isnan(read.seconds[:5]).all()
    assert read.seconds[5] == 5.0
    assert [(f.code, f.count) for f in read.findings] == [("unreadable-durations", 1), ("negative-times", 2)]


def test_assignments_of_one_task_share_nothing():
    assert shared_times(pd.Series(["a", "b", None, None])) == ()
    assert shared_times(pd.Series(["a", "a", "b"]))[0].count == 2
