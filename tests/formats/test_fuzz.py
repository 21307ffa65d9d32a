"""Damaged files end in annotations or in one readable error; nothing partial is shown as whole."""

from __future__ import annotations

import random

import pytest

from tests.formats.corpus import corpus
from tests.formats.mutations import formats, mutated, outcome
from workbench.formats import recognise_format
from workbench.formats.files.opening import open_bytes

FILES = corpus()


def test_every_valid_file_is_read_and_every_reader_has_one() -> None:
    used = set()
    for name, data in FILES.items():
        result = outcome(data, name)
        assert result.kind == "result", (name, result)
        used.add(recognise_format(open_bytes(data, name)[0])[0][0])
    assert set(formats()) - used == set(), "add a small file of these to tests/formats/corpus.py"


@pytest.mark.parametrize("part", range(10))
def test_mutated_files_end_in_a_result_or_in_our_own_error(part: int) -> None:
    names = sorted(FILES)
    for number in range(part * 30, part * 30 + 30):
        rng = random.Random(f"tests:{number}")
        name = names[number % len(names)]
        forced = rng.choice(formats()) if rng.random() < 0.2 else None
        result = outcome(mutated(FILES[name], name, rng), name, forced)
        assert result.kind in ("result", "error"), (number, name, forced, result)


@pytest.mark.parametrize("name", [n for n in sorted(FILES) if n.endswith((".json", ".xml", ".parquet", ".gz", ".zip"))])
def test_no_beginning_of_a_file_is_taken_for_the_whole(name: str) -> None:
    data = FILES[name].rstrip()
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        assert outcome(data[: int(len(data) * share)], name).kind == "error", share
    assert outcome(data[:-1], name).kind == "error"


@pytest.mark.parametrize("name", [n for n in sorted(FILES) if n.endswith((".jsonl", ".ndjson"))])
def test_lines_cut_anywhere_but_at_their_end_are_refused(name: str) -> None:
    data = FILES[name]
    last = data.rstrip().rfind(b"\n") + 1
    for cut in range(last + 1, len(data.rstrip()), max(1, (len(data) - last) // 12)):
        assert outcome(data[:cut], name).kind == "error", cut
