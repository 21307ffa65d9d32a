"""The Start page: the demo, files by path, how they are read, and the way to the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, said
from workbench.workspace.dataset_store import Shelf

VOTES = "item_id,annotator,label\n1,ann,left\n1,bob,right\n2,ann,left\n2,bob,left\n3,ann,\n3,bob,tie\n"
UNNAMED = "c1,c2,c3\nx,ann,gut\nx,bob,schlecht\ny,ann,gut\ny,bob,gut\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files may be opened."""
    place = tmp_path / "exports"
    place.mkdir()
    monkeypatch.setenv("WORKBENCH_DATA_ROOTS", str(place))
    return place


def open_path(app: AppTest, path: object) -> AppTest:
    app.text_input(key="path").set_value(str(path))
    return next(b for b in app.button if b.label == "Open" and b.form_id == "by_path").click().run()


def test_the_demo_is_one_click_away(visit: Callable[..., AppTest], shelf: Shelf) -> None:
    app = visit()
    app.button(key="demo_clean").click().run()
    assert not app.exception
    assert [kept.opened_from for kept in shelf.listing()] == ["demo"]
    assert app.query_params["data"] == shelf.listing()[0].key


def test_a_file_by_path_is_read_shown_and_opened(visit: Callable[..., AppTest], folder: Path, shelf: Shelf) -> None:
    (folder / "votes.csv").write_text(VOTES)
    app = open_path(visit(), folder / "votes.csv")
    assert not app.exception
    assert "<b>6</b> judgements of <b>3</b> items by <b>2</b> annotators" in said(app)
    assert shelf.listing() == []  # nothing is kept before the reader says so
    app.button(key="read_go").click().run()
    kept = shelf.listing()[0]
    assert (kept.name, kept.counts) == ("votes.csv", {"annotations": 6, "items": 3, "annotators": 2})
    assert app.query_params["data"] == kept.key


