"""Verdicts as numbers, and times as people write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.formats.layouts.world import Table, Vote, World, csv_file, json_lines, layout


def _rows(w: World, **cells: Callable[[Vote], Any]) -> list[dict[str, Any]]:
    return [
        {
            "pair_id": v.pair.key,
            "annotator": v.who,
            "prompt": v.pair.prompt,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            **{name: cell(v) for name, cell in cells.items()},
        }
        for v in w.votes
    ]


_PAIR = {"item": "pair_id", "annotator": "annotator"}


@layout("number-is-a-selected", ties=False)
def _(w: World) -> Table:
    rows = _rows(w, is_A_selected=lambda v: int(v.pick == "A"))
    return Table(
        content=csv_file(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "is_A_selected"},
        labels={"1": "A", "0": "B"},
    )


@layout("number-a-wins", ties=False)
def _(w: World) -> Table:
    rows = _rows(w, a_wins=lambda v: int(v.pick == "A"))
    return Table(
        content=csv_file(rows), truth=w.truth(), mapping={**_PAIR, "label": "a_wins"}, labels={"1": "A", "0": "B"}
    )


@layout("number-b-is-better-boolean", ties=False)
def _(w: World) -> Table:
    rows = _rows(w, b_is_better=lambda v: str(v.pick == "B"))
    return Table(
        content=csv_file(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "b_is_better"},
        labels={"True": "B", "False": "A"},
    )


@layout("number-prefer-response-b", ties=False)
def _(w: World) -> Table:
    rows = _rows(w, prefers_response_b=lambda v: int(v.pick == "B"))
    return Table(
        content=json_lines(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "prefers_response_b"},
        labels={"1": "B", "0": "A"},
    )


@layout("number-model-a-win-half-for-tie")
def _(w: World) -> Table:
    rows = _rows(w, model_a_win=lambda v: v.said("1", "0", "0.5"))
    return Table(
        content=csv_file(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "model_a_win"},
        labels={"1": "A", "0": "B", "0.5": "="},
    )


@layout("number-zero-one-untold", ties=False)
def _(w: World) -> Table:
    rows = _rows(w, label=lambda v: int(v.pick == "A"))
    return Table(
        content=csv_file(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "label"},
        labels={"1": "A", "0": "B"},
        ambiguous=True,
    )


@layout("number-zero-one-two-untold")
def _(w: World) -> Table:
    rows = _rows(w, label=lambda v: v.said("0", "1", "2"))
    return Table(
        content=json_lines(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "label"},
        labels={"0": "A", "1": "B", "2": "="},
        ambiguous=True,
    )


@layout("number-one-to-five-untold")
def _(w: World) -> Table:
    rows = _rows(w, preference=lambda v: 3 + v.graded(w.random, 2))
    labels = {"5": "A", "4": "A", "3": "=", "2": "B", "1": "B"}
    return Table(
        content=csv_file(rows), truth=w.truth(), mapping={**_PAIR, "label": "preference"}, labels=labels, ambiguous=True
    )


@layout("number-minus-three-to-three-untold")
def _(w: World) -> Table:
    rows = _rows(w, rating=lambda v: v.graded(w.random))
    return Table(
        content=csv_file(rows),
        truth=w.truth(),
        mapping={**_PAIR, "label": "rating"},
        labels={str(k): "A" if k > 0 else "B" if k < 0 else "=" for k in range(-3, 4)},
        ambiguous=True,
    )


@layout("number-response-one-two", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "id": v.pair.key,
            "worker": v.who,
            "response_1": v.pair.a,
            "response_2": v.pair.b,
            "best_response": v.said("1", "2"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth(), labels={"1": "A", "2": "B"})


@layout("number-index-of-list", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "prompt": v.pair.prompt,
            "completion_0": v.pair.a,
            "completion_1": v.pair.b,
            "chosen_index": int(v.pick == "B"),
            "labeler": v.who,
        }
        for v in w.votes
    ]
    return Table(content=json_lines(rows), truth=w.truth(), labels={"0": "A", "1": "B"})


@layout("number-score-columns-beside-label", ties=False)
def _(w: World) -> Table:
    rows = []
    for v in w.votes:
        low = w.random.randint(1, 5)
        high = low + w.random.randint(1, 4)
        a, b = (high, low) if v.pick == "A" else (low, high)
        rows.append(
            {
                "id": v.pair.key,
                "judge": v.who,
                "answer_a": v.pair.a,
                "answer_b": v.pair.b,
                "score_a": a,
                "score_b": b,
                "preference": int(v.pick == "A"),
            }
        )
    mapping = {"item": "id", "annotator": "judge", "label": "preference"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping, labels={"1": "A", "0": "B"})


@layout("number-margin-columns")
def _(w: World) -> Table:
    rows = _rows(w, votes_a=lambda v: v.said("3", "1", "2"), votes_b=lambda v: v.said("1", "3", "2"))
    return Table(content=csv_file(rows), truth=w.truth(), mapping={**_PAIR, "label": "votes_a,votes_b"})


def _timed(w: World, seconds: Callable[[int], str], column: str = "duration", **more: Any) -> Table:
    rows = _rows(w, label=lambda v: v.said("A", "B", "tie"), **{column: lambda v: seconds(v.seconds)})
    return Table(content=csv_file(rows, **more), truth=w.truth(), seconds=[float(v.seconds) for v in w.votes])


@layout("time-minutes-and-seconds")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"{s // 60}:{s % 60:02d}")


@layout("time-hours-minutes-seconds")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"00:{s // 60:02d}:{s % 60:02d}", "time_spent")


@layout("time-seconds-with-unit")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"{s}s")


@layout("time-seconds-with-word")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"{s} sec", "time taken")


@layout("time-minutes-in-words")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"{s // 60} min {s % 60} s")


@layout("time-iso-duration")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"PT{s // 60}M{s % 60}S")


@layout("time-milliseconds-column")
def _(w: World) -> Table:
    return _timed(w, lambda s: str(s * 1000), "duration_ms")


@layout("time-decimal-comma")
def _(w: World) -> Table:
    return _timed(w, lambda s: f"{s},0", "seconds", delimiter=";")


@layout("time-epoch-milliseconds")
def _(w: World) -> Table:
    rows = _rows(
        w,
        choice=lambda v: v.said("A", "B", "tie"),
        started_at=lambda v: int(v.start.timestamp() * 1000),
        submitted_at=lambda v: int(v.end.timestamp() * 1000),
    )
    return Table(content=csv_file(rows), truth=w.truth(), seconds=[float(v.seconds) for v in w.votes])


@layout("time-day-first-dates")
def _(w: World) -> Table:
    rows = _rows(
        w,
        choice=lambda v: v.said("A", "B", "tie"),
        started_at=lambda v: v.start.strftime("%d/%m/%Y %H:%M:%S"),
        submitted_at=lambda v: v.end.strftime("%d/%m/%Y %H:%M:%S"),
    )
    return Table(content=csv_file(rows), truth=w.truth(), seconds=[float(v.seconds) for v in w.votes])


@layout("time-dotted-dates")
def _(w: World) -> Table:
    rows = _rows(
        w,
        winner=lambda v: v.said("response_a", "response_b", "tie"),
        start_time=lambda v: v.start.strftime("%d.%m.%Y %H:%M:%S"),
        end_time=lambda v: v.end.strftime("%d.%m.%Y %H:%M:%S"),
    )
    return Table(content=csv_file(rows), truth=w.truth(), seconds=[float(v.seconds) for v in w.votes])
