"""What holds for every reader of a format, those of other packages too: a new one is bound by it as soon as it is in
READERS and has a sample, here or in the `SAMPLES` of its module (functions that make a document)."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from tests.formats.samples import SAMPLES
from workbench.dataset.annotation_set import KINDS
from workbench.dataset.assembly import Export, assemble
from workbench.errors import WorkbenchError
from workbench.formats import READERS
from workbench.formats.files.document import Document, Reader

JUNK_RECORDS = [1, None, "x", {}, {"annotations": 3}]
JUNK_VALUES = [
    None,
    3,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    [1, None],
    {"a": 1},
    [{"a": [[]]}],
    float("nan"),
    10**30,
    "\ud800",
    [[]],
    "[",
    '{"a": 1}',
    "2026-13-99",
]
MUTATIONS = 25
ALL = tuple(READERS.values())


def samples(reader: Reader) -> Sequence[Callable[[], Document]]:
    return SAMPLES.get(reader.NAME) or getattr(reader, "SAMPLES", ())


FORMS = [(reader, form) for reader in ALL for form in range(len(samples(reader)))]


def by_name(value: object) -> str:
    return getattr(value, "NAME", str(value))


def document(reader: Reader, form: int) -> Document:
    return samples(reader)[form]()


def test_names_and_titles_are_unique_and_fit_a_command_line():
    names = [reader.NAME for reader in ALL]
    assert len(set(names)) == len(names)
    assert len({reader.TITLE for reader in ALL}) == len(names)
    assert all(name == name.lower() and " " not in name and "_" not in name for name in names)


def test_every_reader_has_a_sample():
    assert [name for name, reader in READERS.items() if not samples(reader)] == []
    assert set(SAMPLES) <= set(READERS)


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_a_reader_is_the_surest_of_its_own_files(reader, form):
    scores = {each.NAME: each.recognise(document(reader, form)) for each in ALL}
    assert all(0.0 <= score <= 1.0 for score in scores.values())
    others = max(score for name, score in scores.items() if name != reader.NAME)
    assert scores[reader.NAME] > others, scores


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_an_export_keeps_its_promises(reader, form):
    export = reader.read(document(reader, form))
    assert isinstance(export, Export)
    assert export.format == reader.NAME
    assert len(export.rows) > 0
    if "item_row" in export.rows:
        assert export.rows["item_row"].between(0, len(export.items) - 1).all()
    if "annotator_kind" in export.rows:
        assert set(export.rows["annotator_kind"].dropna()) <= set(KINDS)
    if "shown_first" in export.rows:
        assert set(export.rows["shown_first"].dropna()) <= {"a", "b"}
    data = assemble([export])
    assert data.ledger.rows_read == len(export.rows) + sum(export.set_aside.values())
    assert (data.annotations["label"] >= 0).any()


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_reading_leaves_the_document_as_it_was(reader, form):
    made = document(reader, form)
    before = copy.deepcopy(made.content)
    reader.recognise(made)
    reader.read(made)
    assert _same(made.content, before)


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_reading_twice_gives_the_same(reader, form):
    assert assemble([reader.read(document(reader, form))]).key == assemble([reader.read(document(reader, form))]).key


@pytest.mark.parametrize("reader", ALL, ids=by_name)
@pytest.mark.parametrize(
    "foreign",
    [
        Document(
            name="a.csv",
            shape="table",
            content=pd.DataFrame({"fruit": ["pear"], "price": ["3"]}, dtype="str"),
            extension="csv",
        ),
        Document(name="a.csv", shape="table", content=pd.DataFrame(), extension="csv"),
        Document(name="a.json", shape="records", content=[{"fruit": "pear", "price": 3}], extension="json"),
        Document(name="a.json", shape="records", content=[], extension="json"),
        Document(
            name="a.json",
            shape="records",
            content=[{"data": None, "annotations": None, "projects": 3, "data_row": [], "options": 1, "answer": []}],
            extension="json",
        ),
        Document(
            name="a.xml",
            shape="xml",
            content=ElementTree.fromstring("<list><pair><id>3</id></pair></list>"),
            extension="xml",
        ),
    ],
    ids=["table", "empty table", "records", "no records", "familiar keys, foreign values", "xml"],
)
def test_a_foreign_file_is_not_recognised_and_reading_it_says_so(reader, foreign):
    assert reader.recognise(foreign) == 0.0
    _reads_or_says_why(reader, foreign)


@pytest.mark.parametrize("reader", ALL, ids=by_name)
def test_junk_records_raise_nothing_but_a_readable_error(reader):
    junk = Document(name="junk.json", shape="records", content=copy.deepcopy(JUNK_RECORDS), extension="json")
    assert 0.0 <= reader.recognise(junk) <= 1.0
    _reads_or_says_why(reader, junk)


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_good_records_survive_junk_beside_them(reader, form):
    made = document(reader, form)
    if made.shape != "records":
        pytest.skip("a table or XML file has no records of other types")
    mixed = Document(name=made.name, shape="records", content=[*JUNK_RECORDS, *made.content], extension=made.extension)
    assert len(reader.read(mixed).rows) == len(reader.read(made).rows)


@pytest.mark.parametrize(("reader", "form"), FORMS, ids=by_name)
def test_a_wrong_value_anywhere_raises_nothing_but_a_readable_error(reader, form):
    """Values of wrong types, missing keys and empty cells, at places drawn with a fixed seed."""
    draw = random.Random(f"{reader.NAME} {form}")
    for _ in range(MUTATIONS):
        _reads_or_says_why(reader, mutated(document(reader, form), draw))


def _reads_or_says_why(reader: Reader, made: Document) -> None:
    reader.recognise(made)
    error = _error_of(reader, made)
    assert error is None or (made.name in str(error) and error.remedy), error


def _error_of(reader: Reader, made: Document) -> WorkbenchError | None:
    try:
        assemble([reader.read(made)])
    except WorkbenchError as error:
        return error
    return None


def mutated(made: Document, draw: random.Random) -> Document:
    """The document with one or two values changed."""
    content = copy.deepcopy(made.content)
    for _ in range(draw.choice((1, 1, 2))):
        if made.shape == "xml":
            _mutate_xml(content, draw)
        elif made.shape == "table":
            content = _mutate_table(content, draw)
        else:
            _mutate_records(content, draw)
    return Document(name=made.name, shape=made.shape, content=content, extension=made.extension)


def _mutate_records(content: list[Any], draw: random.Random) -> None:
    places = list(_places(content))
    if not places:
        return
    holder, key = draw.choice(places)
    if isinstance(holder, dict) and draw.random() < 0.3:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(draw.choice(JUNK_VALUES))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in nested lists and dicts where a value stands."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


def _mutate_table(content: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    column = draw.choice(list(content.columns))
    kind = draw.random()
    if kind < 0.25:
        return content.drop(columns=column)
    if kind < 0.4:
        return content.assign(**{column: None})
    texts = [v for v in JUNK_VALUES if isinstance(v, str) and v not in ("", "\ud800")] + [None, "3", "-1.5", "1e999"]
    values = content[column].tolist()
    values[draw.randrange(len(values))] = draw.choice(texts)
    return content.assign(**{column: pd.Series(values, index=content.index, dtype="str")})


def _mutate_xml(root: ElementTree.Element, draw: random.Random) -> None:
    parents = [each for each in root.iter() if len(each)]
    if not parents:
        return
    parent = draw.choice(parents)
    child = draw.choice(list(parent))
    if draw.random() < 0.4:
        parent.remove(child)
    else:
        child.text = draw.choice(["", "x", None, "2026-13-99", "1e999"])


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, pd.DataFrame):
        return one.equals(two)
    if isinstance(one, ElementTree.Element):
        return ElementTree.tostring(one) == ElementTree.tostring(two)
    if isinstance(one, dict):
        return isinstance(two, dict) and list(one) == list(two) and all(_same(one[k], two[k]) for k in one)
    if isinstance(one, list):
        return isinstance(two, list) and len(one) == len(two) and all(map(_same, one, two))
    return one == two or (isinstance(one, float) and math.isnan(one) and math.isnan(two))
