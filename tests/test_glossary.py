"""Every measure that is computed is explained."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.hostile_data import small_sets
from tests.report.made import demo_report
from workbench.agreement import COEFFICIENTS
from workbench.agreement.contested import RANKINGS
from workbench.auditing.audit import audit
from workbench.glossary import GLOSSARY, Measure
from workbench.glossary.audit_fields import MEASURED, PLAIN, fields_of
from workbench.workspace.demos import demo


@pytest.mark.parametrize(
    "name", [*COEFFICIENTS, *(r for r in RANKINGS if r != "labels"), "cohen_kappa", "same_crew", "new_crew"]
)
def test_every_measure_has_an_entry(name: str) -> None:
    assert name in GLOSSARY


@pytest.mark.parametrize("entry", GLOSSARY.values(), ids=list(GLOSSARY))
def test_an_entry_says_everything_a_reader_needs(entry: Measure) -> None:
    for part in (entry.title, entry.question, entry.range, entry.reading, entry.beware, entry.source):
        assert len(part) > 3
    assert entry.question.endswith(("?", "."))
    for opening, closing in ("{}", "()"):
        assert entry.formula.count(opening) == entry.formula.count(closing)
    assert "$" not in entry.formula
    assert entry.title in entry.to_markdown()


def test_every_field_of_the_audit_is_explained() -> None:
    sets = {**small_sets(), "demo": demo("demo")}
    found = {path for data in sets.values() for path in fields_of(audit(data).to_dict())}
    assert {
        path
        for path in found
        if path not in MEASURED and path not in PLAIN and not any(known.startswith(f"{path}[].") for known in PLAIN)
    } == set()
    assert set(MEASURED.values()) <= set(GLOSSARY)


def asked_for(path: Path) -> set[str]:
    """Entries that a page asks the glossary for by a plain name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [
        c for c in calls if (getattr(c.func, "attr", None) or getattr(c.func, "id", None)) == "measure_help" and c.args
    ]
    return {c.args[0].value for c in named if isinstance(c.args[0], ast.Constant)}


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).resolve().parents[1] / "pages").glob("*.py")), ids=lambda p: p.stem
)
def test_every_measure_of_a_page_has_an_entry(path: Path) -> None:
    assert {name for name in asked_for(path) if name not in GLOSSARY} == set()


def test_every_measure_of_the_report_has_an_entry() -> None:
    asked = {f.measure for section in demo_report().sections for f in section.figures if f.measure}
    assert len(asked) > 20
    assert asked <= set(GLOSSARY)
