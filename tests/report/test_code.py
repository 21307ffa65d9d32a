"""The code below a section gives the very numbers above it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import workbench
from tests.report.made import audited, demo_report
from workbench.report import Section


@pytest.fixture(autouse=True)
def audited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of each section audits the data; that the same data give the same audit is tested elsewhere."""
    real = workbench.audit
    held = {audited().data.key: audited()}
    monkeypatch.setattr(
        workbench,
        "audit",
        lambda data, **given: held[data.key] if not given and data.key in held else real(data, **given),
    )


SECTIONS = (
    "verdict",
    "next",
    "data",
    "agreement",
    "annotators",
    "reversals",
    "labels",
    "cleaning",
    "contested",
)


@pytest.fixture
def section(request: pytest.FixtureRequest) -> Section:
    return demo_report(texts=True).section(request.param)


def test_these_are_all_sections_that_the_demo_has() -> None:
    assert tuple(s.name for s in demo_report(texts=True).sections if not s.absent) == SECTIONS


def run(section: Section) -> dict[str, object]:
    """Everything a reader who pastes the section's code gets."""
    names: dict[str, object] = {}
    exec(compile(section.python(demo_report().about.load), section.name, "exec"), names)
    return names


@pytest.mark.parametrize("section", SECTIONS, indirect=True)
def test_each_figure_and_table_comes_out_of_its_code(section: Section) -> None:
    names = run(section)
    assert section.figures or section.tables
    for figure in section.figures:
        found = eval(figure.python, names)
        if isinstance(figure.value, float):
            assert found == pytest.approx(figure.value, rel=1e-12), figure.name
        else:
            assert found == figure.value, figure.name
    for table in section.tables:
        found = eval(table.python, names)
        if isinstance(found, pd.DataFrame):
            assert len(found) == len(table.frame), table.name


@pytest.mark.parametrize("section", SECTIONS, indirect=True)
def test_the_code_says_what_it_gives(section: Section) -> None:
    code = section.python(demo_report().about.load)
    lines = code.splitlines()
    assert lines[0] == "import workbench"
    for figure in section.figures:
        line = next(line for line in lines if line.startswith(f"{figure.python}  # "))
        assert line.endswith(figure.written if figure.value is not None else f"undefined: {figure.reason}")
    imports = [i for i, line in enumerate(lines) if line.startswith(("import ", "from "))]
    assert imports == list(range(len(imports)))


def test_the_annotators_of_the_code_stand_in_the_order_of_the_table() -> None:
    section = demo_report(shown=True).section("annotators")
    table = next(t for t in section.tables if t.name == "annotators")
    names = run(section)
    found = eval(table.python, names)
    assert found["annotator"].tolist() == table.frame["annotator"].tolist()
    for column in ("reliability", "gold_direction_accuracy", "agreement_with_others"):
        assert found[column].tolist() == pytest.approx(table.frame[column].tolist(), nan_ok=True)


def test_every_figure_has_a_count_or_is_one_and_undefined_ones_have_a_reason() -> None:
    for section in demo_report().sections:
        for figure in section.figures:
            assert figure.python
            assert (figure.value is None) == (figure.reason is not None), figure.name
            assert figure.n is not None or figure.unit == "count" or figure.value is None, figure.name
            for span in figure.spans:
                assert span.low <= span.high
                assert math.isfinite(span.low + span.high)
