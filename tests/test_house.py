"""The plan of the house, enforced: which room may import which, and what stays outside."""

from __future__ import annotations

import ast
import functools
import operator
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "workbench"

# One order of all packages: a module imports from its own package and from those above it, and from no other.
ORDER = [
    *(
        "messages",
        "errors",
        "drafts",
        "hashing",
        "progress",
        "parallel",
        "checkpoints",
        "version",
        "locations",
        "extras",
        "plugins",
        "statistics",
        "findings",
        "estimates",
    ),
    *("runs", "dataset", "formats", "simulation"),
    *("agreement", "reversals", "aggregation", "annotators"),
    *("auditing", "scale", "__init__", "cleaning"),
    *("reward", "selection", "judging"),
    *("collection", "routing", "economics", "policy"),
    *("workspace", "studies", "actions", "deliveries", "cycles"),
    *("glossary", "wording", "figures", "report"),
    *("cli", "__main__"),
]
PLACE = {name: place for place, name in enumerate(ORDER)}


def modules() -> list[Path]:
    return sorted(LIBRARY.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """Dotted names of all modules a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path.relative_to(ROOT)} uses a relative import")
    return frozenset(names)


def imports() -> dict[str, set[str]]:
    """Module -> the modules of the library that it imports, also inside functions and for types alone."""
    paths = {dotted(path): path for path in modules()}
    found: dict[str, set[str]] = {}
    for module, path in paths.items():
        named = {name for name in imported(path) if name.split(".")[0] == "workbench"}
        found[module] = {name if name in paths else name.rpartition(".")[0] for name in named} - {module}
    # `from package import module` names the package too; it is the module that is meant.
    return {
        module: {name for name in names if not any(other.startswith(f"{name}.") for other in names)}
        for module, names in found.items()
    }


def dotted(path: Path) -> str:
    """Name of a module, that of a package for its `__init__`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package(module: str) -> str:
    """The package of a module right under `workbench`."""
    return (module.split(".") + ["__init__"])[1]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Some names that lead back to themselves, in order; empty where there are none.

    >>> circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    ['b', 'c', 'b']
    """
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        found = next((c for n in sorted(graph.get(name, ())) if (c := walk(n, [*way, name]))), [])
        done.add(name)
        return found

    return next((c for name in sorted(graph) if (c := walk(name, []))), [])


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(LIBRARY)))
def test_imports_go_one_way(path: Path) -> None:
    here = room(path)
    assert here in PLACE, f"{here} has no place in the order of the packages"
    for name in imported(path):
        parts = name.split(".")
        assert parts != ["workbench"] or here == "__init__", "the library does not import its own front door"
        if parts[0] == "workbench" and parts[1:2] and parts[1] in PLACE:
            assert PLACE[parts[1]] <= PLACE[here], f"{here} imports {parts[1]}, which comes after it"


def test_no_package_and_no_module_leads_back_to_itself() -> None:
    found = imports()
    assert circle(found) == []
    packages: dict[str, set[str]] = {}
    for module, names in found.items():
        packages.setdefault(package(module), set()).update(package(name) for name in names)
    assert circle({name: others - {name} for name, others in packages.items()}) == []


@pytest.mark.parametrize(
    "arrows",
    [
        {"reversals": {"agreement"}, "agreement": {"annotators"}, "annotators": {"reversals"}},
        {"report.page": {"report.contents"}, "report.contents": {"report.page"}},
    ],
)
def test_a_circle_is_seen(arrows: dict[str, set[str]]) -> None:
    assert len(circle(arrows)) == len(arrows) + 1


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(LIBRARY)))
def test_what_stays_outside_the_library(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in tops
    assert "krippendorff" not in tops
    if room(path) not in ("reward", "policy"):
        assert "torch" not in tops


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_pages_do_no_arithmetic_with_numpy_or_scipy(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & {"numpy", "scipy", "statsmodels", "sklearn", "torch", "krippendorff"}
    if path.name != "_ui.py":
        assert "st.cache_" not in path.read_text("utf-8"), "caches live in _ui.py"


WITHOUT_EXTRAS = """
import sys
from workbench.extras import EXTRAS

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

absent = {module for modules in EXTRAS.values() for module in modules} | {"statsmodels", "krippendorff", "sqlalchemy"}
sys.meta_path.insert(0, Absent())
from workbench.cli import main
export, out = sys.argv[1:]
for command in (
    ["simulate", "--annotations", "1000", "--out", f"{out}/simulated"],
    ["audit", export],
    ["check", export, "--min-alpha-lower", "-1"],
    ["aggregate", export, "--out", f"{out}/labels.csv"],
    ["convert", export, "--to", "trl", "--out", f"{out}/train.jsonl"],
    ["costs", "--preset", "hybrid"],
    ["plan", "--budget", "20000", "--accuracy", "0.9"],
    ["report", export, "--no-close-look", "--out", f"{out}/report.html"],
):
    assert main(command) == 0, command
"""


def test_the_base_needs_no_extra(tmp_path: Path) -> None:
    rows = [f"q{i % 20},w{i // 20},{'A' if i % 3 else 'B'},left {i % 20},right {i % 20}" for i in range(80)]
    export = tmp_path / "votes.csv"
    export.write_text("\n".join(["item,annotator,label,response_a,response_b", *rows]), "utf-8")
    command = [sys.executable, "-c", WITHOUT_EXTRAS, str(export), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_library_does_not_load_the_heavy_ones() -> None:
    heavy = ("torch", "streamlit", "sklearn", "statsmodels", "plotly", "numba", "scipy", "pandas", "numpy")
    code = f"import workbench, sys; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


@pytest.mark.parametrize("folder", ["workbench", "pages"])
def test_per_cent_is_written_in_one_way(folder: str) -> None:
    """`63%`, as the axes of charts and the command line have it."""
    apart = re.compile(r"[0-9}] %(?![{(\w])")
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not apart.search(node.value), f"{path.relative_to(ROOT)}:{node.lineno}"
            if isinstance(node, ast.JoinedStr):
                for before, after in pairwise(node.values):
                    shown = isinstance(before, ast.FormattedValue) and isinstance(after, ast.Constant)
                    assert not (shown and re.match(r" %(?![{(\w])", str(after.value))), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("folder", ["workbench", "pages"])
def test_no_conditional_expression_holds_another(folder: str) -> None:
    """`a if x else b if y else c` is read more easily as two returns, or as a table."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.IfExp):
                held = any(isinstance(part, ast.IfExp) for part in (node.body, node.orelse))
                assert not held, f"{path.relative_to(ROOT)}:{node.lineno}"


OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(LIBRARY)))
def test_the_library_speaks_no_command_line(path: Path) -> None:
    """Remedies name choices (`workbench.messages`); options belong to the command line. Docstrings may name them."""
    if room(path) == "cli" or path.parts[-2:] in (("report", "style.py"), ("glossary", "audit_fields.py")):
        return
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    for node in ast.walk(tree):
        said = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if said and (found := OPTION.search(node.value)):
            # What another program is called with is no word to our reader; what a launcher starts has options itself.
            own = (("collection", "task_files.py"), ("reward", "launched.py"))
            assert path.parts[-2:] in own, f"{found.group()} in line {node.lineno}"


def test_what_is_installed_has_a_tested_version() -> None:
    def names(text: str) -> set[str]:
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return {re.split(r"[\[<>=]", line)[0].lower().replace("_", "-") for line in lines if line and line[0] != "-"}

    wanted = names((ROOT / "requirements.txt").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = names(
        "\n".join(
            [*project["dependencies"], *functools.reduce(operator.iadd, project["optional-dependencies"].values(), [])]
        )
    )
    assert wanted - names((ROOT / "constraints.txt").read_text("utf-8")) == set()
    assert declared - wanted - {"preference-workbench", "starlette", "uvicorn"} == set(), "not in requirements.txt"


IN_MOTION = {"glossary", "judging", "routing", "collection", "policy", "scale", "deliveries", "workspace"}
"""Packages whose results still become keyword-only."""


def test_results_of_many_fields_are_built_by_keyword() -> None:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ClassDef) or room(path) in IN_MOTION:
                continue
            made = [ast.unparse(d) for d in node.decorator_list if ast.unparse(d).startswith("dataclass")]
            fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
            if made and len(fields) > 6:
                assert "kw_only=True" in made[0], f"{path.relative_to(ROOT)}: {node.name} has {len(fields)} fields"
