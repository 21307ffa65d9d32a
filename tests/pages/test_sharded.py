from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.scale import part as part_module
from workbench.scale.part import open_part, parts_of
from workbench.scale.simulated import simulate_shards

PAGES = ("overview.py", "agreement.py", "annotators.py", "cleaning.py", "labels.py", "costs.py", "items.py")


def test_a_sharded_set_in_the_pages(
    tmp_path: Path, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_module, "ROWS", 900)
    monkeypatch.setattr(parts_of, "__defaults__", (900,))
    made = simulate_shards(tmp_path / "set", 2_400, buckets=3, annotators=10, seed=4)
    part = open_part(made, rows=900)
    for page in PAGES:
        app = visit(page, part, "big")
        assert not app.exception, page
        assert "part 1 of 3, 800 of 2,400 judgements" in said(app), page
        counts_all = page in ("overview.py", "agreement.py")
        assert ("Counted here: all 2,400 judgements" in said(app)) == counts_all, page
        if counts_all:
            assert said(app).count("2,400") > 2, page
    other = app.sidebar.selectbox[0].select(1).run()
    assert not other.exception
    assert "part 2 of 3" in said(other)
