"""Projects: nothing is lost or half applied with two leads at once, what is deleted is gone, who may see what."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.auditing.thresholds import Thresholds
from workbench.errors import WorkbenchError
from workbench.judging.allowed import allow_host
from workbench.routing.work import kept_upload, routing_folder
from workbench.runs.folder import write_json
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.deletion import delete_dataset, delete_expired
from workbench.workspace.projects import Projects

WRITER = """
import sys
from pathlib import Path
from workbench.auditing.thresholds import Thresholds
from workbench.errors import WorkbenchError
from workbench.workspace.projects import Projects
projects, who = Projects(Path(sys.argv[1])), sys.argv[2]
drawn = 0
for i in range(40):
    projects.note(1, f"{who} {i}", who=who)
    projects.decide(1, "set aside", f"{who}-{i}", who=who, why="flagged")
    value = 0.2 + (i + 1) / 1000
    try:
        # Two lines that always belong together: a reader must never see one of them alone.
        projects.draw(1, Thresholds(gold=0.5 + value, one_label=0.5 + value), seen=projects.lines(1).version, who=who)
        drawn += 1
    except WorkbenchError:
        pass
    lines = projects.lines(1).thresholds
    assert lines.gold == lines.one_label or projects.lines(1).version == 0
print(drawn)
"""


@pytest.fixture
def projects(tmp_path: Path) -> Projects:
    return Projects(tmp_path)


def test_two_leads_lose_nothing_and_see_nothing_half_done(projects: Projects, tmp_path: Path) -> None:
    made = projects.make("p")
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), who], stdout=subprocess.PIPE, text=True)
        for who in ("ann", "bo")
    ]
    drawn = [int(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    trail = projects.trail(made.id)
    for who in ("ann", "bo"):
        assert [e.what for e in trail if e.who == who and e.kind == "note"] == [f"{who} {i}" for i in range(40)]
        assert len([e for e in trail if e.who == who and e.kind == "set aside"]) == 40
    history = projects.history(made.id)
    assert [v.version for v in history] == list(range(1, sum(drawn) + 1))
    assert all(v.thresholds.gold == v.thresholds.one_label for v in history)
    assert len([e for e in trail if e.kind == "lines"]) == len(history)


def test_lines_are_drawn_on_what_was_seen(projects: Projects) -> None:
    made = projects.make("p")
    projects.draw(made.id, Thresholds(gold=0.8), seen=0, who="ann", why="experts only")
    with pytest.raises(WorkbenchError, match="Somebody drew other lines"):
        projects.draw(made.id, Thresholds(gold=0.6), seen=0)
    assert projects.lines(made.id).thresholds.gold == 0.8
    assert projects.history(made.id)[0].why == "experts only"


def test_deliveries_stand_in_the_order_they_came(projects: Projects) -> None:
    made = projects.make("p")
    projects.add(made.id, "b" * 32, "second", day="2026-02-01", vendor="North", price=0.4)
    projects.add(made.id, "a" * 32, "first", day="2026-01-01")
    projects.add(made.id, "b" * 32, "second, again", day="2026-02-02", vendor="North", price=0.5)
    found = projects.deliveries(made.id)
    assert [(d.name, d.day, d.price) for d in found] == [
        ("first", "2026-01-01", None),
        ("second, again", "2026-02-02", 0.5),
    ]
    for bad in ({"day": "soon"}, {"price": -1.0}):
        with pytest.raises(WorkbenchError):
            projects.add(made.id, "c" * 32, "third", **bad)


def test_a_vendors_files_are_read_as_the_last_ones(projects: Projects) -> None:
    made = projects.make("p")
    recipe = {"paths": ("/secret.csv",), "format": None, "mapping": [["item", ["id"]]]}
    projects.keep_recipe(made.id, "North", recipe)
    assert projects.recipe(made.id, "North") == {"format": None, "mapping": [["item", ["id"]]]}
    assert projects.recipe(made.id, "South") is None


def test_who_may_see_what(projects: Projects) -> None:
    own, other, free = projects.make("own", "ann"), projects.make("other", "bo"), projects.make("free")
    projects.add(own.id, "a" * 32, "d")
    assert [p.name for p in projects.every("ann")] == ["free", "own"]
    assert projects.may_open("a" * 32, "ann")
    assert not projects.may_open("a" * 32, "bo")
    projects.share(own.id, "bo")
    assert projects.may_open("a" * 32, "bo")
    assert {other.id, free.id} <= {p.id for p in projects.every()}


def test_a_name_is_taken_once_and_is_not_empty(projects: Projects) -> None:
    projects.make("p")
    for name in ("p", "  "):
        with pytest.raises(WorkbenchError):
            projects.make(name)
    with pytest.raises(WorkbenchError):
        projects.decide(1, "promoted", "x")


def test_nothing_of_a_deleted_data_set_is_left(
    projects: Projects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_JUDGING", str(tmp_path / "judging"))
    shelf, runs = Shelf(tmp_path), tmp_path / "runs"
    data = simulate(200, annotators=6, seed=3).data
    text = str(data.item_texts().iloc[0, 1])[:40]
    cleaned = data.keep_annotations(data.annotations["item"].to_numpy() != 0, "cleaned")
    shelf.keep(data, "set", "upload")
    shelf.keep(cleaned, "cleaned", "cleaning", original=data.key)
    other = simulate(200, annotators=6, seed=4).data
    shelf.keep(other, "other", "upload")
    for name, key in (("one", data.key), ("two", cleaned.key), ("three", other.key)):
        (runs / name).mkdir(parents=True)
        write_json(runs / name / "config.json", {"data": str(shelf.path(key))})
        (runs / name / "texts.txt").write_text(text if key != other.key else "other", "utf-8")
    made = projects.make("p")
    projects.add(made.id, data.key, "delivery")
    projects.note(made.id, f"see {text}", key=data.key)
    assert _holding(tmp_path, text) or _holding(tmp_path, data.key)

    judged = tmp_path / "judging"
    (judged / f"{data.key[:12]}-v1").mkdir(parents=True)
    (judged / f"{data.key[:12]}-v1" / "verdicts.csv").write_text(text, "utf-8")
    route = {"data": data.key, "plan": "[[tier]]\njudge = 'rule:longer'", "risk": 0.1, "delta": 0.1}
    handed = kept_upload("new.csv", text.encode())
    routed = routing_folder({**route, "pool": [str(handed)]})
    routed.mkdir(parents=True)
    (routed / "labels.csv").write_text(text, "utf-8")
    write_json(runs / "one" / "config.json", {"data": data.key, "config": {**route, "pool": [str(handed)]}})
    allow_host(f"data {data.key}", "judge.example.org")

    found = delete_dataset(data.key, shelf, runs, projects)

    assert set(found.keys) == {data.key, cleaned.key}
    assert found.runs == ("one", "two")
    assert found.noted == 2
    assert _holding(tmp_path, text) == []
    assert _holding(tmp_path, data.key) == []
    assert shelf.about(other.key) is not None
    assert (runs / "three").exists()


def test_data_go_when_their_time_is_over(projects: Projects, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    data = simulate(200, annotators=6, seed=3, texts=False).data
    shelf.keep(data, "set", "upload")
    made, kept = projects.make("p"), projects.make("q")
    projects.keep_for(made.id, 30)
    projects.add(made.id, data.key, "delivery")
    later = datetime.now(UTC) + timedelta(days=31)
    projects.add(kept.id, data.key, "delivery")
    assert projects.expired(later) == []
    projects.delete(kept.id)
    assert projects.expired() == []
    assert [d.keys for d in delete_expired(shelf, tmp_path / "runs", projects, later)] == [(data.key,)]
    assert shelf.about(data.key) is None


def _holding(folder: Path, text: str) -> list[str]:
    """Files below a folder that hold a text, or are named after it."""
    sought = text.encode()
    every = [p for p in folder.rglob("*") if p.is_file()]
    return [str(p) for p in every if sought in p.read_bytes() or text in str(p)]
