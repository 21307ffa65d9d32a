"""The plan of the house, enforced: which room may import which, and what stays outside."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "workbench"

# From left to right: a module imports only from its own room and from rooms to its left.
ROOMS = [
    {"errors", "hashing", "progress", "checkpoints", "statistics"},
    {"findings", "estimates"},
    {"dataset"},
    {"formats", "simulation"},
    {"agreement", "annotators", "reversals", "aggregation", "glossary"},
    {"auditing", "cleaning"},
    {"reward", "selection", "judging"},
    {"routing", "collection", "economics", "workspace"},
    {"studies"},
    {"runs"},
    {"wording"},
    {"figures"},
    {"report"},
    {"cli", "__main__", "__init__"},
]
ROOM_OF = {name: place for place, names in enumerate(ROOMS) for name in names}


def modules() -> list[Path]:
    return sorted(LIBRARY.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path.relative_to(ROOT)} uses a relative import")
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(LIBRARY)))
def test_imports_go_one_way(path: Path) -> None:
    here = room(path)
    assert here in ROOM_OF, f"{here} has no place in the plan of the house"
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "workbench" and len(parts) > 1 and parts[1] in ROOM_OF and parts[1] != here:
            assert ROOM_OF[parts[1]] <= ROOM_OF[here], f"{here} imports {parts[1]}, which lies to its right"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(LIBRARY)))
def test_what_stays_outside_the_library(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in tops
    assert "krippendorff" not in tops
    if room(path) != "reward":
        assert "torch" not in tops


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_pages_do_no_arithmetic_with_numpy_or_scipy(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & {"numpy", "scipy", "statsmodels", "sklearn", "torch", "krippendorff"}
    if path.name != "_ui.py":
        assert "st.cache_" not in path.read_text("utf-8"), "caches live in _ui.py"


def test_importing_the_library_does_not_load_the_heavy_ones() -> None:
    import subprocess
    import sys

    code = (
        "import workbench, sys; print([m for m in ('torch', 'streamlit', 'sklearn', 'statsmodels', 'plotly', 'numba')"
        " if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
