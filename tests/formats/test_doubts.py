"""What is in doubt about the columns of a table: asked about, with the mapping for each reading, and settled by it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from tests.formats.layouts.scoring import written
from tests.formats.layouts.world import LAYOUTS
from workbench.errors import WorkbenchError
from workbench.messages import Choices

DOUBTFUL = [name for name in LAYOUTS if name.startswith("doubtful-")]


def question(paths: list[Path], mapping: dict[str, str] | None = None) -> WorkbenchError | None:
    """The question that opening the files ends in, None where they are read."""
    try:
        workbench.load(paths, mapping=mapping)
    except WorkbenchError as error:
        return error
    return None


def readings(error: WorkbenchError) -> list[dict[str, str]]:
    """The mappings a question names, one for each reading."""
    pieces = [piece for told in error.told for piece in told.pieces if isinstance(piece, Choices) and piece.how == "by"]
    found = [{c.field: str(c.value) for c in piece.choices if c.name == "mapping"} for piece in pieces]
    return [mapping for mapping in found if mapping and "COLUMN" not in mapping.values()]


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_a_question_says_to_type_settles_it(name: str, tmp_path: Path) -> None:
    paths = written(LAYOUTS[name](), tmp_path)
    asked = question(paths)
    for mapping in readings(asked) if asked else []:
        again = question(paths, mapping)
        assert again is None or str(again) != str(asked), mapping


def test_naming_one_field_settles_only_what_is_about_it(tmp_path: Path) -> None:
    """Here both the person and the label are in doubt."""
    rows = "".join(f"{i},{'Yes' if i % 3 else 'No'},{'No' if i % 4 else 'Yes'},src{i % 2}\n" for i in range(12))
    (tmp_path / "t.csv").write_text(f"figure_id,labels are there,labels are right,rating_source\n{rows}")
    whole = {"annotator": "rating_source", "item": "figure_id"}
    asked = question([tmp_path / "t.csv"], {"annotator": "rating_source"})
    assert asked is not None
    assert "answer in the same words" in str(asked)
    assert question([tmp_path / "t.csv"], {**whole, "label": "labels are right"}) is None


def test_a_prompt_s_source_is_no_person(tmp_path: Path) -> None:
    rows = "".join(f"p{i},left {i} it is,right {i} it is,{'AB'[i % 2]},{'xy'[i % 2]}\n" for i in range(8))
    (tmp_path / "t.csv").write_text(f"prompt_id,response_a,response_b,choice,prompt_source\n{rows}")
    assert len(workbench.load(tmp_path / "t.csv").annotators) == 1


def test_things_judged_by_several_sessions_are_found_beside_a_row_id(tmp_path: Path) -> None:
    rows = "".join(f"u{s}{a},{a},s{s},{(a * s) % 2}\n" for s in range(1, 5) for a in range(6))
    (tmp_path / "t.csv").write_text(f"uid,applicant_id,session_id,hired\n{rows}")
    data = workbench.load(tmp_path / "t.csv")
    assert (len(data.items), len(data.annotators), len(data.annotations)) == (6, 4, 24)


def test_the_command_line_stops_with_the_option_to_type(tmp_path: Path) -> None:
    paths = written(LAYOUTS["doubtful-note-called-as-the-evaluator"](), tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "workbench", "audit", str(paths[0])], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "--map annotator=" in ran.stderr
    assert "Traceback" not in ran.stderr