def test_a_pattern_opens_several_files(visit: Callable[..., AppTest], folder: Path) -> None:
    (folder / "one.csv").write_text(VOTES)
    (folder / "two.csv").write_text(VOTES.replace(",ann,", ",eve,").replace(",bob,", ",dan,"))
    app = open_path(visit(), folder / "*.csv")
    assert "of <b>3</b> items by <b>4</b> annotators" in said(app)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../outside.csv", "data/../../x.csv", "/etc/*", "nothing-here.csv", "~/x.csv", "\0", "a" * 5000],
)
def test_what_lies_outside_or_nowhere_is_refused_in_one_line(
    path: str, visit: Callable[..., AppTest], folder: Path
) -> None:
    app = open_path(visit(), path)
    assert not app.exception
    assert len(app.error) == 1
    assert "root:" not in said(app)


def test_a_file_that_is_not_recognised_is_mapped_by_hand(visit: Callable[..., AppTest], folder: Path) -> None:
    (folder / "strange.csv").write_text(UNNAMED)
    app = open_path(visit(), folder / "strange.csv")
    assert not app.exception
    assert not app.error, "a question, not a failure"
    assert "Which column holds what?" in said(app)
    assert "it is not known what its columns hold" in said(app).replace("\\", "")
    app.selectbox(key="read_map_item").set_value("c1")
    app.selectbox(key="read_map_annotator").set_value("c2")
    app.selectbox(key="read_map_label").set_value("c3").run()
    assert not app.exception
    assert "<b>4</b> judgements of <b>2</b> items by <b>2</b> annotators" in said(app)
    assert "'item': 'c1'" in app.code[0].value


def test_several_columns_are_picked_one_after_another_and_taken_out(
    visit: Callable[..., AppTest], folder: Path
) -> None:
    (folder / "strange.csv").write_text(UNNAMED)
    app = open_path(visit(), folder / "strange.csv")
    app.selectbox(key="read_map_annotator").set_value("c2")
    app.selectbox(key="read_map_label").set_value("c3")
    for column in ("c1", "c2"):
        app.selectbox(key="read_map_item").set_value(column).run()
        assert app.selectbox(key="read_map_item").value is None, "the menu is ready for the next"
        assert column not in app.selectbox(key="read_map_item").options
    assert "'item': ['c1', 'c2']" in app.code[0].value.replace('"', "'").replace("(", "[").replace(")", "]")
    chosen = next(w for w in app.get("button_group") if w.key == "read_map_item_in")
    assert chosen.value == ["c1", "c2"]
    chosen.set_value(["c2"]).run()
    assert "'item': 'c2'" in app.code[0].value
    assert "c1" in app.selectbox(key="read_map_item").options


def test_ids_that_lead_to_people_are_hashed_unless_asked_for(
    visit: Callable[..., AppTest], folder: Path, shelf: Shelf
) -> None:
    (folder / "votes.csv").write_text(VOTES.replace(",ann,", ",ann@example.org,").replace(",bob,", ",bob@example.org,"))
    app = open_path(visit(), folder / "votes.csv")
    assert app.toggle(key="read_hash_True").value is True
    app.button(key="read_go").click().run()
    people = shelf.read(shelf.listing()[0].key).annotators["annotator"].tolist()
    assert len(people) == 2
    assert all(name.startswith("w-") for name in people)


def test_what_was_opened_before_is_offered_again(visit: Callable[..., AppTest], folder: Path, shelf: Shelf) -> None:
    (folder / "votes.csv").write_text(VOTES)
    app = open_path(visit(), folder / "votes.csv")
    app.button(key="read_go").click().run()
    later = visit()
    assert "votes.csv" in said(later)
    later.button(key=f"again_{shelf.listing()[0].key}").click().run()
    assert later.query_params["data"] == shelf.listing()[0].key


def test_start_over_forgets_the_files(visit: Callable[..., AppTest], folder: Path) -> None:
    (folder / "votes.csv").write_text(VOTES)
    app = open_path(visit(), folder / "votes.csv")
    app.button(key="start_over").click().run()
    assert "Can these labels be trusted?" in said(app)


def test_the_icon_is_the_one_the_script_draws() -> None:
    import runpy

    from PIL import Image

    drawn = runpy.run_path(str(ROOT / "static" / "make_icon.py"))["icon"]()
    with Image.open(ROOT / "static" / "icon.png") as stored:
        assert stored.convert("RGBA").tobytes() == drawn.tobytes()


def test_large_files_are_read_in_the_background_and_can_be_stopped(
    visit: Callable[..., AppTest], folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    import _reading

    monkeypatch.setattr(_reading, "LARGE", 0)
    (folder / "votes.csv").write_text(VOTES)
    app = open_path(visit(), folder / "votes.csv")
    app.button(key="read_start").click().run()
    app.button(key="read_cancel").click().run()
    assert app.button(key="read_start")
    assert shelf.listing() == []
    app.button(key="read_start").click().run()
    until = time.monotonic() + 60
    while not shelf.listing() and time.monotonic() < until:
        time.sleep(0.1)
    while "data" not in app.query_params and time.monotonic() < until:
        app.run()
    assert not app.exception
    assert app.query_params["data"] == shelf.listing()[0].key


def test_a_link_to_a_demo_works_without_a_copy(visit: Callable[..., AppTest], shelf: Shelf) -> None:
    import _ui

    visit().button(key="demo_clean").click().run()
    kept = shelf.listing()[0]
    assert not shelf.path(kept.key).exists()
    _ui._opened.clear()
    later = visit("items.py", address={"data": kept.key})
    assert not later.exception
    assert len(later.dataframe[0].value) > 0


def test_numbers_that_may_mean_several_things_are_asked_about_with_a_preview(
    visit: Callable[..., AppTest], folder: Path
) -> None:
    rows = [("1", 0), ("1", 1), ("2", 0), ("2", 2), ("3", 0), ("3", 1)]
    lines = [f"p{item},text a{item},text b{item},{who},{value}" for who, (item, value) in enumerate(rows)]
    (folder / "numbers.csv").write_text("prompt,response_a,response_b,annotator,label\n" + "\n".join(lines) + "\n")
    app = open_path(visit(), folder / "numbers.csv")
    assert not app.exception
    assert "What do the numbers mean?" in said(app)
    ways = [b for b in app.button if b.key.startswith("read_so_")]
    assert len(ways) == 3
    shown = [d.value for d in app.dataframe if "judgements" in d.value]
    counts = [dict(zip(each["label"], each["judgements"], strict=True)) for each in shown]
    assert len(counts) == 3
    assert all(sum(count.values()) == 6 for count in counts)
    assert len({tuple(sorted(count.items())) for count in counts}) == 3  # each way makes something else of them
    ways[0].click().run()
    assert not app.exception
    assert "<b>6</b> judgements of <b>3</b> items" in said(app)


def test_dates_in_doubt_are_asked_about_with_a_preview(visit: Callable[..., AppTest], folder: Path) -> None:
    dates = ["3/4/2024", "5/6/2024", "1/2/2024", "7/8/2024"]
    lines = [f"{i // 2},{'ann' if i % 2 else 'bob'},left,{date}" for i, date in enumerate(dates)]
    (folder / "dated.csv").write_text("item,annotator,label,ended_at\n" + "\n".join(lines) + "\n")
    app = open_path(visit(), folder / "dated.csv")
    assert not app.exception
    assert "What comes first in the dates?" in said(app)
    shown = [d.value["would be"].tolist()[0] for d in app.dataframe if "would be" in d.value]
    assert shown == ["4 March 2024", "3 April 2024"]
    app.button(key="read_day_first").click().run()
    assert not app.exception
    assert "<b>4</b> judgements of <b>2</b> items" in said(app)
    assert "with the day first" in said(app)


def test_columns_in_doubt_are_asked_about_before_anything_is_read(visit: Callable[..., AppTest], folder: Path) -> None:
    rows = [(b, p, w, "AB"[(b + p) % 2]) for b in range(3) for p in range(4) for w in ("ann", "bob")]
    lines = "\n".join(f"block-{b},{p},{w},{v}" for b, p, w, v in rows)
    (folder / "blocks.csv").write_text(f"battle_id,brief_id,worker,verdict\n{lines}\n")
    app = open_path(visit(), folder / "blocks.csv")
    assert not app.exception
    assert "Is this what the columns hold?" in said(app)
    assert "read_go" not in {b.key for b in app.button}
    app.button(key="read_sure").click().run()
    assert not app.exception
    assert "<b>24</b> judgements of <b>3</b> items" in said(app)
