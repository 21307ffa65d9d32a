"""Two schools are named and not called random; a file with A and B exchanged is named; one crew is neither."""

from __future__ import annotations

import numpy as np
import pytest

from tests.annotators.people import annotated, crew, mostly, random_letters
from workbench.annotators import flag_annotators, survey
from workbench.annotators.flags import annotator_findings
from workbench.annotators.schools import camps
from workbench.dataset.annotation_set import AnnotationSet

TURNED = str.maketrans("AB", "BA")


def two_schools(where: range, n: int = 300) -> AnnotationSet:
    """Ten people; the last five give the other letter on these items."""
    truth = random_letters(n, 5)
    other = "".join(t.translate(TURNED) if i in where else t for i, t in enumerate(truth))
    labels = {f"p{k}": mostly(truth if k < 5 else other, 0.9, k) for k in range(10)}
    rows = [(f"{i:04d}", name, letter) for name, letters in labels.items() for i, letter in enumerate(letters)]
    data = annotated(rows)
    kind = np.where([int(item) in where for item in data.items["item_id"]], "x", "y")
    data.items["slice.kind"] = kind
    return data


@pytest.mark.parametrize(("where", "place"), [(range(300), ""), (range(90), "kind = x")])
def test_two_schools_are_named_and_nobody_is_random(where: range, place: str) -> None:
    data = two_schools(where)
    found = survey(data)
    (school,) = found.camps.schools
    assert school.place == place
    assert {school.first, school.second} == {(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)}
    assert school.between < 0 < school.within
    assert flag_annotators(found).flagged == ()
    assert found.copies == ()
    said = {f.code: f for f in annotator_findings(found, flag_annotators(found))}
    assert "two schools" in said["schools"].message
    assert len(said["schools"].rows) == 5


def test_one_crew_of_very_different_skill_is_no_two_schools() -> None:
    truth = random_letters(300, 6)
    labels = {f"p{k}": mostly(truth, 0.98 if k < 5 else 0.6, k) for k in range(10)}
    found = camps(crew(labels))
    assert (found.schools, found.swapped, found.camp) == ((), None, None)


def from_files(gold: bool, wrong: str = "two.csv") -> AnnotationSet:
    """Six people over two files with the same items; one file has A and B exchanged."""
    import pandas as pd

    from workbench.dataset.assembly import Export, assemble

    truth = random_letters(120, 7)
    exports = []
    for file, people in (("one.csv", range(3)), ("two.csv", range(3, 6))):
        rows = []
        for k in people:
            letters = mostly(truth, 0.9, k)
            letters = letters.translate(TURNED) if file == wrong else letters
            rows += [(f"{i:04d}", f"p{k}", letter) for i, letter in enumerate(letters)]
        frame = pd.DataFrame(rows, columns=["item_id", "annotator", "label"])
        items = frame[["item_id"]].copy()
        if gold and file == "one.csv":
            items["gold"] = [truth[int(item)] if int(item) < 40 else None for item in frame["item_id"]]
        exports.append(Export(items=items, rows=frame.drop(columns="item_id"), source=file, format="test", sides=True))
    return assemble(exports)


@pytest.mark.parametrize("wrong", ["one.csv", "two.csv"])
def test_the_file_that_is_turned_round_is_named_by_gold(wrong: str) -> None:
    found = survey(from_files(gold=True, wrong=wrong))
    assert found.camps.swapped is not None
    assert found.camps.swapped.files == (wrong,)
    assert found.camps.swapped.against > 0.9 * found.camps.swapped.items
    assert flag_annotators(found).flagged == ()
    assert f"exchanged in {wrong}:" in annotator_findings(found, flag_annotators(found))[0].message


def test_without_gold_both_files_are_named() -> None:
    swapped = camps(from_files(gold=False)).swapped
    assert swapped is not None
    assert swapped.files == ("one.csv", "two.csv")
    assert camps(from_files(gold=True, wrong="neither")).swapped is None
