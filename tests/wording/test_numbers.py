"""One way of writing numbers. Pages are held to it in tests/pages, terminal and report in tests/actions."""

from __future__ import annotations

import re

from workbench.glossary import GLOSSARY

_BARE_POINT = re.compile(r".{0,30}(?<![\w.:)\]}/-])[−+-]?\.\d+(?![\w.]).{0,10}")
"""`.52` with what stands around it; versions, file names and attributes of classes are none."""
_STYLED = re.compile(r"<style.*?</style>|<svg.*?</svg>|<script.*?</script>|style=\"[^\"]*\"", re.DOTALL)
"""What of a page no reader reads as words."""


def bare_points(said: str) -> list[str]:
    """Numbers without a zero before their point, in what a page, a report or a terminal says."""
    return _BARE_POINT.findall(_STYLED.sub("", said).replace("\\", ""))


def test_a_bare_point_is_seen() -> None:
    assert bare_points("alpha is .52 here")
    assert bare_points("(+.03 to −.01)")
    assert not bare_points("alpha is 0.52; version 1.2.3; data.csv; −0.05; see a.5; 24\\.1")


def test_the_help_writes_a_zero_before_the_point() -> None:
    for measure in GLOSSARY.values():
        said = re.sub(r"\$[^$]*\$", "", str(measure))
        assert not bare_points(said), measure
