"""Every interval that the library forms has a row with its measured coverage in benchmarks/COVERAGE.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.every_interval import PAGE, every_row
from benchmarks.interval_cells.cells import measure
from benchmarks.interval_cells.elsewhere import NO_INTERVALS

LIBRARY = Path(__file__).resolve().parents[1] / "workbench"
FORMS_BOUNDS = {
    *("Interval", "wilson", "jeffreys", "clopper_pearson", "agresti_min", "normal_quantile", "proportion_ci"),
    *("ppf", "ndtri", "stdtrit", "betaincinv", "quantile", "percentile", "expanded_percentiles"),
}
"""What a function calls that forms the bounds of an interval. Functions that call `clustered_share` and its like have
the row of these."""


def forming(path: Path) -> Iterator[str]:
    """Functions of a module that form bounds, as `module.function`."""
    module = ".".join(path.relative_to(LIBRARY).with_suffix("").parts)

    def visit(node: ast.AST, inside: tuple[str, ...]) -> Iterator[str]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inside = (*inside, node.name)
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if called in FORMS_BOUNDS:
                yield ".".join((module, *inside))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    yield from visit(ast.parse(path.read_text("utf-8")), ())


def exempt(name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in NO_INTERVALS)


def test_every_interval_has_a_row() -> None:
    listed = {name for row in every_row() for name in row.made_by}
    formed = {name for path in sorted(LIBRARY.rglob("*.py")) for name in forming(path)}
    missing = {name for name in formed - listed if not exempt(name) and not name.startswith("statistics.")}
    assert missing == set(), (
        "These form an interval that has no measured coverage: add a row to benchmarks/interval_cells, or say in"
        " NO_INTERVALS what the bounds are."
    )


def test_every_row_stands_on_the_page_with_its_coverage() -> None:
    page = PAGE.read_text("utf-8")
    for row in every_row():
        line = next((line for line in page.splitlines() if line.startswith(f"| {row.interval} |")), None)
        assert line is not None, f"run python benchmarks/every_interval.py: {row.interval} is not on the page"
        assert all(f"`{name}`" in line for name in row.made_by)
        assert re.search(r"[01]\.\d{3}", line) or row.elsewhere in line


def test_rows_name_functions_that_there_are() -> None:
    for row in every_row():
        for name in row.made_by:
            module, _, function = name.rpartition(".")
            parts = name.split(".")
            places = [LIBRARY.joinpath(*parts[:k]).with_suffix(".py") for k in range(1, len(parts))]
            place = next((p for p in places if p.is_file()), None)
            assert place is not None, f"{name}: there is no module {module}"
            assert f"def {function}(" in place.read_text("utf-8") or f"class {function}" in place.read_text("utf-8")


@pytest.mark.parametrize("row", [row for row in every_row() if row.cells], ids=lambda row: row.interval[:40])
def test_every_cell_draws_intervals(row: object) -> None:
    for name, draw in row.cells.items():  # type: ignore[attr-defined]
        found = measure(draw, 2, 3)
        assert np.isfinite(found.width), name
