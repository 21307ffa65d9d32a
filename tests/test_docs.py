"""The documentation says what the code does: no measure, format, option or link without its place."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
from pathlib import Path

import pytest
import yaml

from workbench.cli import build_parser, main
from workbench.formats import READERS
from workbench.formats.tables.mapping_fields import FIELDS
from workbench.formats.writers.writing import WRITERS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_measures_page_is_the_glossary() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "make_measures.py"))["page"]()
    assert (ROOT / "docs" / "measures.md").read_text("utf-8") == page, "run python docs/make_measures.py"


@pytest.mark.parametrize("name", [*READERS, *WRITERS] + [*FIELDS])
def test_formats_page_names_every_format_and_field(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "formats.md").read_text("utf-8")


def test_readme_shows_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    actions = next(a for a in build_parser()._actions if a.dest == "run" or getattr(a, "choices", None))
    for command in actions.choices or ():
        assert f"python -m workbench {command} " in readme


def test_every_variable_of_the_environment_is_documented() -> None:
    used = {
        name
        for path in (*ROOT.glob("workbench/**/*.py"), *ROOT.glob("pages/*.py"))
        for name in re.findall(r"WORKBENCH_[A-Z_]+", path.read_text("utf-8"))
    }
    documented = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert {name for name in used if name not in documented} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_pictures_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def workflow() -> dict:
    return yaml.safe_load((ROOT / "docs" / "examples" / "check-labels.yml").read_text("utf-8"))


def commands_in(text: str) -> list[str]:
    """Command lines of the workbench in a document, those of a code block over several lines joined."""
    joined = text.replace("\\\n", " ")
    return [
        line.split("#")[0].split("||")[0].split(" > ")[0].strip()
        for line in joined.splitlines()
        if line.strip().startswith("python -m workbench ")
    ]


def test_the_example_workflow_is_one() -> None:
    made = workflow()
    assert made[True] or made["on"]  # YAML 1.1 reads the key `on` as true
    steps = made["jobs"]["check"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    check = [step for step in steps if "run" in step][-1]
    assert check["name"] == "Check", "the exit code of the check is that of the last command"
    assert not any("continue-on-error" in step for step in steps), "a step that fails, fails the job"


PIPELINES = [
    step["run"] for step in workflow()["jobs"]["check"]["steps"] if "python -m workbench" in step.get("run", "")
] + [
    line
    for page in PAGES
    for line in commands_in(page.read_text("utf-8"))
    if "COMMAND" not in line and "--help" not in line
]


@pytest.mark.parametrize("line", PIPELINES)
def test_command_lines_in_the_docs_are_understood(line: str) -> None:
    options = build_parser().parse_args(shlex.split(line)[3:])
    assert callable(options.run)


def test_exit_codes_are_as_documented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = str(next((ROOT / "data" / "demo").glob("label_studio_export.json*")))
    assert main(["check", export, "--min-alpha-lower", "0.1"]) == 0
    assert main(["check", export, "--min-alpha-lower", "0.9"]) == 1
    assert main(["check", str(tmp_path / "nothing.json")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def navigation() -> dict[str, str]:
    """Title of each page of the navigation -> its address."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "pages" / "_frame.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Page"
    ]
    named = [{k.arg: ast.literal_eval(k.value) for k in call.keywords} for call in calls]
    return {page["title"]: page.get("url_path", page["title"].lower()) for page in named}


@pytest.mark.parametrize(("title", "address"), navigation().items(), ids=lambda value: value)
def test_every_page_is_described_with_a_picture(title: str, address: str) -> None:
    described = (ROOT / "docs" / "pages.md").read_text("utf-8")
    section = re.search(
        rf"^## {re.escape(title)}\n\n!\[{re.escape(title)}\]\(images/([\w-]+\.png)\)\n\n(.+?)(?=\n## |\Z)",
        described,
        re.MULTILINE | re.DOTALL,
    )
    assert section, f"docs/pages.md says nothing about {title}"
    assert section[1] == f"{address}-light.png"
    assert len(section[2]) > 100
    assert 5_000 < (ROOT / "docs" / "images" / section[1]).stat().st_size < 150_000


def test_no_page_is_described_that_is_not_there() -> None:
    assert re.findall(r"^## (.+)$", (ROOT / "docs" / "pages.md").read_text("utf-8"), re.MULTILINE) == list(navigation())
