"""What is finished stays finished, whatever becomes of the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.progress import Cancelled, Watch
from workbench.studies.cells import Cells, finish


def test_finished_cells_are_not_done_again(tmp_path: Path) -> None:
    done: list[str] = []

    def work(name: str) -> dict:
        done.append(name)
        return {"right": [1 / 3], "loss": [0.1], "n": [1.0]}

    jobs = [(name, lambda name=name: work(name)) for name in "abc"]
    path = tmp_path / "cells.jsonl"
    finish(Cells(path, "r"), jobs[:2])
    records = finish(Cells(path, "r"), jobs)
    assert done == ["a", "b", "c"]
    assert records["a"]["right"] == [1 / 3]


def test_another_recipe_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "cells.jsonl"
    Cells(path, "one").put("a", {"x": 1})
    assert "a" not in Cells(path, "two")
    assert "a" in Cells(path, "one")


@pytest.mark.parametrize("cut", [1, 5, 20, 40])
def test_half_a_line_is_forgotten_and_the_next_one_whole(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cells.jsonl"
    cells = Cells(path, "r")
    cells.put("a", {"x": 1})
    cells.put("b", {"x": 2})
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    again = Cells(path, "r")
    assert list(again) == ["a"]
    again.put("b", {"x": 2})
    assert list(Cells(path, "r")) == ["a", "b"]
    assert path.read_bytes() == content


def test_a_file_that_is_no_record_of_a_study_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cells.jsonl"
    path.write_text("{}\n", "utf-8")
    with pytest.raises(WorkbenchError, match="not a cell"):
        Cells(path, "r")


def test_it_stops_between_two_cells(tmp_path: Path) -> None:
    path = tmp_path / "cells.jsonl"
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        finish(
            Cells(path, ""),
            [(name, lambda: {"right": [1.0], "loss": [0.0], "n": [1.0]}) for name in "abcd"],
            Watch(stop_asked=stop),
        )
    assert list(Cells(path, "")) == ["a", "b"]


def test_the_watch_sees_the_accuracy_of_what_is_done() -> None:
    seen: list[tuple[int, int, dict]] = []
    watch = Watch(on_step=lambda s: seen.append((s.done, s.of, dict(s.figures))))
    finish(Cells(), [("a", lambda: {"right": [3.0], "loss": [2.0], "n": [4.0]})], watch)
    assert seen[-1] == (1, 1, {"accuracy": 0.75, "loss": 0.5})
