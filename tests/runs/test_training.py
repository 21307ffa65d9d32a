"""A real training of a reward head, killed twice, ends with the same figures and the same weights as one that nobody
touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.runs.test_life import LONG, kill_dash_nine, until
from workbench.formats.writers.native import write_own
from workbench.runs import Run, start
from workbench.simulation.simulate import simulate


def test_killed_it_resumes_to_the_same_figures_and_weights(begin: Callable[..., Run]) -> None:
    plain, run = begin("head"), begin("head", pause=0.15)
    assert plain.wait(3 * LONG).state == "done"
    for stage in ("Choosing features", "Fitting members"):
        until(lambda stage=stage: run.status().doing == stage, 3 * LONG)  # type: ignore[misc]
        kill_dash_nine(run)
        assert run.status().state == "interrupted"
        run.resume()
    assert run.wait(3 * LONG).state == "done"
    assert run.status().attempt == 3
    assert run.result() == plain.result()
    members = {p.name for p in (run.folder / "checkpoints").glob("member-*")}
    assert members == {p.name for p in (plain.folder / "checkpoints").glob("member-*")}
    assert len(members) == 8


def test_an_encoder_that_is_not_there_fails_with_a_plain_reason(root: Path, tmp_path: Path) -> None:
    write_own(simulate(1_000, annotators=12, seed=8).data, tmp_path / "set.pwb")
    run = start("train", {"paths": [str(tmp_path / "set.pwb")], "head": {"encoder": str(tmp_path / "no-such-folder")}})
    status = run.wait(3 * LONG)
    assert status.state == "failed"
    assert "no-such-folder" in status.what
    assert status.remedy
    assert not status.error_id
