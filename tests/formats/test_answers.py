import pytest

from tests.formats.reading import labels, records
from workbench.dataset.assembly import assemble
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest, reads_as_preference, sort_questions


@pytest.mark.parametrize(
    ("answers", "label"),
    [
        ({"helpfulness": ["1", "5"], "preference": ["A", "B"]}, "preference"),
        ({"why": ["left", "right"], "choice": ["left", "tie"]}, "choice"),
        ({"length": ["short", "long"], "q7": ["left", "tie"]}, "q7"),
        ({"overall preference": ["A", "B"], "choice": ["A", "B"]}, "overall preference"),
        ({"why": ["it is shorter"]}, None),
    ],
)
def test_the_label_of_a_comparison_is_the_question_that_names_a_side(answers, label):
    assert sort_questions(answers, sides=True).label == label


def test_the_label_of_single_things_needs_no_sides():
    sorted_ = sort_questions(
        {"comment": ["fine", "bad"], "toxic": ["yes", "no"], "confidence": ["3", "5"]}, sides=False
    )
    assert (sorted_.label, sorted_.reason, sorted_.confidence) == ("toxic", ("comment",), "confidence")
    assert sort_questions({"comment": ["fine", "bad"]}, sides=False).label == "comment"


def test_sentences_that_nobody_gives_twice_are_reasons():
    sentences = [f"the second one explains point {i} at much greater length" for i in range(40)]
    assert sort_questions({"q1": sentences, "q2": ["A", "B"] * 20}, sides=True).reason == ("q1",)


def test_skips_alone_are_no_preferences():
    assert not reads_as_preference(["skip", ""])
    assert reads_as_preference(["skip", "left"])


def harvest(*answers):
    gathered = AnsweredHarvest(records([{}], "x.json"), "x")
    item = gathered.item(item_id="i", response_a="9", response_b="11")
    for n, each in enumerate(answers):
        gathered.answered(item, UNDECIDED, n + 1, each, annotator=f"w{n}")
    return gathered


def test_two_scores_of_one_response_each_make_a_label():
    export = harvest(
        {"rating_a": 3.0, "rating_b": 5.0}, {"rating_a": 4.0, "rating_b": 4.0}, {"rating_a": 4.0, "rating_b": None}
    ).decided()
    data = assemble([export])
    assert labels(data) == ["B", "=", None]
    assert data.annotations["dim.rating_a"].tolist() == [3.0, 4.0, 4.0]
    assert "label-derived" in {f.code for f in data.findings}


def test_gold_that_contradicts_itself_is_no_gold():
    gathered = harvest({"pref": "A"})
    gathered.answered(0, "A", 8, gold="only", annotator="lead")
    gathered.answered(0, "B", 9, gold="only", annotator="chief")
    export = gathered.decided()
    assert export.items["gold"].isna().all()
    assert export.set_aside == {"labels marked as gold, which are no judgements": 2}
    assert "gold-contradicts-itself" in {f.code for f in export.findings}
