"""The worked pages of CONTRIBUTING do what they say: their packages, written out as they stand, appear on the command
line and on the pages and pass the contract tests, and nothing in the library is changed for them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said, shelf, visit  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "extending").glob("*.md"))
_BLOCK = re.compile(r'^( *)```\w+ title="([^"]+)"\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)


def files_of(page: str) -> dict[str, str]:
    """Path -> content of the files a worked page shows."""
    text = (ROOT / "docs" / "extending" / f"{page}.md").read_text("utf-8")
    return {path: re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, path, body in _BLOCK.findall(text)}


def installed(page: str, place: Path) -> None:
    """Puts the package of a page where Python finds it, as an installation would, without asking a registry."""
    files = files_of(page)
    project = next(tomllib.loads(text)["project"] for path, text in files.items() if path.endswith("pyproject.toml"))
    for path, text in files.items():
        if path.endswith(".py"):
            (place / Path(path).name).write_text(text, "utf-8")
    about = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    entries = [
        f"[{group}]\n" + "".join(f"{name} = {where}\n" for name, where in named.items())
        for group, named in project["entry-points"].items()
    ]
    (about / "entry_points.txt").write_text("\n".join(entries), "utf-8")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the path with the three packages, an export in the invented format, and nothing else."""
    place = tmp_path_factory.mktemp("newcomer")
    for page in ("reader", "method", "strategy"):
        installed(page, place)
    rows = [
        {"question": f"Question {i}?", "left": f"Yes {i}.", "right": f"No {i}.", "verdict": verdict, "nest": who}
        for i in range(12)
        for who, verdict in (("n1", "L"), ("n2", "LR"[i % 2]), ("n3", "even" if i == 3 else "L"))
    ]
    (place / "birds.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return place


def run(place: Path, *command: str) -> str:
    """What a process says that has these packages; it must end well."""
    path = os.pathsep.join([str(place), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_worked_page_is_short_and_linked(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) < 60
    assert f"docs/extending/{page.name}" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_the_new_parts_stand_on_the_command_line(newcomer: Path) -> None:
    birds, labels = str(newcomer / "birds.jsonl"), str(newcomer / "labels.csv")
    found = json.loads(run(newcomer, "-m", "workbench", "audit", birds, "--json"))
    assert found["format"] == "starling"
    assert found["counts"]["annotations"] == 36
    aggregate = ["aggregate", birds, "--method", "smoothed", "--out", labels]
    select = ["select", birds, "--again", "--budget", "3", "--strategy", "contrast", "--encoder", "hashed"]
    both = f"import sys; from workbench.cli import main; sys.exit(main({aggregate}) or main({[*select, '--json']}))"
    said = run(newcomer, "-c", both)
    assert "A" in Path(labels).read_text("utf-8")
    assert json.loads(said[said.index("{") :])["strategy"] == "contrast"


ON_THE_PAGES = """
import os, sys, tempfile
from pathlib import Path
os.environ["WORKBENCH_UPLOADS"] = tempfile.mkdtemp()
sys.path[:0] = [os.getcwd(), "pages"]
from streamlit.testing.v1 import AppTest
import workbench
from tests.pages.conftest import said
from workbench.workspace.dataset_store import Shelf
data = workbench.load(sys.argv[1])
Shelf(Path(os.environ["WORKBENCH_UPLOADS"])).keep(data, "birds", "upload")
app = AppTest.from_file("pages/_frame.py", default_timeout=120)
app.query_params["data"] = data.key
assert "Starling" in said(app.run())
labels = app.switch_page("labels.py").run()
assert not labels.exception
assert "Smoothed vote" in next(box for box in labels.selectbox if box.key == "lbl_method").options
studies = app.switch_page("studies.py").run()
assert not studies.exception
from workbench.selection import STRATEGIES
assert any("Contrast" in (box.options or []) for box in [*studies.multiselect, *studies.pills]), STRATEGIES
"""


def test_the_new_parts_stand_on_the_pages(newcomer: Path) -> None:
    run(newcomer, "-c", ON_THE_PAGES, str(newcomer / "birds.jsonl"))


def test_the_new_parts_keep_the_contracts(newcomer: Path) -> None:
    contracts = ("test_readers.py", "test_aggregators.py", "test_selectors.py")
    said = run(
        newcomer,
        *("-m", "pytest", "-v", "-p", "no:cacheprovider", "-n", "0", "-k", "starling or smoothed or contrast"),
        *(f"tests/contracts/{name}" for name in contracts),
    )
    assert int(re.search(r"(\d+) passed", said)[1]) > 60  # type: ignore[index]


def test_the_measure_of_its_page_passes_its_test(tmp_path: Path) -> None:
    for path, text in files_of("measure").items():
        (tmp_path / path).write_text(text, "utf-8")
    run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", str(tmp_path / "test_unanimous.py"))


def test_the_page_of_its_page_renders(tmp_path: Path, shelf: object, demo_key: str) -> None:  # noqa: F811
    (text,) = files_of("page").values()
    (tmp_path / "labels_used.py").write_text(text, "utf-8")
    app = AppTest.from_file(str(tmp_path / "labels_used.py"), default_timeout=60)
    app.session_state["data"] = demo_key
    app.run()
    assert not app.exception
    assert "5 of 5 labels in use" in said(app)
    app.slider(key="used_fewest").set_value(500).run()
    assert "1 of 5 labels in use" in said(app)


@pytest.fixture
def demo_key(shelf: object) -> str:  # noqa: F811
    """The demo on the shelf of this test."""
    from workbench.workspace.demos import demo

    return str(shelf.keep(demo("demo"), "demo", "upload").key)  # type: ignore[attr-defined]


def test_a_part_that_cannot_be_used_names_its_package(tmp_path: Path) -> None:
    (tmp_path / "broken_part.py").write_text("import a_module_that_is_not_there\n", "utf-8")
    about = tmp_path / "broken_part-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-part\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[workbench.aggregation]\nbroken = broken_part\n")
    code = "from workbench.aggregation import METHODS\ntry: list(METHODS)\nexcept Exception as error: print(error)"
    said = run(tmp_path, "-c", code)
    assert said.startswith("broken (workbench.aggregation) of broken-part cannot be used: it does not load")
    assert "uninstall it" in said
