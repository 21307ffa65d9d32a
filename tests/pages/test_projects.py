"""Projects and logins on the pages: a project's lines hold for its deliveries; somebody else's data do not open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.auditing.audit import audit
from workbench.auditing.thresholds import Thresholds
from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.projects import Projects


@pytest.fixture(scope="module")
def two() -> tuple[AnnotationSet, ...]:
    return (simulate(900, annotators=10, spammers=0, seed=1, texts=False).data,)


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_the_lines_of_a_project_hold_for_its_deliveries(
    visit: Callable[..., AppTest], shelf: Shelf, two: tuple
) -> None:
    projects = Projects(shelf.folder)
    made = projects.make("p")
    projects.add(made.id, two[0].key, "may")
    projects.draw(made.id, Thresholds(overlap=0.99, alpha_review=0.95), seen=0)
    app = visit("overview.py", two[0])
    assert not app.exception
    sentence = audit(two[0]).judged(Thresholds(overlap=0.99, alpha_review=0.95)).verdict.sentence
    assert sentence.partition(": ")[2] in plain(app)


def test_somebody_elses_data_do_not_open(
    visit: Callable[..., AppTest], shelf: Shelf, two: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    import _ui

    shelf.keep(two[0], "secret.csv", "upload", owner="ann@example.org")
    monkeypatch.setattr(_ui, "who", lambda: "bo@example.org")
    for page in ("overview.py", "items.py", "agreement.py", "deliveries.py", "cleaning.py"):
        app = visit(page, address={"data": two[0].key})
        assert not app.exception
        assert "secret.csv" not in plain(app)
        assert "not here any more" in plain(app)
    monkeypatch.setattr(_ui, "who", lambda: "ann@example.org")
    assert "not here any more" not in plain(visit("overview.py", address={"data": two[0].key}))
    projects = Projects(shelf.folder)
    made = projects.make("p", "ann@example.org")
    projects.add(made.id, two[0].key, "may")
    projects.share(made.id, "bo@example.org")
    monkeypatch.setattr(_ui, "who", lambda: "bo@example.org")
    assert "not here any more" not in plain(visit("overview.py", address={"data": two[0].key}))
