"""The page Deliveries: says what the library finds, keeps projects, notes and decisions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.delivery_year import year
from tests.pages.conftest import said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.deliveries import Delivery, compare_deliveries
from workbench.simulation.simulate import simulate
from workbench.wording.deliveries import comparison_sentence
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.projects import Projects


@pytest.fixture(scope="module")
def two() -> tuple[AnnotationSet, AnnotationSet]:
    return tuple(simulate(900, annotators=10, spammers=n, seed=s, texts=False).data for s, n in ((1, 0), (2, 5)))  # type: ignore[return-value]


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_alone_a_delivery_asks_for_the_one_before(visit: Callable[..., AppTest], two: tuple) -> None:
    assert "There is nothing to compare with yet" in plain(visit("deliveries.py", two[0]))


def test_two_of_the_shelf_are_compared(visit: Callable[..., AppTest], shelf: Shelf, two: tuple) -> None:
    shelf.keep(two[0], "may.csv", "upload")
    app = visit("deliveries.py", two[1], name="june.csv")
    assert not app.exception
    found = compare_deliveries(Delivery(two[0], "x"), Delivery(two[1], "y"), new_crew=False)
    assert found.worse
    tail = comparison_sentence(found).partition("got worse in")[2]
    assert tail in plain(app)


def test_a_project_keeps_what_is_noted_and_charts_its_deliveries(visit: Callable[..., AppTest], shelf: Shelf) -> None:
    _, deliveries = year(2, "new people")
    projects = Projects(shelf.folder)
    made = projects.make("Helpfulness")
    for place, delivery in enumerate(deliveries[:8]):
        shelf.keep(delivery.data, f"week {place}", "upload")
        projects.add(made.id, delivery.data.key, f"week {place}", day=f"2026-02-{place + 1:02d}")
    app = visit("deliveries.py", deliveries[7].data, name="week 7")
    app.selectbox(key="dlv_project").set_value("Helpfulness").run()
    assert not app.exception
    assert "false alarms a year" in plain(app)
    area = app.text_area[0]
    area.set_value("set aside new-1")
    next(b for b in app.button if b.label == "Add it").click().run()
    assert not app.exception
    assert [e.what for e in projects.trail(made.id)] == ["set aside new-1"]


def test_cycles_ask_for_files_and_say_mode_collapse(visit: Callable[..., AppTest], two: tuple) -> None:
    assert "Give two cycles or more" in plain(visit("deliveries.py", two[0]))

    def page() -> None:
        import _cycles
        import numpy as np

        from benchmarks.cycles import loop
        from workbench.cycles import follow_cycles

        _cycles.draw(follow_cycles(loop("collapse within", np.random.default_rng(3))))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert "cycle 3 changed" not in plain(app)
    assert "cycle 3: mode collapse" in plain(app)
    assert [e.label for e in app.expander] == ["cycle 3 to cycle 4", "cycle 2 to cycle 3", "cycle 1 to cycle 2"]
