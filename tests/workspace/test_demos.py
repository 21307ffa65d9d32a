"""Every demo opens, is the same each time, and its lines of Python give the same data."""

from __future__ import annotations

import pytest

from workbench.errors import WorkbenchError
from workbench.workspace.demos import DEMOS, Demo, demo


@pytest.mark.parametrize("each", [d for d in DEMOS if d.name != "large"], ids=lambda d: d.name)
def test_a_demo_is_the_same_each_time(each: Demo) -> None:
    names: dict[str, object] = {}
    exec(each.to_python(), names)
    data = names["data"]
    assert data.key == demo(each.name).key  # type: ignore[attr-defined]
    assert len(data.items) > 100  # type: ignore[attr-defined]


def test_there_is_no_other_demo() -> None:
    with pytest.raises(WorkbenchError, match="Demos are demo, clean"):
        demo("other")
