"""Compiled functions that numba keeps on disk take every value as an argument.

A closure is kept once for each value it closes over, under names that two processes may give alike; the second one
loaded into a process then finds the surroundings of the first, and the program is broken until the cache is deleted.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def kept_closures(source: str) -> list[str]:
    """Names of functions inside other functions that are compiled and kept: what may close over a value."""
    found = []
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for inner in ast.walk(outer):
            if inner is outer:
                continue
            if isinstance(inner, ast.FunctionDef) and any(_keeps(mark) for mark in inner.decorator_list):
                found.append(inner.name)
            elif isinstance(inner, ast.Call) and _keeps(inner.func) and inner.args:
                found.append(ast.unparse(inner.args[0]))
    return found


def _keeps(mark: ast.expr) -> bool:
    """Whether this is a call of numba's compiler that keeps its result."""
    if not isinstance(mark, ast.Call):
        return False
    name = ast.unparse(mark.func).rsplit(".", 1)[-1]
    cached = any(word.arg == "cache" and not _false(word.value) for word in mark.keywords)
    return name in {"jit", "njit", "generated_jit", "vectorize", "guvectorize", "stencil"} and cached


def _false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize("folder", ["workbench", "pages", "benchmarks"])
def test_no_kept_function_is_a_closure(folder: str) -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (names := kept_closures(path.read_text("utf-8")))
    }
    assert not found, f"pass values as arguments: {found}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(k):\n    @njit(cache=True)\n    def g(x):\n        return x + k\n    return g", ["g"]),
        ("def f(k):\n    return numba.njit(cache=True)(lambda x: x + k)", ["lambda x: x + k"]),
        ("def f(k):\n    @njit\n    def g(x):\n        return x + k\n    return g", []),
        ("@njit(cache=True, nogil=True)\ndef g(x):\n    return x", []),
    ],
)
def test_the_walk_sees_closures(source: str, found: list[str]) -> None:
    assert kept_closures(source) == found


def test_scales_of_any_size_share_one_cache(tmp_path: Path) -> None:
    """Compiled in processes of their own, then loaded together in the order that used to break."""
    code = (
        "import sys, numpy as np; from workbench.aggregation.contract import choose;"
        "from workbench.dataset.scales import categories;"
        "[choose(np.full((2, k), 1 / k), categories(range(k))) for k in map(int, sys.argv[1:])]"
    )
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for sizes in (["1"], ["5"], ["5", "1"], ["1", "5"]):
        subprocess.run([sys.executable, "-c", code, *sizes], cwd=ROOT, env=env, check=True, capture_output=True)
