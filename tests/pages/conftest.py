"""Pages run in process, each test with a shelf of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test

from workbench.dataset.annotation_set import AnnotationSet
from workbench.workspace.dataset_store import Shelf

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [p for p in (str(ROOT), str(ROOT / "pages")) if p not in sys.path]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty shelf, used by the pages too."""
    monkeypatch.setenv("WORKBENCH_UPLOADS", str(tmp_path / "uploads"))
    return Shelf(tmp_path / "uploads")


@pytest.fixture(scope="session")
def written() -> Iterator[Shelf]:
    """What was kept for an earlier test, to be copied and not written anew."""
    with TemporaryDirectory() as folder:
        yield Shelf(Path(folder))


@pytest.fixture(scope="session")
def frame() -> Iterator[dict[str, dict[str, Any]]]:
    """The pages that the frame registers, by their hash. Each `AppTest` is a server of its own to Streamlit: what a
    server does once when it starts (read what every installed package says of itself, compile the scripts) is done once
    for all of them."""
    with pytest.MonkeyPatch.context() as once, TemporaryDirectory() as folder:
        once.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        scripts = ScriptCache()
        once.setattr(app_test, "ScriptCache", lambda: scripts)
        with pytest.MonkeyPatch.context() as here:
            here.setenv("WORKBENCH_UPLOADS", folder)
            app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=60).run()
        yield app._registered_pages


@pytest.fixture
def visit(shelf: Shelf, written: Shelf, frame: dict[str, dict[str, Any]]) -> Callable[..., AppTest]:
    """Opens a page on a data set, as a link does: `visit("items.py", data, address={"item": "x"})`."""

    def go(
        page: str = "start.py",
        data: AnnotationSet | None = None,
        name: str = "test.csv",
        address: dict[str, str] | None = None,
    ) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=60)
        query = dict(address or {})
        if data is not None:
            written.keep(data, name, "upload")
            if written.path(data.key).exists() and not shelf.path(data.key).exists():
                shutil.copytree(written.path(data.key), shelf.path(data.key))
            shelf.keep(data, name, "upload")
            query = {"data": data.key, **query}
        for key, value in query.items():
            app.query_params[key] = value
        app._registered_pages = frame
        return app.switch_page(page).run()

    return go


def said(app: AppTest) -> str:
    """Everything a page says, in one string."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "error",
        "warning",
        "info",
        "success",
        "html",
    )
    return "\n".join(
        str(getattr(element, "value", "") or getattr(element.proto, "body", ""))
        for kind in kinds
        for element in app.get(kind)
    )
