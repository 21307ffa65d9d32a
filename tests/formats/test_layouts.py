"""The corpus of layouts: what is read without a question is read right."""

from __future__ import annotations

import pytest

from tests.formats.layouts.scoring import score
from tests.formats.layouts.world import LAYOUTS


def test_the_corpus_is_large() -> None:
    assert len(LAYOUTS) >= 120


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_table_is_read_wrong_in_silence(name: str) -> None:
    outcome = score(name)
    assert outcome.result != "wrong", outcome.why
