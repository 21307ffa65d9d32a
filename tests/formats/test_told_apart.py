"""Columns that tell several judgements of one thing apart are asked about, unless their names say that they number
repeats; so are ids that number what was shown, and labels that stand beside a person or a second answer.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import workbench
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError


def opened(
    folder: Path, header: str, rows: list[tuple[object, ...]], mapping: dict[str, str] | None = None
) -> AnnotationSet:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return workbench.load(folder / "t.csv", mapping=mapping)


def counts(data: AnnotationSet) -> tuple[int, int, int]:
    """Items, people, and judgements that repeat one."""
    return len(data.items), len(data.annotators), int((data.annotations["repeat"] > 0).sum())


def crossed(*columns: object) -> list[tuple[object, ...]]:
    """A row for each combination, with a label that follows none of them."""
    rows = itertools.product(*columns)
    return [(*row, ("good", "bad", "fair")[(7 * i * i + i // 3) % 3]) for i, row in enumerate(rows)]


THINGS = [f"q{i}" for i in range(8)]


@pytest.mark.parametrize(
    ("header", "rows", "named", "item"),
    [
        (
            "question_id,model,rater,score",
            crossed(THINGS, ["north", "south"], ["ann", "bo"]),
            "model",
            "question_id,model",
        ),
        ("item_id,round,annotator,label", crossed(THINGS, ["pilot", "main"], ["ann", "bo"]), "round", "item_id,round"),
        (
            "item_id,question,rater,answer",
            crossed(THINGS, ["polite?", "true?"], ["ann", "bo"]),
            "question",
            "item_id,question",
        ),
        (
            "item_id,criterion,rater,verdict",
            crossed(THINGS, [1, 2, 3], ["ann", "bo"]),
            "criterion",
            "item_id,criterion",
        ),
    ],
)
def test_what_tells_a_person_s_judgements_of_a_thing_apart_is_asked_about(
    tmp_path: Path, header: str, rows: list[tuple[object, ...]], named: str, item: str
) -> None:
    with pytest.raises(WorkbenchError, match=f"'{named}'") as asked:
        opened(tmp_path, header, rows)
    assert item in str(asked.value)
    data = opened(tmp_path, header, rows, {"item": item})
    assert counts(data) == (len(rows) // 2, 2, 0)


def test_a_number_of_repeats_is_no_question(tmp_path: Path) -> None:
    rows = crossed(THINGS, [0, 1], ["ann", "bo"])
    data = opened(tmp_path, "item_id,run,judge,verdict", rows)
    assert counts(data) == (8, 2, 16)


def test_a_condition_beside_a_number_of_repeats_is_found(tmp_path: Path) -> None:
    """Neither of the two tells the judgements apart alone."""
    rows = [row for i, row in enumerate(crossed(THINGS, ["plain", "named", "warned"], [0, 1], ["ann", "bo"])) if i % 7]
    with pytest.raises(WorkbenchError, match="'framing'") as asked:
        opened(tmp_path, "item_id,framing,sample_idx,judge,label", rows)
    assert "item_id,framing" in str(asked.value)


def test_a_language_of_an_item_is_part_of_it(tmp_path: Path) -> None:
    rows = [(i, lang, f"{who}-{lang}", said) for i, lang, who, said in crossed(THINGS, ["de", "fr"], ["ann", "bo"])]
    with pytest.raises(WorkbenchError, match="8 of 8 items have several values of 'language'"):
        opened(tmp_path, "item_id,language,annotator,label", rows)


def test_a_model_is_no_label_though_its_names_end_in_letters(tmp_path: Path) -> None:
    rows = [
        (segment, system, rater, "Minor" if said == "good" else "Major")
        for segment, system, rater, said in crossed(THINGS, ["online-A", "online-B"], ["ann", "bo"])
    ]
    data = opened(tmp_path, "seg_id,system,rater,severity", rows, {"item": "seg_id,system"})
    assert data.scale.labels == ("Minor", "Major")


def test_ids_that_number_what_was_shown_are_asked_about(tmp_path: Path) -> None:
    pairs = [("ea", "xq"), ("df", "qz"), ("ec", "vs"), ("aw", "rw")] * 2
    rows = [(who, n, a, b, (a, b)[(n + len(who)) % 2]) for who in ("u1", "u22") for n, (a, b) in enumerate(pairs)]
    header = "user_id,trial_id,left_stim,right_stim,chosen"
    with pytest.raises(WorkbenchError, match="the same two responses under several ids of 'trial_id'"):
        opened(tmp_path, header, rows)
    said = {"item": "left_stim,right_stim", "response_a": "left_stim", "response_b": "right_stim"}
    data = opened(tmp_path, header, rows, said)
    assert counts(data) == (4, 2, 8)


def test_two_columns_of_labels_beside_a_person_are_asked_about(tmp_path: Path) -> None:
    rows = [(i, who, "abc"[(i + len(who)) % 3], "abc"[(2 * i + len(who)) % 3]) for i in range(9) for who in ("r", "ss")]
    with pytest.raises(WorkbenchError, match="'annotator' may name who gave all of these answers"):
        opened(tmp_path, "item_id,annotator,label_1,label_2", rows)
    data = opened(tmp_path, "item_id,annotator,label_1,label_2", rows, {"label": "label_2", "annotator": "annotator"})
    assert counts(data) == (9, 2, 0)


def test_a_prediction_beside_a_label_is_asked_about(tmp_path: Path) -> None:
    rows = [(i, f"a text with number {i}", ("pos", "neg")[i % 2], ("pos", "neg")[i // 2 % 2]) for i in range(12)]
    with pytest.raises(WorkbenchError, match="'label' and 'prediction' say the same words"):
        opened(tmp_path, "id,text,prediction,label", rows)


def test_what_a_judge_said_is_no_judge(tmp_path: Path) -> None:
    rows = [(i, i % 2 == 0, i % 3 == 0) for i in range(12)]
    data = opened(tmp_path, "id,expected_label,judge_label", rows)
    assert data.rows()["label"].astype(str).tolist() == [str(i % 3 == 0) for i in range(12)]
    assert int((data.gold >= 0).sum()) == 12


def test_people_with_numbers_are_found_without_a_name_for_them(tmp_path: Path) -> None:
    rows = [(s, q, "ABCD"[(s * q + s) % 4]) for s in range(6) for q in range(9)]
    with pytest.raises(WorkbenchError, match="'student' may name it"):
        opened(tmp_path, "student,question_id,choice", rows)


def test_two_columns_that_name_a_thing_together_are_offered(tmp_path: Path) -> None:
    rows = [
        (f"d{i}", c, who, (i + len(c) + len(who)) % 4) for i in range(6) for c in ("x1", "yy2") for who in ("r", "ss")
    ]
    with pytest.raises(WorkbenchError, match="'dok' and 'teil' name it \\(12 items\\)") as asked:
        opened(tmp_path, "dok,teil,rater,score", rows)
    assert "dok,teil" in str(asked.value)


def test_criteria_without_a_label_are_offered_with_how_often_each_value_occurs(tmp_path: Path) -> None:
    rows = [(f"R{i}", 1 + i % 3, 1 + i % 2, "cb") for i in range(12)]
    with pytest.raises(WorkbenchError, match=r"grounding.*\(1 4, 2 4, 3 4\)"):
        opened(tmp_path, "reply_id,grounding,warmth,annotator", rows)


def test_labels_of_places_are_no_judgements(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(
        '{"image": "a.png", "boxes": [{"label": "fox", "bbox": [1, 2, 3, 4]}, {"label": "owl", "bbox": [0, 2]}]}\n'
        '{"image": "b.png", "boxes": [{"label": "fox", "bbox": [5, 2, 3, 4]}]}\n'
    )
    with pytest.raises(WorkbenchError, match="mark parts of things"):
        workbench.load(tmp_path / "t.jsonl")


def test_no_question_names_a_column_that_the_file_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as asked:
        opened(tmp_path, "height,width", [(i * 1.5, i * 2.5) for i in range(5)])
    assert "task_id" not in str(asked.value)


def test_a_question_offers_the_key_that_leaves_nothing_judged_again(tmp_path: Path) -> None:
    rows = [
        (
            f"T{task}-{fault}.json",
            f"K{task}",
            fault,
            readout,
            judge,
            ("yes", "no")[(task + len(judge) + len(readout)) % 2],
        )
        for task in range(5)
        for fault in ("F1", "F2", "none")
        for readout in ("direct", "stepwise")
        for judge in ("north", "south-7b")
    ]
    with pytest.raises(WorkbenchError, match=r"together are what was judged \(30 items\)"):
        opened(tmp_path, "trace_file,task_id,fault_type,readout,judge_id,verdict", rows)


def test_several_questions_of_several_people_are_no_people(tmp_path: Path) -> None:
    rows = [(f"p{i}", "ab"[i % 2], "xy"[i // 2 % 2], "ab"[i // 3 % 2], "xy"[i % 2]) for i in range(12)]
    with pytest.raises(WorkbenchError, match="2 questions and 2 people each") as asked:
        opened(tmp_path, "pair_id,role_coder1,tone_coder1,role_coder2,tone_coder2", rows)
    assert "role_coder1,role_coder2" in str(asked.value)
    data = opened(
        tmp_path, "pair_id,role_coder1,tone_coder1,role_coder2,tone_coder2", rows, {"label": "tone_coder1,tone_coder2"}
    )
    assert counts(data) == (12, 2, 0)


def test_models_compared_under_a_prompt_need_no_other_id(tmp_path: Path) -> None:
    rows = [
        (f"Describe the thing number {i} please", a, b, ("model_a", "model_b", "tie")[(i + len(who)) % 3], who)
        for i in range(6)
        for a, b in (("north", "south"), ("south", "west"))
        for who in ("u1", "u22")
    ]
    data = opened(tmp_path, "prompt,model_a,model_b,winner,user", rows)
    assert (counts(data), data.scale.labels) == ((12, 2, 0), ("A", "=", "B"))


def test_a_name_with_a_shorter_word_in_it_is_not_that_word(tmp_path: Path) -> None:
    """`candidate` is no date, and `sentiment` no time."""
    rows = [(f"t{i}", c, who, 1 + (i + len(c) + len(who)) % 5) for i in range(6) for c in "xyz" for who in ("r", "ss")]
    with pytest.raises(WorkbenchError, match="'candidate'"):
        opened(tmp_path, "task_id,candidate,rater,score", rows)
