"""What is put on the shelf comes back, under its key only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.hostile_data import small_sets
from workbench.errors import WorkbenchError
from workbench.workspace.dataset_store import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "uploads")


def test_a_data_set_comes_back_with_its_key(shelf: Shelf) -> None:
    data = small_sets()["one item"]
    kept = shelf.keep(data, "one.csv", "upload")
    again = Shelf(shelf.folder).read(kept.key)
    assert again.key == data.key == kept.key
    assert again.item_texts()["response_b"].tolist() == ["right"]
    assert shelf.about(kept.key) == kept
    assert kept.counts == {"annotations": 2, "items": 1, "annotators": 2}


def test_the_last_opened_is_listed_first_and_each_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = list(small_sets().values())[:3]
    for day, data in enumerate([*sets, sets[0]]):
        monkeypatch.setattr(
            "workbench.workspace.dataset_store._now", lambda day=day: f"2026-01-0{day + 1}T00:00:00+00:00"
        )
        shelf.keep(data, f"set {day}", "upload")
    assert [kept.name for kept in shelf.listing()] == ["set 3", "set 2", "set 1"]


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "ABCDEF0123456789", "0" * 15, "0" * 65, "0" * 16 + "\n", "0" * 16 + "/.."]
)
def test_what_is_no_key_names_no_file(shelf: Shelf, key: str) -> None:
    with pytest.raises(WorkbenchError, match="names no data set"):
        shelf.path(key)


def test_an_unknown_key_says_what_to_do(shelf: Shelf) -> None:
    with pytest.raises(WorkbenchError, match="Open the file again"):
        shelf.read("0" * 32)
    assert shelf.about("0" * 32) is None


def test_a_damaged_card_does_not_hide_the_others(shelf: Shelf) -> None:
    kept = shelf.keep(small_sets()["one item"], "one.csv", "upload")
    (shelf.folder / f"{'0' * 32}.json").write_text("{")
    assert shelf.listing() == [kept]


def test_a_choice_of_items_comes_back_with_its_title(shelf: Shelf) -> None:
    key = shelf.keep(small_sets()["one annotator"], "x", "upload").key
    token = shelf.keep_items(key, np.array([1, 0, 1]), "both")
    assert token == shelf.keep_items(key, [0, 1], "both")
    found = shelf.items(key, token)
    assert found is not None
    assert (found[0].tolist(), found[1]) == ([0, 1], "both")
    for unknown in ("0000000000", "../x", ""):
        assert shelf.items(key, unknown) is None


def test_removing_takes_everything(shelf: Shelf) -> None:
    key = shelf.keep(small_sets()["one item"], "one.csv", "upload").key
    shelf.keep_items(key, [0], "it")
    shelf.remove(key)
    assert list(shelf.folder.iterdir()) == []
