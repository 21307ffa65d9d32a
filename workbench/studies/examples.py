"""What a study's answer looks like: one of each on the committed demo, made by docs/make_study_examples.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.locations import demo_folder


@dataclass(frozen=True)
class Example:
    """A study that ran on the demo.

    Attributes
    ----------
    result : as a run of the study leaves it.
    settings : of the study.
    encoder : that described the texts.
    seconds : it took, on two processors.
    """

    result: dict[str, Any]
    settings: dict[str, Any]
    encoder: str
    seconds: float


def example_file(study: str) -> Path:
    """Where the example of a study lies, or would lie."""
    return demo_folder() / "studies" / f"{study}.json"


def example_of(study: str) -> Example | None:
    """The example of a study; None where there is none."""
    place = example_file(study)
    return Example(**json.loads(place.read_text("utf-8"))) if place.is_file() else None
