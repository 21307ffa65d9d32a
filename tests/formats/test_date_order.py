"""Dates that do not tell whether the day or the month comes first are asked about, unless their order tells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import workbench
from workbench.cli import main
from workbench.formats.records.date_order import UnclearDates, ways_of


def export(folder: Path, dates: list[str]) -> Path:
    """Six judgements of three items, made at these times."""
    rows = pd.DataFrame(
        {
            "item": ["1", "1", "2", "2", "3", "3"],
            "annotator": ["ann", "bob"] * 3,
            "label": ["left", "right", "left", "left", "tie", "right"],
            "ended_at": dates,
        }
    )
    path = folder / "votes.csv"
    rows.to_csv(path, index=False)
    return path


IN_DOUBT = ["3/4/2024", "5/6/2024", "1/2/2024", "7/8/2024", "2/1/2024", "9/10/2024"]


def test_the_library_asks_with_both_readings(tmp_path: Path) -> None:
    with pytest.raises(UnclearDates) as caught:
        workbench.load(export(tmp_path, IN_DOUBT))
    assert caught.value.count == 6
    month, day = caught.value.ways
    assert (month.first, month.examples[0]) == ("month", ("3/4/2024", "4 March 2024"))
    assert (day.first, day.examples[0]) == ("day", ("3/4/2024", "3 April 2024"))
    assert (month.earliest, month.latest) == ("2024-01-02", "2024-09-10")


@pytest.mark.parametrize(("first", "when"), [("month", "2024-03-04"), ("day", "2024-04-03")])
def test_what_is_said_is_done_and_told(tmp_path: Path, first: str, when: str) -> None:
    data = workbench.load(export(tmp_path, IN_DOUBT), dates=first)
    assert str(data.annotations["ended_at"].iloc[0])[:10] == when
    assert [f.code for f in data.findings if f.code.startswith("dates")] == ["dates-read"]
    assert not [c for c in data.annotations if "first)" in c]


def test_a_column_in_order_of_time_tells(tmp_path: Path) -> None:
    """Days 11 and 12 of March, then 1 to 4 April: with the month first these would go back from November to January."""
    data = workbench.load(export(tmp_path, ["11/3/2024", "12/3/2024", "1/4/2024", "2/4/2024", "3/4/2024", "4/4/2024"]))
    assert str(data.annotations["ended_at"].iloc[-1])[:10] == "2024-04-04"
    (told,) = [f for f in data.findings if f.code == "dates-read"]
    assert "in order of time that way only" in told.message


def test_a_first_number_above_twelve_is_not_asked_about(tmp_path: Path) -> None:
    data = workbench.load(export(tmp_path, ["13/4/2024", *IN_DOUBT[1:]]))
    assert str(data.annotations["ended_at"].iloc[0])[:10] == "2024-04-13"


def test_the_command_line_stops_with_the_two_readings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = export(tmp_path, IN_DOUBT)
    assert main(["audit", str(path)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "4 March 2024" in said
    assert "3 April 2024" in said
    assert "--dates month" in said
    assert "--dates day" in said
    assert main(["audit", str(path), "--dates", "day", "--json"]) == 0


def test_both_ways_of_a_date_by_hand() -> None:
    assert [way.examples for way in ways_of(["1/2/2024"])] == [
        (("1/2/2024", "2 January 2024"),),
        (("1/2/2024", "1 February 2024"),),
    ]
