from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.collection.store import Store


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = Store(tmp_path / "labels.sqlite")
    yield made
    made.close()
