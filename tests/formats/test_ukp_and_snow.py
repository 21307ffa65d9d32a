"""Crowd judgements that researchers published: argument pairs in XML, the standardized tables of Snow et al."""

import pytest
from workbench_corpora import snow, ukp

from tests.formats.reading import codes, labels, opened
from tests.formats.samples import SNOW, UKP, csv, xml
from workbench.dataset.assembly import assemble
from workbench.formats import load
from workbench.formats.files.opening import open_document
from workbench.formats.readers import appen


def pairs(document):
    assert ukp.recognise(document) == 1.0
    return assemble([ukp.read(document)])


def test_one_judgement_an_assignment_argument_one_is_a():
    data = pairs(xml(UKP))
    assert labels(data) == ["A", "="]
    assert data.items[["item_id", "slice.topic", "slice.stance"]].to_numpy().tolist() == [
        ["arg1_arg2", "School uniforms?", "Good"]
    ]
    assert data.item_texts().iloc[0].tolist() == [
        "School uniforms?\n\nA debate",
        "Uniforms save time.",
        "They are fine.",
    ]
    assert [data.scale.labels[g] for g in data.gold] == ["A"]
    assert data.annotations["reason"].iloc[0] == "has a reason"


def test_the_time_is_that_of_the_assignment_and_said_to_be_shared():
    data = pairs(xml(UKP))
    assert data.annotations["seconds"].tolist() == [217.0, 123.0]
    assert data.annotations["batch"].tolist() == ["S1", "S2"]
    assert str(data.annotations["ended_at"].iloc[0]) == "2016-02-19 16:32:15"
    assert {"times-shared", "derived-gold"} <= codes(data)


def test_without_an_assignment_id_the_batch_is_the_hit_of_the_worker():
    assert pairs(xml(UKP.replace("<assignmentId>S1</assignmentId>", ""))).annotations["batch"].tolist() == [
        "H1+W1",
        "S2",
    ]


def test_a_pair_without_gold_has_none_and_one_without_a_text_is_set_aside():
    pair = UKP[UKP.index("<annotatedArgumentPair>") : UKP.index("</list>")]
    without = (
        pair.replace("arg1_arg2", "other").replace("<goldLabel>a1</goldLabel>", "").replace("They are fine.", "No.")
    )
    broken = pair.replace("<text>They are fine.</text>", "")
    data = pairs(xml(f"<list>{pair}{without}{broken}</list>"))
    assert data.gold.tolist() == [0, -1]
    assert data.ledger.set_aside == {"a pair without both arguments": 1}


def test_placeholder_times_are_no_times():
    rows = SNOW + "".join(
        f"{i},W{i},26,1,1,Mon Mar 25 07:39:42 PDT 2019,Mon Mar 25 07:41:05 PDT 2019,h,IR,t\n" for i in range(3, 15)
    )
    data = opened(snow, csv(rows))
    assert data.annotations["seconds"].isna().all()
    assert data.annotations["ended_at"].isna().all()
    assert "no-usable-times" in codes(data)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_labels_are_categories_and_the_item_is_orig_id(separator):
    data = opened(snow, csv(SNOW.replace(",", separator), separator))
    assert (labels(data), data.has_pairs) == (["0", "1"], False)
    assert data.items["item_id"].tolist() == ["25"]
    assert data.gold.tolist() == [0]
    assert data.item_texts()["prompt"].tolist() == ["The film was a winner.\n\nTwo films won."]


def test_rows_without_an_item_are_set_aside_and_contradicting_gold_is_dropped():
    rows = SNOW + "3,W3,,0,0,,,,,\n4,W3,25,0,1,,,,,\n"
    data = opened(snow, csv(rows))
    assert data.ledger.set_aside == {"no orig_id": 1}
    assert data.gold.tolist() == [-1]
    assert "gold-contradicts-itself" in codes(data)


def test_the_real_argument_pairs(real_data):
    paths = sorted((real_data / "ukpconvarg" / "dev").glob("*.xml"))
    data = assemble([ukp.read(open_document(path)) for path in paths], keep_identical=True)
    assert (len(data.items), len(data.annotations), len(data.annotators), int((data.gold >= 0).sum())) == (
        1785,
        8907,
        872,
        1684,
    )
    assignments = data.annotations.drop_duplicates("batch")["seconds"]
    assert (len(assignments), assignments.median(), assignments.min(), assignments.max()) == (5739, 143.0, 18.0, 897.0)
    assert assignments.quantile(0.05) == 45.0


@pytest.mark.parametrize(
    ("task", "rows", "items", "workers", "categories"),
    [
        ("rte", 8000, 800, 164, ("0", "1")),
        ("temp", 4620, 462, 76, ("after", "before")),
        ("wsd", 1770, 177, 34, ("1", "2", "3")),
    ],
)
def test_the_real_crowd_judgements(real_data, task, rows, items, workers, categories):
    data = load(real_data / "snow2008" / f"{task}.standardized.csv")
    assert data.format == "snow"
    assert (len(data.annotations), len(data.items), len(data.annotators), int((data.gold >= 0).sum())) == (
        rows,
        items,
        workers,
        items,
    )
    assert data.scale.labels == categories
    assert data.annotations["seconds"].isna().all()


@pytest.mark.parametrize(
    ("name", "rows", "units", "workers", "distinct"),
    [
        ("binary-choice", 150, 10, 67, 2),
        ("multiple-choice", 150, 10, 67, None),
        ("sparse-multiple-choice", 150, 10, 67, None),
    ],
)
def test_the_real_relation_judgements(real_data, name, rows, units, workers, distinct):
    data = load(real_data / "crowdtruth" / f"relex-{name}.csv")
    assert data.format == appen.NAME
    assert (len(data.annotations), len(data.items), len(data.annotators)) == (rows, units, workers)
    assert distinct is None or len(data.scale) == distinct
    assert data.annotations["seconds"].between(1, 3_600).all()


def test_the_first_real_relation_judgement_took_39_seconds(real_data):
    data = load(real_data / "crowdtruth" / "relex-binary-choice.csv")
    assert data.annotations["seconds"].iloc[0] == 39.0
