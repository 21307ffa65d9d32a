"""With a login set up, links to somebody else's data open nothing: pages, choices of items, runs, answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.runs import KINDS, find
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.projects import Projects

ANN, BO = "ann@example.org", "bo@example.org"
SECRET = "anns-secret"
OF_DATA = sorted(
    p.name for p in (ROOT / "pages").glob("[a-z]*.py") if p.name not in ("start.py", "runs.py", "collect.py")
)
OF_RUNS = {
    "reward_models.py": "train",
    "policy.py": "policy",
    "labels.py": "aggregate",
    "selection.py": "select",
    "judges.py": "judge",
    "routing.py": "route",
    "studies.py": "replay",
}


@pytest.fixture(scope="module")
def sets() -> tuple[AnnotationSet, AnnotationSet]:
    """Ann's and Bo's data."""
    return tuple(simulate(240, annotators=6, seed=s, texts=False).data for s in (1, 2))  # type: ignore[return-value]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sets: tuple) -> dict[str, str]:
    """Finished runs about Ann's data, one of each kind: kind -> id."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    made = {}
    for place, kind in enumerate(KINDS):
        made[kind] = f"20260101-00000{place % 10}-{kind}-0000{place:02x}"
        folder = tmp_path / "runs" / made[kind]
        folder.mkdir(parents=True)
        about = {"owner": ANN} if kind == "import" else {"data": sets[0].key}
        job = {"kind": kind, "title": f"{SECRET} {kind}", "config": about, "created_at": time.time()}
        (folder / "config.json").write_text(json.dumps(job))
        (folder / "status.json").write_text(json.dumps({"state": "done"}))
        (folder / "result.json").write_text(json.dumps({"name": SECRET}))
        assert find(made[kind]).title.startswith(SECRET)
    return made


def everything(app: AppTest) -> str:
    """What a page says, offers and would hand out."""
    offered = [str(o) for box in app.selectbox for o in box.options] + [b.label for b in app.button]
    return "\n".join([said(app).replace("\\", ""), *offered])


def test_forty_links_to_somebody_elses_data_open_nothing(
    visit: Callable[..., AppTest], shelf: Shelf, sets: tuple, runs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import _ui

    hers, his = sets
    shelf.keep(hers, f"{SECRET}.csv", "upload", owner=ANN)
    shelf.keep(his, "bos.csv", "upload", owner=BO)
    token = shelf.keep_items(hers.key, np.arange(5), f"{SECRET} choice")
    monkeypatch.setattr(_ui, "who", lambda: BO)
    links = [(page, {"data": hers.key}) for page in OF_DATA]
    links += [(page, {"data": hers.key, "set": token}) for page in ("items.py", "adjudicate.py")]
    links += [("items.py", {"data": his.key, "set": token}), ("items.py", {"data": hers.key, "item": "item-1"})]
    links += [(page, {"data": his.key, "run": runs[kind]}) for page, kind in OF_RUNS.items()]
    links += [("runs.py", {"data": his.key, "run": runs[kind]}) for kind in ("train", "judge", "route", "import")]
    links += [("runs.py", {}), ("start.py", {"data": hers.key}), ("collect.py", {"data": hers.key})]
    guessed = (hers.key[:-1], hers.key.upper(), hers.key[:8], f"../uploads/{hers.key}", f"{hers.key}.choices")
    links += [("overview.py", {"data": guess}) for guess in guessed]
    assert len(links) >= 40
    for page, address in links:
        app = visit(page, address=address)
        assert not app.exception, (page, address)
        assert SECRET not in everything(app), (page, address)
        assert not app.get("download_button") or address.get("data") == his.key, (page, address)


def test_answers_that_were_worked_out_for_one_are_not_handed_to_another(
    visit: Callable[..., AppTest], shelf: Shelf, sets: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    import _ui

    hers, his = sets
    shelf.keep(hers, f"{SECRET}.csv", "upload", owner=ANN)
    shelf.keep(his, "bos.csv", "upload", owner=BO)
    monkeypatch.setattr(_ui, "who", lambda: ANN)
    opened = visit("overview.py", address={"data": hers.key})
    assert "not here any more" not in said(opened)
    # The same session goes on under another login, with her answers in the server's memory.
    monkeypatch.setattr(_ui, "who", lambda: BO)
    assert SECRET not in everything(opened.run())
    assert "not here any more" in said(opened)
    compared = visit("deliveries.py", address={"data": his.key})
    assert hers.key not in "".join(everything(compared))
    from workbench.errors import WorkbenchError

    with pytest.raises(WorkbenchError, match="somebody else"):
        _ui.data_of(hers.key)


def test_a_project_shares_data_and_their_runs(
    visit: Callable[..., AppTest], shelf: Shelf, sets: tuple, runs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import _ui

    shelf.keep(sets[0], f"{SECRET}.csv", "upload", owner=ANN)
    projects = Projects(shelf.folder)
    made = projects.make("together", ANN)
    projects.add(made.id, sets[0].key, "may")
    projects.share(made.id, BO)
    monkeypatch.setattr(_ui, "who", lambda: BO)
    assert f"{SECRET} train" in everything(visit("runs.py", address={"run": runs["train"]}))
    assert "not on this machine" in everything(visit("runs.py", address={"run": runs["import"]}))
