"""Frozen pairs: kept once, judged again in each run, whatever the run is about; and whose texts may go where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.judging.conftest import marked_pairs
from workbench.errors import WorkbenchError
from workbench.judging.allowed import allow_host, allowed_hosts, forget_scope, revoke_host
from workbench.judging.anchor_rounds import (
    anchor_questions,
    anchors_file,
    drift_since_first,
    keep_anchors,
    keep_round,
    rounds_of,
)
from workbench.judging.constitution import default_constitution
from workbench.judging.judged import Options
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge
from workbench.judging.spec import parse_judge

ASKING = Asking(default_constitution(), principles=False)


def test_each_run_judges_the_anchors_again_and_the_data_once(serve, tmp_path: Path) -> None:
    frozen, data = tmp_path / "anchors.jsonl", marked_pairs(12)
    assert keep_anchors(data, frozen, 8) == 8
    server = serve()
    judge = parse_judge(f"openai:m@{server.url}")
    options = Options(canaries=0, anchors=frozen)
    first = ask_judge(data, judge, tmp_path / "one", ASKING, options)
    assert first.anchors is not None
    assert len(first.anchors.scores) == 8
    assert server.stats()["asked"] == 24 + 16 + first.probe["sent"]
    asked = server.stats()["asked"]
    again = ask_judge(data, judge, tmp_path / "one", ASKING, options)
    assert again.cached == 24
    assert server.stats()["asked"] == asked + 16
    server.behave(obeys=False, bias=1.0)
    later = ask_judge(marked_pairs(10, seed=9), judge, tmp_path / "two", ASKING, options)
    assert later.anchors is not None
    rounds = rounds_of(frozen, judge.name)
    assert [len(each.scores) for each in rounds] == [8, 8, 8]
    assert rounds_of(frozen, "judge:other") == []
    none, same, moved = drift_since_first(rounds)
    assert none is None
    assert same is not None
    assert not same.changed
    assert same.moved.value == 0
    assert moved is not None
    assert moved.moved.value == 1
    assert moved.changed


def test_anchors_stay_as_they_are_and_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    data, frozen = marked_pairs(30), tmp_path / "a.jsonl"
    keep_anchors(data, frozen, 10)
    one, other = (anchor_questions(frozen, version) for version in ("v1", "v2"))
    assert one == other
    assert len(one) == 20
    with pytest.raises(WorkbenchError, match="anchors already"):
        keep_anchors(data, frozen, 10)
    for text in ("", "not json", '{"item": 1}', "[1]"):
        (tmp_path / "bad.jsonl").write_text(text)
        with pytest.raises(WorkbenchError):
            anchor_questions(tmp_path / "bad.jsonl", "v")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        anchor_questions(tmp_path / "none.jsonl", "v")


def test_rounds_kept_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    anchors, calls = (
        tmp_path / "anchors.jsonl",
        [
            {
                "item": "anchor:1",
                "shown": k,
                "state": "answered",
                "label": says,
                "probabilities": None,
                "principles": {},
            }
            for k, says in enumerate(("A>", "B>"))
        ],
    )
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda k: keep_round(anchors, f"judge {k}", "v", calls, ["m"]), range(40)))
    assert sorted(each.judge for each in rounds_of(anchors)) == sorted(f"judge {k}" for k in range(40))


def test_the_floor_never_drifts(tmp_path: Path) -> None:
    data, frozen = marked_pairs(30), tmp_path / "a.jsonl"
    keep_anchors(data, frozen, 10)
    for _ in range(2):
        ask_judge(data, parse_judge("rule:longer"), tmp_path, ASKING, Options(anchors=frozen))
    drift = drift_since_first(rounds_of(frozen))[-1]
    assert drift is not None
    assert drift.moved.value == 0


def test_a_host_is_allowed_once_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_JUDGING", str(tmp_path))
    assert allowed_hosts("project 1") == ()
    made = allow_host("project 1", "judge.example.org", "ann@example.org")
    allow_host("project 1", "other.example.org:8443")
    assert [each.host for each in allowed_hosts("project 1")] == ["judge.example.org", "other.example.org:8443"]
    assert allowed_hosts("project 2") == ()
    assert allowed_hosts("project 1")[0] == made
    # A file that was moved to another name, or says something else, allows nothing.
    file = next(path for path in (tmp_path / "allowed").iterdir() if b"ann@" in path.read_bytes())
    file.write_text(file.read_text().replace("judge.example", "evil.example"))
    assert [each.host for each in allowed_hosts("project 1")] == ["other.example.org:8443"]
    revoke_host("project 1", "other.example.org:8443")
    assert allowed_hosts("project 1") == ()
    allow_host("data k", "h")
    keep_anchors(marked_pairs(5), anchors_file("data k"), 3)
    forget_scope("data k")
    assert allowed_hosts("data k") == ()
    assert not anchors_file("data k").exists()
    with pytest.raises(WorkbenchError, match="No server"):
        allow_host("project 1", "")


def test_a_run_refuses_a_host_that_was_not_allowed() -> None:
    from workbench.judging.work import refuse_elsewhere

    judge = parse_judge("openai:m@https://judge.example.org/v1")
    refuse_elsewhere(judge, {"local_only": False})
    refuse_elsewhere(judge, {"local_only": False, "hosts": ["judge.example.org"]})
    refuse_elsewhere(replace(judge, base_url="http://127.0.0.1:1/v1"), {})
    for config in ({}, {"local_only": False, "hosts": []}, {"local_only": True, "hosts": ["judge.example.org"]}):
        with pytest.raises(WorkbenchError, match=r"judge\.example\.org"):
            refuse_elsewhere(judge, config)
