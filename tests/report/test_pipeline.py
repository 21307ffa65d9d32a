"""The example for GitHub Actions: whatever is kept has been written before, and is kept where the check fails, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "check-labels.yml"


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(EXAMPLE.read_text("utf-8"))["jobs"]["check"]["steps"]
    return found


def test_the_upload_comes_last_and_always(steps: list[dict[str, Any]]) -> None:
    uploads = [i for i, step in enumerate(steps) if str(step.get("uses", "")).startswith("actions/upload-artifact")]
    assert uploads == [len(steps) - 1]
    assert steps[-1]["if"] == "always()"


def test_what_is_kept_is_what_earlier_steps_write(steps: list[dict[str, Any]]) -> None:
    written = {
        Path(name).name for step in steps[:-1] for name in re.findall(r"--(?:json-)?out (\S+)", step.get("run", ""))
    }
    assert set(steps[-1]["with"]["path"].split()) == written == {"report.html", "report.json", "check.json"}
