"""Findings of axe-core on the page that a tab shows."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ASKED = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@dataclass(frozen=True)
class Violation:
    """A rule that elements of the page break, and those elements."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]

    @property
    def serious(self) -> bool:
        return self.impact in ("serious", "critical")


def violations(page: Any) -> list[Violation]:
    """What axe-core finds on the page, the gravest first."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe-playwright-python is not installed (requirements-dev.txt)")
    if page.evaluate("() => !window.axe"):
        page.evaluate(Path(package.origin).with_name("axe.min.js").read_text("utf-8"))
    raw = page.evaluate("asked => window.axe.run(document, asked).then(found => found.violations)", ASKED)
    found = [
        Violation(
            each["id"],
            each["impact"] or "",
            each["help"],
            tuple(
                f"{' '.join(map(str, node['target']))} | {node['html'][:160]} | {told(node)}" for node in each["nodes"]
            ),
        )
        for each in raw
    ]
    return sorted(found, key=lambda v: ("critical", "serious", "moderate", "minor", "").index(v.impact))


def told(node: dict[str, Any]) -> str:
    """What axe-core says is wrong with an element, on one line."""
    return " ".join(str(node.get("failureSummary", "")).split())[:220]
